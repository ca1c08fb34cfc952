"""Pictures of attention and of layers: they say what they draw, on one scale, and what does not fit is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from utils.plots import attention, charts, layers


@pytest.fixture
def shown(monkeypatch):
    """The figures that were shown, with their descriptions, still open."""
    figures = []
    for module in (attention, charts, layers):
        monkeypatch.setattr(module, "show", lambda figure, alt: figures.append((figure, alt)))
    yield figures
    plt.close("all")


def test_a_map_says_who_looks_at_whom(shown):
    attention.attention_map([[0.9, 0.1], [0.3, 0.7]], ["he", "ran"], "one head")
    ((figure, alt),) = shown
    axes = figure.axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_title()) == ("looks at", "looks from", "one head")
    assert [text.get_text() for text in axes.texts] == ["0.90", "0.10", "0.30", "0.70"]
    assert alt == "Attention weights: one head. he most at he (0.90); ran most at ran (0.70)."


def test_rows_may_have_names_of_their_own(shown):
    attention.attention_map(torch.eye(2, 3), ["a", "b", "c"], rows=range(2), row_title="layer")
    assert [label.get_text() for label in shown[0][0].axes[0].get_yticklabels()] == ["0", "1"]
    with pytest.raises(ValueError, match="do not fit 2 rows and 2 tokens"):
        attention.attention_map(np.eye(3), ["a", "b"])


def test_maps_side_by_side_share_one_scale(shown):
    attention.attention_maps({"first": np.eye(2) / 2, "second": np.eye(2)}, ["a", "b"])
    ((figure, alt),) = shown
    assert {axes.images[0].get_clim() for axes in figure.axes[:2]} == {(0, 1)}
    assert figure.axes[0].get_ylabel() == "looks from" and figure.axes[1].get_xlabel() == "looks at"
    assert alt == "2 attention maps. first: a most at a, b most at b. second: a most at a, b most at b."


def test_the_arrow_goes_from_word_to_word(shown):
    attention.looking_back({"I saw it.": ("it", "saw")})
    ((figure, alt),) = shown
    (arrow,) = [text for text in figure.axes[0].texts if not text.get_text()]
    assert (arrow.xy[0], arrow.xyann[0]) == (3.5, 7)  # the middle of the words, in letters
    assert alt == "An arrow in each sentence: 'I saw it.' From it to saw."
    with pytest.raises(ValueError, match="'it' or 'her' is not a word of"):
        attention.looking_back({"I saw it.": ("it", "her")})


def test_arrows_say_where_they_end(shown):
    attention.arrows({"bank": torch.tensor([1.0, 0.25])}, "finance", "water")
    assert shown[0][1] == "Arrows from the origin, finance to the right and water upwards: bank (1.00, 0.25)."


def test_the_curves_show_the_mean_and_who_is_stuck(shown):
    attention.largest_weight_curves({"divided": {4: torch.tensor([0.2, 1.0]), 8: torch.tensor([0.1, 0.3])}})
    ((figure, alt),) = shown
    means, shares = (list(axes.lines[0].get_ydata()) for axes in figure.axes)
    assert means == pytest.approx([0.6, 0.2]) and shares == [0.5, 0]
    assert "mean of the largest weight, divided: 0.60 at 4, 0.20 at 8" in alt


def texts(figure) -> str:
    return " ".join(text.get_text() for text in figure.axes[0].texts).replace("\n", " ")


def test_the_diagram_of_a_query_names_the_words(shown):
    layers.query_key_value_diagram(["money", "bank"], "bank")
    ((figure, alt),) = shown
    assert "query of bank" in texts(figure) and "new bank" in texts(figure)
    assert "words money, bank" in alt and "the new bank" in alt


def test_the_diagrams_hold_the_parts_in_their_order(shown):
    layers.heads_diagram(width=8, heads=4)
    layers.layer_diagram()
    layers.encoder_decoder_diagram()
    assert len(shown) == 3
    strips, layer, both = (alt for _, alt in shown)
    assert "4 strips of 2 columns" in strips
    assert texts(shown[1][0]).count("Layer- Norm") == 2 and "attention of 12 heads" in layer
    assert "cross-attention" in texts(shown[2][0]) and "keys, values" in both
