"""Pictures of models say what they draw, and refuse what does not fit."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from utils.plots import charts, models


@pytest.fixture
def told(monkeypatch):
    """The descriptions of the pictures that were shown."""
    descriptions = []
    for module in (charts, models):
        monkeypatch.setattr(module, "show", lambda figure, alt: descriptions.append(alt))
    yield descriptions
    plt.close("all")


def test_the_diagram_names_body_and_head(told):
    models.body_and_head_diagram()
    assert "frame named body" in told[0] and "frame named head" in told[0]


def test_hidden_states_say_where_padding_begins(told):
    models.hidden_state_maps(np.zeros((2, 3, 4)), ["a b c", "a"], np.array([[1, 1, 1], [1, 0, 0]]))
    assert told[0].startswith("2 pictures, one for each text, of 3 rows (tokens) and 4 columns")
    assert "3, 1 rows belong to tokens" in told[0]


def test_hidden_states_must_fit_the_texts(told):
    with pytest.raises(ValueError, match="do not fit each other"):
        models.hidden_state_maps(np.zeros((2, 3, 4)), ["a"], np.ones((2, 3)))


def test_shares_add_up(told):
    models.parameter_shares({"embedding": 3, "layers": 1})
    assert told == ["Bars, shares of the parameters: embedding 0.75, layers 0.25."]


@pytest.mark.parametrize(
    ("matrix", "words"),
    [
        (np.ones((3, 3)), "each token changes with each"),
        (np.tril(np.ones((3, 3))), "no token changes with a later one"),
        (np.eye(3), "3 of 9 fields are bright"),
    ],
)
def test_who_changes_is_said_in_words(told, matrix, words):
    models.changed_tokens({"model": matrix}, ["a", "b", "c"])
    assert words in told[0]


def test_changed_tokens_must_fit_the_words(told):
    with pytest.raises(ValueError, match="does not fit 2 words"):
        models.changed_tokens({"model": np.ones((3, 3))}, ["a", "b"])
