"""Figures of pictures: they are drawn where they belong, and what does not fit is refused."""

import numpy as np
import pytest
from datasets import Dataset
from PIL import Image
from transformers import ViTConfig

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
    picture[0:4, 4:8] = 1  # patch 1
    picture_plots.show_patches(picture, 4)
    ((figure, alt),) = shown
    left, right = figure.axes
    assert [text.get_text() for text in right.texts] == ["0", "1", "2", "3", "4", "5"]
    x, y = right.texts[5].get_position()
    apart = right.images[0].get_array()
    assert (apart[int(y), int(x)] == (1, 0, 0)).all()
    assert (apart == (1, 0, 0)).all(axis=-1).sum() == 16
    assert len(left.collections) == 2  # horizontal and vertical lines
    assert "2 by 3 squares" in alt and alt.endswith("from 0 to 5. Plain white: 1.")


def test_patches_must_fill_the_picture(shown):
    with pytest.raises(ValueError, match="squares of 5 pixels don't fill"):
        picture_plots.show_patches(np.zeros((8, 10, 3)), 5)


def test_a_patch_is_a_square_and_a_line_of_its_numbers(shown):
    patch = np.concatenate([np.ones(16), np.zeros(16), -np.ones(16)])
    picture_plots.show_unrolled(patch, 7)
    ((figure, alt),) = shown
    left, right = figure.axes
    assert (left.images[0].get_array() == (1, 0.5, 0)).all() and left.images[0].get_array().shape == (4, 4, 3)
    assert right.lines[0].get_ydata().tolist() == patch.tolist()
    assert "patch 7" in alt and "48 numbers" in alt and "from -1.00 to 1.00" in alt


def rows(labels):
    return Dataset.from_dict({"image": [np.zeros((4, 4)).tolist()] * len(labels), "label": labels})


def test_pictures_get_the_names_of_their_classes_or_their_own(shown):
    picture_plots.show_examples(rows([1, 0]), ["owl", "fox"])
    picture_plots.side_by_side({"before": np.zeros((4, 4)), "after": np.eye(4)}, "what changed.")
    (first, first_alt), (second, second_alt) = shown
    assert [axes.get_title() for axes in first.axes] == ["fox", "owl"] and first_alt == "Pictures: fox, owl."
    assert [axes.get_title() for axes in second.axes] == ["before", "after"]
    assert second_alt == "before, after: what changed."


def test_what_is_nearest_stands_beside_what_was_asked(shown):
    picture_plots.show_nearest(rows([1, 0]), rows([0, 0, 1]), np.array([[2, 0], [1, 0]]), ["owl", "fox"])
    ((figure, alt),) = shown
    assert [axes.get_title() for axes in figure.axes] == ["fox", "fox", "owl", "owl", "owl", "owl"]
    assert alt.endswith("fox: fox, owl; owl: owl, owl.")


def test_weights_of_heads_become_maps_with_their_sums(shown):
    weights = np.zeros((2, 3, 4))
    weights[1, 2, 3], weights[..., 1] = 0.5, 0.25
    picture_plots.head_maps(np.zeros((4, 4, 3)), weights)
    ((figure, alt),) = shown
    titles = [axes.get_title() for axes in figure.axes]
    assert len(titles) == 6 and titles[0] == "layer 0, head 0\n25%" and titles[5] == "layer 1, head 2\n75%"
    blue = figure.axes[5].images[1].get_array()[..., 3]
    assert blue.shape == (2, 2) and blue.argmax() == 3
    assert "layer 0, head 1, 25%: 1; " in alt and alt.endswith("layer 1, head 2, 75%: 3.")


def test_bars_say_their_values(monkeypatch):
    calls = []
    monkeypatch.setattr("utils.plots.pictures.bars", lambda *all: calls.append(all))
    values = {"cats": 0.5, "dogs": 0.25}
    picture_plots.value_bars(values, "share", dashed=0.1)
    assert calls == [(values, "share: cats 0.50, dogs 0.25.", "share", 0.1)]


def test_all_maps_of_places_share_one_scale(shown):
    picture_plots.place_maps({"first": np.eye(9), "second": 2 * np.eye(9)}, [0, 5])
    ((figure, alt),) = shown
    panels = [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]
    assert [panel.images[0].get_clim() for panel in panels] == [(0, 2)] * 4
    assert [panel.get_ylabel() for panel in panels] == ["first", "", "second", ""]
    assert [panel.get_title() for panel in panels] == ["place 0", "place 5", "", ""]
    assert panels[1].lines[0].get_xydata().tolist() == [[2, 1]]  # place 5 of 3 by 3: column 2, row 1
    assert panels[1].images[0].get_array()[1, 2] == 1
    assert "first from 0.0 to 1.0; second from 0.0 to 2.0" in alt


def test_the_steps_have_the_shapes_of_the_configuration(shown):
    picture_plots.vit_steps(ViTConfig(image_size=32, patch_size=8, hidden_size=24, num_hidden_layers=2))
    ((figure, alt),) = shown
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert {"3 × 32 × 32", "16 × 192", "16 × 24", "17 × 24"} < set(texts)
    assert "states (17 × 24)" in alt and alt.endswith("cut, matrix, add a token, add places, 2 layers.")


def test_bert_normalises_after_a_step_and_vit_before(shown):
    picture_plots.layer_orders()
    ((figure, alt),) = shown
    assert [text.get_text() for text in figure.axes[0].texts].count("LayerNorm") == 4
    assert "BERT: attention, +, LayerNorm" in alt and "ViT: LayerNorm, attention, +" in alt
