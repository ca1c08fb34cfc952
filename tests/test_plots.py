"""Figures carry a description, and a matrix must fit its names."""

from base64 import b64decode

import matplotlib.pyplot as plt
import pytest

from utils.plots import charts


def test_a_figure_without_description_is_refused():
    figure, _ = plt.subplots()
    with pytest.raises(ValueError, match="needs a description"):
        charts.show(figure, alt=" ")


def test_the_description_goes_with_the_picture(monkeypatch):
    shown = []
    monkeypatch.setattr(charts, "display", lambda data, metadata, raw: shown.append((data, metadata)))
    charts.heatmap([[0, 1], [1, 0]], ["a", "b"], ["c", "d"], alt="two by two")
    ((data, metadata),) = shown
    assert data["text/plain"] == metadata["image/png"]["alt"] == "two by two"
    assert b64decode(data["image/png"]).startswith(b"\x89PNG")


def test_few_colours_make_a_smaller_picture(monkeypatch):
    shown = []
    monkeypatch.setattr(charts, "display", lambda data, metadata, raw: shown.append(b64decode(data["image/png"])))
    for colours in (0, 32):
        figure, axes = plt.subplots()
        axes.text(0.5, 0.5, "letters", color=charts.COLOURS[0])
        charts.show(figure, alt="a word", colours=colours)
    full, small = shown
    assert small.startswith(b"\x89PNG")
    assert len(small) < len(full) / 2


def test_a_matrix_must_fit_its_names():
    with pytest.raises(ValueError, match="do not fit 1 row and 2 column"):
        charts.heatmap([[0, 1], [1, 0]], ["a"], ["c", "d"], alt="x")


def test_dots_describe_themselves(monkeypatch):
    shown = []
    monkeypatch.setattr(charts, "display", lambda data, metadata, raw: shown.append(data["text/plain"]))
    charts.dots({"a": [0.1, 0.3], "b": [0.5]}, xlabel="share", dashed=0.5)
    assert shown == ["Means of share: a 0.20, b 0.50."]
