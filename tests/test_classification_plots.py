"""What the pictures of lesson 08 show: bars, dots and counts; and tables that do not fit are refused."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from utils.plots import classification as classification_plots
from utils.plots import pictures as picture_plots
from utils.plots.classification import (
    confusion_matrices,
    difference_intervals,
    interval_bars,
    seed_bars,
    show_answers,
    show_styles,
)


@pytest.fixture
def shown(monkeypatch):
    """The figures that were shown, still open."""
    figures = []
    for module in (classification_plots, picture_plots):
        monkeypatch.setattr(module, "show", lambda figure, alt: figures.append(figure))
    yield figures
    plt.close("all")


def table(*names: str) -> pd.DataFrame:
    return pd.DataFrame({"accuracy": 0.5, "low": 0.4, "high": 0.7}, index=list(names))


def test_every_bar_has_its_length_and_every_seed_its_dot(shown):
    with_seeds = table("a", "b").assign(seeds=[[0.4, 0.6], [0.5, 0.5]])
    interval_bars({"drawings": table("a", "b"), "photographs": with_seeds}, alt="x", chance=0.1)
    left, right = shown[0].axes
    assert [bar.get_width() for bar in left.patches] == [0.5, 0.5]
    dots = [line for line in right.lines if line.get_marker() == "o"]
    assert [list(line.get_xdata()) for line in dots] == [[0.4, 0.6], [0.5, 0.5]]
    assert [label.get_text() for label in left.get_yticklabels()] == ["a", "b"]


def test_bars_of_different_names_are_refused(shown):
    with pytest.raises(ValueError, match="same index"):
        interval_bars({"one": table("a", "b"), "other": table("b", "a")}, alt="x")


def test_a_confusion_matrix_counts_true_in_rows_and_predicted_in_columns(shown):
    confusion_matrices([0, 0, 1, 2], {"frozen": [0, 1, 1, 1]}, ["x", "y", "z"], alt="x")
    (panel,) = shown[0].axes
    assert panel.images[0].get_array().tolist() == [[1, 1, 0], [0, 1, 0], [0, 1, 0]]


def test_predictions_must_be_as_many_as_pictures(shown):
    with pytest.raises(ValueError, match="frozen: 1 predictions for 2 pictures"):
        confusion_matrices([0, 1], {"frozen": [0]}, ["x", "y"], alt="x")


def test_the_animal_and_the_answer_stand_above_each_picture(shown):
    picture = np.zeros((2, 2, 3))
    show_answers([picture, picture], [0, 1], [1, 1], ["fox", "owl"], alt="x")
    assert [panel.get_title() for panel in shown[0].axes] == ["fox:\nowl", "owl:\nowl"]
    with pytest.raises(ValueError, match="shorter"):
        show_answers([picture, picture], [0, 1], [1], ["fox", "owl"], alt="x")


def test_each_class_is_a_row_and_each_style_a_column_with_its_first_picture(shown):
    pictures = {"train": [np.full((2, 2, 3), value) for value in (0.0, 0.2, 0.3)],
                "test": [np.full((2, 2, 3), value) for value in (0.6, 0.8)]}  # fmt: skip
    labels = {"train": [0, 1, 1], "test": [1, 0]}
    styles = {"train": ["noto"] * 3, "test": ["open-moji"] * 2}
    show_styles([pictures, labels, styles], ["owl", "fox"], ["fox", "owl"], alt="x")
    panels = shown[0].axes
    assert [panel.get_title() for panel in panels] == ["noto", "open\nmoji", "", ""]
    assert [float(panel.images[0].get_array()[0, 0, 0]) for panel in panels] == [0.2, 0.6, 0.0, 0.8]


def test_a_class_that_a_style_does_not_have_is_refused(shown):
    columns = [
        {"train": [np.zeros((2, 2, 3))], "test": []},
        {"train": [0], "test": []},
        {"train": ["noto"], "test": []},
    ]
    with pytest.raises(ValueError, match="no owl in the style noto"):
        show_styles(columns, ["owl"], ["fox", "owl"], alt="x")


def test_seeds_become_a_mean_an_interval_and_dots(shown):
    index = pd.MultiIndex.from_product([["frozen", "random"], [0, 1]])
    seed_bars({"drawings": pd.Series([0.4, 0.6, 0.1, 0.3], index)}, {"drawings": 20}, alt="x")
    (panel,) = shown[0].axes
    assert [round(bar.get_width(), 2) for bar in panel.patches] == [0.5, 0.2]
    low, high = panel.collections[0].get_segments()[0][:, 0]
    assert (round(low, 2), round(high, 2)) == (0.3, 0.7)
    assert [len(line.get_xdata()) for line in panel.lines if line.get_marker() == "o"] == [2, 2]


def test_a_difference_stands_at_its_place_with_its_interval(shown):
    pairs = pd.DataFrame({"difference": [0.2, -0.1], "low": [0.1, -0.3], "high": [0.3, 0.1]}, index=["a", "b"])
    difference_intervals(pairs, alt="x")
    (panel,) = shown[0].axes
    assert [label.get_text() for label in panel.get_yticklabels()] == ["a", "b"]
    segments = panel.collections[0].get_segments()
    assert np.allclose([segment[:, 0] for segment in segments], [[0.1, 0.3], [-0.3, 0.1]])
    assert panel.get_ylim() == (1.5, -0.5)  # the first row is on top
