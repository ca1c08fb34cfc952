"""Figures of handwriting: they are drawn where they belong, and what does not fit is refused."""

import numpy as np
import pytest
from PIL import Image

from utils.handwriting.writers import Writer
from utils.plots import reading as reading_plots


def test_compared_lines_are_described_in_words(shown):
    reading_plots.compare_lines([np.zeros((20, 50))], ["No"], ["Na"])
    ((figure, alt),) = shown
    assert figure.axes[0].get_title(loc="left") == "No\nNa"
    assert "'No' is read as 'Na'" in alt
    with pytest.raises(ValueError, match="not the same"):
        reading_plots.compare_lines([np.zeros((20, 50))], ["No"], ["Na", "b"])


def test_lines_stand_in_rows_on_one_scale(shown):
    pictures = [Image.new("L", (100, 20), 255), np.zeros((20, 50)), np.zeros((20, 80))]
    reading_plots.show_lines(pictures, ["a", "b", "c"], alt="three")
    reading_plots.show_lines(pictures, ["a", "b", "c"], written=["A", "B", "C"], alt="three")
    (figure, alt), (second, _) = shown
    assert alt == "three"
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["a", "b", "c", ""]
    assert second.axes[1].get_title(loc="left") == "B\nb"
    assert {axes.get_xlim() for axes in figure.axes[:3]} == {(0, 100)}


@pytest.mark.parametrize("wrong", [{"read": ["a"]}, {"read": ["a", "b"], "written": ["a"]}])
def test_as_many_texts_as_lines(wrong):
    with pytest.raises(ValueError, match="not the same"):
        reading_plots.show_lines([np.zeros((20, 50))] * 2, alt="x", **wrong)


def test_the_weights_lie_under_the_places_that_they_belong_to(shown):
    reading_plots.attention_over_line(Image.new("L", (96, 12)), ["a", " "], np.eye(2, 24))
    ((figure, alt),) = shown
    assert "pixel 2 for 'a'" in alt and "at 6 for ' '" in alt
    above, below = figure.axes
    assert above.get_xlim() == below.get_xlim() == (0, 96)
    assert [label.get_text() for label in below.get_yticklabels()] == ["a", "space"]
    with pytest.raises(ValueError, match="3 rows of weights for 2 letters"):
        reading_plots.attention_over_line(Image.new("L", (96, 12)), ["a", "b"], np.eye(3))


@pytest.mark.parametrize("ages", [[20, 80], [80, 20]])
def test_the_worst_writer_is_ringed(shown, ages):
    reading_plots.rates_by_age(ages, [0.1, 0.3])
    ((figure, alt),) = shown
    axes = figure.axes[0]
    assert alt.endswith(f"the highest 0.30, at {ages[1]} years.")
    ring = axes.lines[1]
    assert (ring.get_xdata()[0], ring.get_ydata()[0]) == (ages[1], 0.3)
    assert axes.get_ylim()[0] == 0


def test_a_page_has_its_lines_where_it_says(shown):
    writer = Writer.random(np.random.default_rng(0), age=30)
    page = reading_plots.page_photograph(writer, ["one line", "another"])
    assert page.size == (900, 300) and page.mode == "RGB"
    grey = np.asarray(page.convert("L"), dtype=float)
    written, empty = grey[30:110, 60:250], grey[30:110, 700:890]
    assert written.min() < 0.6 * np.median(written) and empty.min() > 0.6 * np.median(empty)
    assert grey[:, -100:].mean() > grey[:, :100].mean()  # the lamp stands on the right
    reading_plots.show_page(page, (10, 20, 300, 120))
    frame = shown[0][0].axes[0].patches[0]
    assert (frame.get_x(), frame.get_y(), frame.get_width(), frame.get_height()) == (10, 20, 290, 100)


def test_a_line_too_long_for_the_page_is_refused():
    writer = Writer.random(np.random.default_rng(0), age=30)
    with pytest.raises(ValueError, match="at most 840 fit"):
        reading_plots.page_photograph(writer, ["a" * 60])


def test_runs_are_drawn_on_one_scale(shown):
    runs = {
        "before": {"hand": {0: 0.2}, "others": {0: 0.1}},
        "after": {"hand": {0: 0.2, 6: 0.1}, "others": {0: 0.1, 6: 0.8}},
    }
    reading_plots.adaptation_curves(runs)
    assert "before, hand: from 0.20 to 0.20" in shown[0][1] and "after, others: from 0.10 to 0.80" in shown[0][1]
    left, right = shown[0][0].axes
    assert left.get_ylim() == right.get_ylim() and left.get_ylim()[0] == 0 and left.get_ylim()[1] > 0.8
    assert list(right.lines[1].get_ydata()) == [0.1, 0.8]


def test_a_cover_map_is_square(shown):
    reading_plots.cover_map(["a", " "], np.eye(2))
    assert "100% are bright, of all fields 50%" in shown[0][1]
    assert [label.get_text() for label in shown[0][0].axes[0].get_yticklabels()] == ["a", "space"]
    with pytest.raises(ValueError, match="3 letters"):
        reading_plots.cover_map("abc", np.eye(2))


def test_the_diagram_names_both_halves(shown):
    reading_plots.encoder_decoder_diagram()
    words = {text.get_text() for text in shown[0][0].axes[0].texts}
    assert {"encoder", "decoder", "append"} <= words
