"""Figures of pictures: they are drawn where they belong, and what does not fit is refused."""

import numpy as np
import pytest
from PIL import Image

from utils.plots import pictures as picture_plots


def test_pictures_stand_in_rows_with_their_titles_and_maps(shown):
    pictures = [Image.new("RGB", (14, 14), "white"), np.zeros((14, 14, 3)), np.eye(14)]
    picture_plots.show_pictures(pictures, "three", titles=["a", "b", "c"], columns=2, maps=[np.eye(7)] * 3)
    ((figure, alt),) = shown
    assert alt == "three"
    assert [axes.get_title() for axes in figure.axes] == ["a", "b", "c", ""]
    assert [len(axes.images) for axes in figure.axes] == [2, 2, 2, 0]
    picture, laid_over = figure.axes[0].images
    assert picture.get_extent() == list(laid_over.get_extent())
    assert laid_over.get_array()[0, 0, 3] > 0.8 and laid_over.get_array()[0, 1, 3] == 0  # deep where the map is large


@pytest.mark.parametrize("wrong", [{"titles": ["one"]}, {"maps": [np.eye(2)]}])
def test_as_many_titles_and_maps_as_pictures(shown, wrong):
    with pytest.raises(ValueError, match="2 pictures"):
        picture_plots.show_pictures([np.zeros((4, 4, 3))] * 2, "x", **wrong)


def test_patches_are_counted_row_by_row(shown):
    picture = np.zeros((8, 12, 3))
    picture[4:8, 8:12] = (1, 0, 0)  # patch 5: second row, third column
    picture_plots.show_patches(picture, 4, "six patches")
    left, right = shown[0][0].axes
    assert [text.get_text() for text in right.texts] == ["0", "1", "2", "3", "4", "5"]
    x, y = right.texts[5].get_position()
    apart = right.images[0].get_array()
    assert (apart[int(y), int(x)] == (1, 0, 0)).all()
    assert (apart == (1, 0, 0)).all(axis=-1).sum() == 16
    assert len(left.collections) == 2  # horizontal and vertical lines


def test_patches_must_fill_the_picture(shown):
    with pytest.raises(ValueError, match="squares of 5 pixels don't fill"):
        picture_plots.show_patches(np.zeros((8, 10, 3)), 5, "x")


def test_a_row_of_maps_shares_its_scale(shown):
    picture_plots.show_maps({"first": [np.eye(3), 2 * np.eye(3)], "second": [np.eye(3)] * 2}, "maps",
                            titles=["left", "right"], marks=[(0, 1), (2, 2)])  # fmt: skip
    panels = [axes for axes in shown[0][0].axes if axes.get_label() != "<colorbar>"]
    assert [panel.images[0].get_clim() for panel in panels] == [(0, 2), (0, 2), (0, 1), (0, 1)]
    assert [panel.get_ylabel() for panel in panels] == ["first", "", "second", ""]
    assert [panel.get_title() for panel in panels] == ["left", "right", "", ""]
    assert panels[0].lines[0].get_xydata().tolist() == [[1, 0]]  # row 0, column 1


def test_rows_of_maps_must_be_equally_long(shown):
    with pytest.raises(ValueError, match="rows of different length"):
        picture_plots.show_maps({"a": [np.eye(2)], "b": [np.eye(2)] * 2}, "x")
