"""Figures of decoders compared: every curve and dot is where its number says, in the decoder's own look."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from PIL import Image

from utils.plots import decoders as decoder_plots
from utils.plots.decoders import LOOKS, decoder_curves, intervals, strips_read


@pytest.fixture
def shown(monkeypatch):
    """The figures that were shown, with their descriptions, still open."""
    figures = []
    monkeypatch.setattr(decoder_plots, "show", lambda figure, alt: figures.append((figure, alt)))
    yield figures
    plt.close("all")


def test_a_curve_for_each_decoder(shown):
    curves = {"german": {0: 0.9, 50: 0.4}, "reader": {0: 0.05, 50: 0.04}}
    decoder_curves({"500 lines": curves, "8,000 lines": curves}, ["error", "error"], alt="two", log=True)
    ((figure, alt),) = shown
    left, right = figure.axes
    assert alt == "two" and left.get_yscale() == "log"
    assert [list(line.get_ydata()) for line in right.lines] == [[0.05, 0.04], [0.9, 0.4]]
    assert [line.get_color() for line in left.lines] == [LOOKS["reader"][1], LOOKS["german"][1]]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["the reader's own", "German"]
    assert (left.get_ylabel(), right.get_ylabel()) == ("error", "")


def test_different_measures_have_axes_of_their_own(shown):
    decoder_curves({"a": {"none": {0: 1.0}}, "b": {"none": {0: 50.0}}}, ["error", "years"], alt="x")
    left, right = shown[0][0].axes
    assert (left.get_ylabel(), right.get_ylabel()) == ("error", "years")
    assert left.get_ylim() != right.get_ylim()
    with pytest.raises(ValueError, match="1 labels for 2 panels"):
        decoder_curves({"a": {}, "b": {}}, ["error"], alt="x")


def test_every_dot_has_its_interval(shown):
    table = pd.DataFrame({"value": [0.2, 3.0], "low": [0.1, 2.5], "high": [0.4, 4.0]}, index=["no decoder", "mixed"])
    intervals({"read": table, "age": table}, "error", alt="x", line=1, log=True)
    axes = shown[0][0].axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["no decoder", "mixed"]
    assert [text.get_text() for text in axes.texts] == ["0.20", "3.00"]
    (dot, _, (bar,)), *_ = axes.containers
    assert (dot.get_xdata()[0], dot.get_color()) == (0.2, LOOKS["none"][1])
    assert bar.get_segments()[0][:, 0] == pytest.approx([0.1, 0.4])
    assert axes.lines[-1].get_xdata()[0] == 1 and axes.get_xscale() == "log"
    with pytest.raises(ValueError, match="same index"):
        intervals({"a": table, "b": table[:1]}, "x", alt="x")


@pytest.mark.parametrize(("low", "left"), [(0.1, 0), (-0.1, -0.1)])
def test_differences_below_zero_are_not_cut_off(shown, low, left):
    intervals({"a": pd.DataFrame({"value": [0.2], "low": [low], "high": [0.4]})}, "x", alt="x")
    assert shown[0][0].axes[0].get_xlim()[0] <= left


def test_every_strip_has_its_letter(shown):
    strips_read(Image.new("L", (96, 12), 255), ["a", "·", " "], alt="x")
    texts = shown[0][0].axes[0].texts
    assert [text.get_text() for text in texts] == ["a", "·", "␣"]
    assert [text.get_position()[0] for text in texts] == [16, 48, 80]
