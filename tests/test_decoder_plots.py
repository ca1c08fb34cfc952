"""Figures of decoders compared: every curve and dot is where its number says, in the decoder's own look."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from PIL import Image

from utils.plots import decoders as decoder_plots
from utils.plots.decoders import LOOKS, NAMES, intervals, live_race, long_race, strips_read


@pytest.fixture
def shown(monkeypatch):
    """The figures that were shown, with their descriptions, still open."""
    figures = []
    monkeypatch.setattr(decoder_plots, "show", lambda figure, alt: figures.append((figure, alt)))
    yield figures
    plt.close("all")


def test_every_decoder_of_the_recipe_has_a_look():
    assert set(NAMES.values()) == set(LOOKS)


def test_a_curve_for_each_decoder(shown):
    rows = [("German texts", 0, 0.9), ("German texts", 50, 0.4), ("original", 0, 0.05), ("original", 50, 0.04)]
    table = pd.concat(
        pd.DataFrame(rows, columns=["decoder", "step", "error"]).assign(lines=lines) for lines in (500, 8000)
    )
    long_race(table, "error", log=True)
    ((figure, alt),) = shown
    left, right = figure.axes
    assert left.get_yscale() == "log" and (left.get_title(), right.get_title()) == ("500 lines", "8,000 lines")
    assert [list(line.get_ydata()) for line in right.lines] == [[0.05, 0.04], [0.9, 0.4]]
    assert [line.get_color() for line in left.lines] == [LOOKS["original"][0], LOOKS["German texts"][0]]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["original", "German texts"]
    assert (left.get_ylabel(), right.get_ylabel()) == ("error", "")
    assert "500 lines: German texts 0.4, original 0.04" in alt


def test_losses_and_what_a_wrong_picture_costs_have_axes_of_their_own(shown):
    live_race(
        {"untrained": {0: {"right picture": 4.0, "another's": 4.0}, 20: {"right picture": 3.0, "another's": 5.0}}}
    )
    ((figure, alt),) = shown
    left, right = figure.axes
    assert [list(axes.lines[0].get_ydata()) for axes in (left, right)] == [[4, 3], [0, 2]]
    assert (left.get_ylabel(), right.get_ylabel()) == ("loss", "difference of losses")
    assert left.get_ylim()[0] == 0 and left.get_ylim() != right.get_ylim()
    assert "starts at: untrained 4" in alt and "least for untrained" in alt


def test_every_dot_has_its_interval(shown):
    table = pd.DataFrame({"value": [0.2, 3.0], "low": [0.1, 2.5], "high": [0.4, 4.0]}, index=["no decoder", "mixed"])
    intervals({"read": table, "age": table}, "error", line=1, log=True)
    axes = shown[0][0].axes[0]
    assert "read: no decoder 0.20 (0.10 to 0.40)" in shown[0][1]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["no decoder", "mixed"]
    assert [text.get_text() for text in axes.texts] == ["0.20", "3.00"]
    (dot, _, (bar,)), *_ = axes.containers
    assert (dot.get_xdata()[0], dot.get_color()) == (0.2, LOOKS["no decoder"][0])
    assert bar.get_segments()[0][:, 0] == pytest.approx([0.1, 0.4])
    assert axes.lines[-1].get_xdata()[0] == 1 and axes.get_xscale() == "log"
    with pytest.raises(ValueError, match="same index"):
        intervals({"a": table, "b": table[:1]}, "x")


@pytest.mark.parametrize(("low", "left"), [(0.1, 0), (-0.1, -0.1)])
def test_differences_below_zero_are_not_cut_off(shown, low, left):
    intervals({"a": pd.DataFrame({"value": [0.2], "low": [low], "high": [0.4]})}, "x")
    assert shown[0][0].axes[0].get_xlim()[0] <= left


def test_every_strip_has_its_letter(shown):
    strips_read(Image.new("L", (96, 12), 255), ["a", "·", " "])
    texts = shown[0][0].axes[0].texts
    assert [text.get_text() for text in texts] == ["a", "·", "␣"]
    assert [text.get_position()[0] for text in texts] == [16, 48, 80]
