"""Figures of the lesson on ages: they show the numbers that they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from utils.data import results
from utils.plots import age as age_plots


@pytest.fixture
def figure(monkeypatch):
    """The figure that was shown last, with its description."""
    figures = []
    monkeypatch.setattr(age_plots, "show", lambda figure, alt: figures.append((figure, alt)))
    yield lambda: figures[-1]
    plt.close("all")


def test_decades_are_counted(figure):
    age_plots.age_histogram({"train": np.array([8, 12, 14, 85]), "test": np.array([13])})
    shown, alt = figure()
    heights = [bar.get_height() for bar in shown.axes[0].patches]
    assert "from 8 to 85 years, in train, test: 1, 3, 0," in alt and sum(heights) == 5 and max(heights) == 2


def test_means_by_decade():
    ages, means, errors = age_plots.by_decade(np.array([11, 13, 89, 90]), np.array([1.0, 3.0, 5.0, 5.0]))
    assert ages.tolist() == [12, 89.5] and means.tolist() == [2, 5]
    assert errors == pytest.approx([1 / np.sqrt(2), 0])


def test_a_panel_for_each_feature(figure):
    table = pd.DataFrame({"height": [1.0, 2.0, 3.0], "slant": [0.0, 0.0, 0.1]})
    age_plots.features_by_age(table, np.array([10, 30, 60]), ["height", "slant"])
    shown, alt = figure()
    assert [panel.get_title() for panel in shown.axes] == ["height", "slant"]
    assert "height from 1 for the youngest to 3 for the oldest" in alt


def test_the_cheapest_answers_are_marked(figure):
    age_plots.cost_curves([10, 20, 30], np.array([[1.0, 5], [2, 4], [3, 6]]), [0.1, 0.5])
    shown, alt = figure()
    assert "Cheapest are 10 for the quantile 0.1, 20 for the quantile 0.5." in alt
    assert [line.get_label() for line in shown.axes[0].lines[::2]] == ["quantile 0.1", "quantile 0.5"]
    assert [text.get_text() for text in shown.axes[0].texts] == ["10", "20"]


def test_a_line_for_each_encoder(figure):
    table = results("writer_age_layers")
    age_plots.layer_curves(table)
    shown, alt = figure()
    left, right = shown.axes
    assert "hands 0.81 and 15.1" in alt
    names = table["encoder"].unique().tolist()
    assert [line.get_label() for line in left.lines] == names and len(right.lines) == len(names)
    assert left.lines[1].get_ydata().tolist() == table[table["encoder"] == names[1]]["same_writer"].tolist()


def test_starts_with_all_sizes_are_drawn_and_marks_lie_across(figure):
    rows = [
        ("number", "scratch", 250, 18.0), ("number", "scratch", 2000, 17.0), ("number", "whole", 2000, 13.0),
        ("frozen", "reader", 250, 15.0), ("frozen", "reader", 2000, 14.0), ("frozen", "scratch", 250, 16.0),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["way", "start", "writers", "error_five_lines"])
    table["low"], table["high"] = table["error_five_lines"] - 1, table["error_five_lines"] + 2
    age_plots.start_curves(table, {"the median": 20.0})
    shown, alt = figure()
    axes = shown.axes[0]
    assert "scratch 18.0, 17.0; reader, frozen 15.0, 14.0. Dashed: the median 20.0" in alt
    assert axes.get_legend_handles_labels()[1] == ["scratch", "reader, frozen"]
    assert [text.get_text() for text in axes.texts] == ["the median"]
    assert axes.get_ylim()[1] > 20


def test_the_error_by_number_of_lines(figure):
    age_plots.error_by_lines([14, 12])
    shown, alt = figure()
    assert shown.axes[0].lines[0].get_ydata().tolist() == [14, 12] and "14.0, 12.0 years" in alt


def test_answers_over_ages(figure):
    ages = pd.Series([10.0, 12, 50, 80], index=[5, 6, 7, 8])
    age_plots.answers_by_age(ages, ages / 2 + 25)
    shown, alt = figure()
    lines = shown.axes[0].lines
    assert lines[0].get_ydata().tolist() == [30, 31, 50, 65]
    assert lines[2].get_ydata().tolist() == [30.5, 50, 65]
    assert "from 30 for those of 11 to 65 for those of 80" in alt


def test_a_strip_of_colour_below_each_line(figure):
    lines = [Image.new("L", (96, 12), 200)] * 2
    age_plots.strips_below(lines, np.arange(48).reshape(2, 24), ["one", "two"])
    panels = figure()[0].axes
    assert [panel.get_title(loc="left") for panel in panels] == ["one", "", "two", ""]
    assert panels[3].images[0].get_array().tolist() == [list(range(24, 48))]
    with pytest.raises(ValueError, match="2 pictures, 1 rows of weights"):
        age_plots.strips_below(lines, np.ones((1, 24)), ["one", "two"])
