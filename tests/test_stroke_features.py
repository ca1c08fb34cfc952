"""A dozen measurements of a line: each follows what it is named after, and none depends on the picture's size."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from utils.age.stroke_features import FEATURES, stroke_features
from utils.handwriting.writers import Writer


def bars(heights=(30, 30, 30), foot=50, lean=0, width=4, grey=40, offsets=(0, 0, 0)) -> Image.Image:
    """Upright strokes on light paper, 64 pixels high; `lean` in pixels to the right from foot to top."""
    picture = Image.new("L", (800, 256), 240)  # drawn four times as large: soft edges, as of real ink
    pen = ImageDraw.Draw(picture)
    for i, (height, offset) in enumerate(zip(heights, offsets, strict=True)):
        x, y = 30 + 60 * i, foot + offset
        pen.line([4 * place for place in (x, y, x + lean, y - height)], fill=grey, width=4 * width)
    return picture.resize((200, 64), Image.Resampling.BOX)


def measured(**changes) -> dict[str, float]:
    return stroke_features([bars(**changes)]).iloc[0].to_dict()


@pytest.mark.parametrize(
    "feature, less, more",
    [
        ("letter height", {"heights": (20, 20, 20)}, {"heights": (40, 40, 40)}),
        ("height spread", {"heights": (30, 30, 30)}, {"heights": (20, 30, 40)}),
        ("baseline spread", {"offsets": (0, 0, 0)}, {"offsets": (0, 8, 0)}),
        ("slant", {"lean": -12}, {"lean": 12}),
        ("stroke width", {"width": 3}, {"width": 8}),
        ("darkness", {"grey": 120}, {"grey": 20}),
    ],
)
def test_a_feature_follows_what_it_is_named_after(feature, less, more):
    assert measured(**less)[feature] < measured(**more)[feature]


def test_leaning_to_the_right_is_above_zero():
    assert measured(lean=-12)["slant"] < 0 < measured(lean=12)["slant"]


def test_a_blurred_line_is_less_rough_and_darkness_varies_along_it():
    line = bars()
    pale = Image.fromarray(np.minimum(240, np.asarray(line) + np.linspace(0, 150, 200)).astype(np.uint8))
    soft = line.resize((50, 16)).resize((200, 64))
    plain, varied, blurred = stroke_features([line, pale, soft]).to_dict("records")
    assert blurred["roughness"] < plain["roughness"]
    assert plain["darkness spread"] < varied["darkness spread"]
    assert plain["pale ends"] < varied["pale ends"]


def test_writers_lines_give_finite_numbers_at_any_size():
    pictures = [
        Image.fromarray(Writer.random(np.random.default_rng(seed), age=age).draw("Not bad at all", 64))
        for seed, age in enumerate((9, 40, 88))
    ]
    table = stroke_features(pictures)
    larger = stroke_features([picture.resize((2 * picture.width, 128)) for picture in pictures])
    assert list(table.columns) == list(FEATURES) and len(FEATURES) == 12
    assert np.isfinite(table.to_numpy()).all()
    assert larger["letter height"].to_numpy() == pytest.approx(table["letter height"].to_numpy(), abs=3)
    assert larger["darkness"].to_numpy() == pytest.approx(table["darkness"].to_numpy(), abs=0.08)


def test_light_ink_on_dark_paper_is_measured_as_dark_on_light():
    line = bars()
    assert stroke_features([ImageOps.invert(line.convert("L"))]).equals(stroke_features([line]))


def test_an_empty_picture_is_refused():
    with pytest.raises(ValueError, match="no ink"):
        stroke_features([Image.new("L", (100, 64), 230)])
