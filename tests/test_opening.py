"""The one way from a file to pixels, with the files that people have; and that loaders, features and page go it."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps, TiffImagePlugin

from utils.age.page import opened
from utils.age.stroke_features import stroke_features
from utils.data import DATA
from utils.handwriting.lines import fit_line, load_lines
from utils.vision.opening import as_pixels, open_picture
from utils.vision.pictures import to_rgb

LINE = DATA / "handwriting" / "test" / "000-0.png"
PICTURES = DATA / "exotic_animals"


def variants(folder: Path) -> dict[str, Path]:
    """The same line of writing in the kinds of files that scanners and tablets write."""
    grey = Image.open(LINE).convert("L")
    values = np.asarray(grey)
    clear = Image.new("RGBA", grey.size, "black")
    clear.putalpha(ImageOps.invert(grey))
    sixteen = Image.fromarray(values.astype(np.uint16) * 257)
    made = {
        "sixteen.png": sixteen,
        "sixteen.tif": sixteen,
        "float.tif": Image.fromarray(values.astype(np.float32) / 255),
        "float255.tif": Image.fromarray(values.astype(np.float32)),
        "rgba.png": clear,
        "la.png": clear.convert("LA"),
        "cmyk.tif": grey.convert("CMYK"),
        "rgb.png": grey.convert("RGB"),
    }
    for name, picture in made.items():
        picture.save(folder / name)
    return {name: folder / name for name in made}


def test_every_kind_of_file_gives_the_same_line(tmp_path):
    """In the way itself, in the loaders, in the features and on the page."""
    right = np.asarray(Image.open(LINE).convert("L")).astype(int)
    features = stroke_features([Image.open(LINE)]).iloc[0]
    files = variants(tmp_path)
    rows = [f"{name},a,en,anna,30,train" for name in files]
    (tmp_path / "metadata.csv").write_text("\n".join(["file,text,language,writer,age,split", *rows]))
    loaded = dict(zip(files, load_lines(tmp_path)["train"]["image"], strict=True))
    for name, path in files.items():
        for picture in (open_picture(path), to_rgb(Image.open(path)), loaded[name], opened(str(path))):
            assert abs(np.asarray(picture.convert("L")).astype(int) - right).max() <= 2, name
        assert np.allclose(stroke_features([Image.open(path)]).iloc[0], features, rtol=0.1, atol=0.05), name
        whole = np.asarray(fit_line(Image.open(path), 48, 384)).astype(int)
        assert abs(whole - np.asarray(fit_line(Image.open(LINE), 48, 384))).max() <= 4, name


def test_a_dark_picture_of_16_bits_stays_dark(tmp_path):
    Image.fromarray(np.full((40, 40), 200, np.uint16)).save(tmp_path / "dark.png")
    assert np.asarray(open_picture(tmp_path / "dark.png")).max() <= 1


def tif(path: Path, *values: float, kind: type = np.float32) -> list[int]:
    """What becomes of these values; a float or 32-bit file."""
    Image.fromarray(np.array([values], kind)).save(path)
    return np.asarray(open_picture(path))[0].tolist()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("values", "grey"),
    [((0, 0.5, 1), [0, 128, 255]), ((-0.05, 0.2, 1.05), [0, 51, 255]), ((0, 100, 200), [0, 100, 200]),
     ((-9, 100, 262), [0, 100, 255]), ((0, 0.1), [0, 26]), ((0, 65535), [0, 255])],
)  # fmt: skip
def test_fractions_whose_white_is_known(tmp_path, values, grey):
    assert tif(tmp_path / "a.tif", *values) == grey


@pytest.mark.parametrize(
    ("values", "kind", "grey", "told"),
    [
        ((-1, 0, 1), np.float32, [0, 128, 255], "from -1 to 1: -1 is taken for black, 1 for white"),
        ((0, 0.95, 1.9), np.float32, [0, 128, 255], "from 0 to 1.9: 0 is"),
        ((-100, 0, 255), np.float32, [0, 72, 255], "-100 is taken for black, 255 for white"),
        ((0, 1000, 4095), np.float32, [0, 62, 255], "4095 for white"),
        ((-3, -2, -1), np.float32, [0, 128, 255], "-3 is taken for black"),
        ((0, 1000, 4095), np.int32, [0, 62, 255], "4095 for white"),
        ((-1000, 0, 1000), np.int32, [0, 128, 255], "-1000 is taken for black"),
        ((0, 1e6, 2e6), np.int32, [0, 128, 255], "2e+06 for white"),
        ((0, np.nan, np.inf, 1), np.float32, [0, 255, 255, 255], "values that are no finite numbers"),
        ((0, 4095), np.uint16, [0, 16], "black: of 65535 for white it has up to 4095"),
    ],
)
def test_values_without_a_known_white_are_scaled_and_said(tmp_path, values, kind, grey, told):
    with pytest.warns(UserWarning, match=rf"a\.tif (has|is) .*{re.escape(told)}"):
        assert tif(tmp_path / "a.tif", *values, kind=kind) == grey


def test_what_is_a_palette_colour_or_a_grey_can_be_transparent(tmp_path):
    Image.new("P", (20, 20), 0).save(tmp_path / "p.png", transparency=0)
    Image.new("L", (20, 20), 0).save(tmp_path / "l.png", transparency=0)
    for name in ("p.png", "l.png"):
        assert np.asarray(open_picture(tmp_path / name)).min() == 255


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("kind", ["jpg", "png", "tif"])
def test_it_is_turned_once_as_pillow_turns_it(tmp_path, turn, kind):
    exif = Image.Exif()
    exif[0x0112] = turn
    path = tmp_path / f"turned.{kind}"
    Image.open(next((PICTURES / "photographs" / "tiger").iterdir())).resize((60, 40)).save(path, exif=exif)
    with Image.open(path) as picture:
        right = np.asarray(ImageOps.exif_transpose(picture))
    once = open_picture(path)
    assert np.array_equal(np.asarray(once), right) and np.array_equal(np.asarray(as_pixels(once)), right)


def broken_exif(path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x011A] = TiffImagePlugin.IFDRational(7, 3)
    notes = exif.tobytes()
    rational = notes.find((7).to_bytes(4, "big") + (3).to_bytes(4, "big"))
    rational = rational if rational > 0 else notes.find((7).to_bytes(4, "little") + (3).to_bytes(4, "little"))
    notes = notes[:rational] + b"\xff\xff\xff\xff\x00\x00\x00\x00" + notes[rational + 8 :]
    Image.new("RGB", (60, 30), "white").save(path, exif=notes)


def test_broken_notes_of_a_camera_do_no_harm(tmp_path):
    broken_exif(tmp_path / "broken.jpg")
    assert open_picture(tmp_path / "broken.jpg").size == (30, 60)
    assert to_rgb(Image.open(tmp_path / "broken.jpg")).size == (30, 60)


def test_a_picture_that_is_too_large_is_named(tmp_path):
    Image.new("1", (20_000, 10_000)).save(tmp_path / "scan.png")
    for way in (open_picture, opened):
        with pytest.raises(ValueError, match=r"scan\.png has more than \d+ million pixels: save it smaller"):
            way(str(tmp_path / "scan.png"))


@pytest.mark.filterwarnings("error")
def test_a_large_picture_is_read_in_silence(tmp_path):
    Image.new("1", (12_000, 8_000)).save(tmp_path / "scan.png")
    assert open_picture(tmp_path / "scan.png").size == (12_000, 8_000)


def test_an_iphones_picture_is_named(tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"\0\0\0\x18ftypheic" + bytes(40))
    with pytest.raises(ValueError, match=r"photo\.jpg is a HEIC picture.*save it as JPEG"):
        open_picture(tmp_path / "photo.jpg")


def test_the_home_folder_has_a_short_name(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    Image.new("L", (20, 20)).save(tmp_path / "a.png")
    assert open_picture("~/a.png").size == (20, 20)
    with pytest.raises(FileNotFoundError, match=r"~/b\.png is missing"):
        open_picture("~/b.png")
