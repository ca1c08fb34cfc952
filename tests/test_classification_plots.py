"""What the pictures for classifiers show: bars, dots and counts; and tables that do not fit are refused."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch

from utils.plots import charts, pictures
from utils.plots import classification as classification_plots
from utils.plots.classification import (
    accuracy_bars,
    confusion_matrices,
    difference_intervals,
    interval_bars,
    learning_curves,
    seed_bars,
    show_answers,
    show_mistakes,
    show_styles,
    show_variations,
    two_ways_diagram,
)


@pytest.fixture
def shown(monkeypatch):
    """The figures that were shown, still open, with their descriptions."""
    figures = []
    for module in (classification_plots, pictures, charts):
        monkeypatch.setattr(module, "show", lambda figure, alt: figures.append((figure, alt)))
    yield figures
    plt.close("all")


def table(*names: str) -> pd.DataFrame:
    return pd.DataFrame({"accuracy": 0.5, "low": 0.4, "high": 0.7}, index=list(names))


def test_one_body_is_frozen_and_one_learns(shown):
    two_ways_diagram()
    words = [text.get_text() for text in shown[0][0].axes[0].texts]
    assert words.count("frozen") == 1 and words.count("learns") == 3


def test_every_bar_has_its_length_and_every_seed_its_dot(shown):
    with_seeds = table("a", "b").assign(seeds=[[0.4, 0.6], [0.5, 0.5]])
    interval_bars({"drawings": table("a", "b"), "photographs": with_seeds}, chance=0.1)
    left, right = shown[0][0].axes
    assert [bar.get_width() for bar in left.patches] == [0.5, 0.5]
    dots = [line for line in right.lines if line.get_marker() == "o"]
    assert [list(line.get_xdata()) for line in dots] == [[0.4, 0.6], [0.5, 0.5]]
    assert [label.get_text() for label in left.get_yticklabels()] == ["a", "b"]


def test_bars_of_different_names_are_refused(shown):
    with pytest.raises(ValueError, match="same index"):
        interval_bars({"one": table("a", "b"), "other": table("b", "a")})


def test_an_accuracy_gets_the_interval_of_its_pictures(shown):
    accuracy_bars({"test": {"frozen": 0.5}}, pictures=20)
    figure, alt = shown[0]
    low, high = figure.axes[0].collections[0].get_segments()[0][:, 0]
    assert (round(low, 2), round(high, 2)) == (0.3, 0.7)
    assert "frozen 0.5" in alt


def test_a_learning_curve_has_a_line_for_each_data_set(shown):
    learning_curves({1: {"training": (3.0, 0.1), "validation": (3.1, 0.2)},
                     4: {"training": (2.0, 0.5), "validation": (2.5, 0.4)}})  # fmt: skip
    loss, accuracy = shown[0][0].axes
    assert [list(line.get_ydata()) for line in loss.lines] == [[3.0, 2.0], [3.1, 2.5]]
    assert [list(line.get_ydata()) for line in accuracy.lines] == [[0.1, 0.5], [0.2, 0.4]]


def test_a_confusion_matrix_counts_true_in_rows_and_predicted_in_columns(shown):
    confusion_matrices([0, 0, 1, 2], {"frozen": [0, 1, 1, 1]}, ["x", "y", "z"])
    (panel,) = shown[0][0].axes
    assert panel.images[0].get_array().tolist() == [[1, 1, 0], [0, 1, 0], [0, 1, 0]]


def test_predictions_must_be_as_many_as_pictures(shown):
    with pytest.raises(ValueError, match="frozen: 1 predictions for 2 pictures"):
        confusion_matrices([0, 1], {"frozen": [0]}, ["x", "y"])


def test_the_animal_and_the_answer_stand_above_each_picture(shown):
    picture = np.zeros((2, 2, 3))
    show_answers([picture, picture], [0, 1], [1, 1], ["fox", "owl"])
    assert [panel.get_title() for panel in shown[0][0].axes] == ["fox:\nowl", "owl:\nowl"]
    with pytest.raises(ValueError, match="shorter"):
        show_answers([picture, picture], [0, 1], [1], ["fox", "owl"])


def test_only_mistakes_are_shown_and_not_too_many(shown):
    picture = np.zeros((2, 2, 3))
    show_mistakes([picture] * 4, torch.tensor([0, 1, 1, 0]), torch.tensor([0, 0, 0, 1]), ["fox", "owl"], most=2)
    assert [panel.get_title() for panel in shown[0][0].axes] == ["owl:\nfox", "owl:\nfox"]


def test_each_class_is_a_row_and_each_style_a_column_with_its_first_picture(shown):
    pictures = {"train": [np.full((2, 2, 3), value) for value in (0.0, 0.2, 0.3)],
                "test": [np.full((2, 2, 3), value) for value in (0.6, 0.8)]}  # fmt: skip
    labels = {"train": [0, 1, 1], "test": [1, 0]}
    styles = {"train": ["noto"] * 3, "test": ["open-moji"] * 2}
    show_styles(pictures, labels, styles, ["fox", "owl"], ["owl", "fox"])
    panels = shown[0][0].axes
    assert [panel.get_title() for panel in panels] == ["noto", "open\nmoji", "", ""]
    assert [float(panel.images[0].get_array()[0, 0, 0]) for panel in panels] == [0.2, 0.6, 0.0, 0.8]


def test_a_class_that_a_style_does_not_have_is_refused(shown):
    one = {"train": [np.zeros((2, 2, 3))], "test": []}, {"train": [0], "test": []}, {"train": ["noto"], "test": []}
    with pytest.raises(ValueError, match="no owl in the style noto"):
        show_styles(*one, ["fox", "owl"], ["owl"])


def test_a_row_has_the_picture_and_then_its_variations(shown):
    show_variations(torch.full((2, 3, 4, 4), 0.5), lambda picture: picture / 2, times=2)
    panels = shown[0][0].axes
    assert [float(panel.images[0].get_array()[0, 0, 0]) for panel in panels] == [0.5, 0.25, 0.25] * 2
    assert [panel.get_title() for panel in panels[:4]] == ["as it is", "changed", "changed", ""]


def test_seeds_become_a_mean_an_interval_and_dots_the_lowest_on_top(shown):
    index = pd.MultiIndex.from_product([["frozen", "random"], [0, 1]])
    seed_bars(pd.DataFrame({"drawings": [0.4, 0.6, 0.1, 0.3]}, index), {"drawings": 20})
    (panel,) = shown[0][0].axes
    assert [label.get_text() for label in panel.get_yticklabels()] == ["random", "frozen"]
    assert [round(bar.get_width(), 2) for bar in panel.patches] == [0.2, 0.5]
    low, high = panel.collections[0].get_segments()[1][:, 0]
    assert (round(low, 2), round(high, 2)) == (0.3, 0.7)
    assert [len(line.get_xdata()) for line in panel.lines if line.get_marker() == "o"] == [2, 2]


def test_a_difference_stands_at_its_place_with_its_interval(shown):
    pairs = pd.DataFrame({"one": ["a", "b"], "other": ["x", "y"], "difference": [0.2, -0.1],
                          "low": [0.1, -0.3], "high": [0.3, 0.1]})  # fmt: skip
    difference_intervals(pairs)
    figure, alt = shown[0]
    (panel,) = figure.axes
    assert [label.get_text() for label in panel.get_yticklabels()] == ["a − x", "b − y"]
    segments = panel.collections[0].get_segments()
    assert np.allclose([segment[:, 0] for segment in segments], [[0.1, 0.3], [-0.3, 0.1]])
    assert panel.get_ylim() == (1.5, -0.5)  # the first row is on top
    assert alt.endswith("0 lies outside for: a − x.")
