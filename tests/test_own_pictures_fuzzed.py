"""Any bytes, mode and size in people's pictures: rows, or an error that names the file, and nothing else."""

import csv
import io
import warnings

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from utils.folders import LITTER
from utils.handwriting.lines import COLUMNS, load_lines
from utils.vision.opening import open_picture
from utils.vision.pictures import load_pictures


def real(kind: str) -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").resize((24, 20)).save(file, kind)
    return file.getvalue()


def damaged(kind: str) -> st.SearchStrategy[bytes]:
    """A real file with a few bytes changed, or cut off."""
    whole = real(kind)
    places = st.lists(st.tuples(st.integers(0, min(len(whole), 200) - 1), st.integers(0, 255)), max_size=4)

    def change(given: tuple[list[tuple[int, int]], int]) -> bytes:
        data = bytearray(whole)
        for place, value in given[0]:
            data[place] = value
        return bytes(data[: given[1]])

    return st.tuples(places, st.integers(0, len(whole))).map(change)


ANYTHING = st.binary(max_size=200) | st.sampled_from(
    ["PNG", "GIF", "TIFF", "BMP", "JPEG", "WEBP", "PPM", "TGA"]
).flatmap(damaged)
NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=20
)
FUZZ = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@FUZZ
@given(ANYTHING)
def test_any_bytes_are_a_picture_or_an_error(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.png"
    path.write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            picture = open_picture(path)
        except ValueError as error:
            assert "any.png" in str(error)
        else:
            assert picture.mode in ("L", "RGB") and np.asarray(picture).dtype == np.uint8


@FUZZ
@given(NAMES, NAMES, ANYTHING)
def test_any_names_and_bytes_are_rows_or_said(tmp_path_factory, animal, name, content):
    folder = tmp_path_factory.mktemp("fuzz")
    try:
        for split in ("train", "test"):
            (folder / split / animal).mkdir(parents=True)
            Image.new("RGB", (20, 20)).save(folder / split / animal / "sound.png")
        path = folder / "train" / animal / name
        path.write_bytes(content)
    except (OSError, ValueError):
        return  # a name that no file can have
    passed_over = name.startswith("._") or name.lower() in LITTER
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            pictures = load_pictures(folder)
        except (ValueError, FileNotFoundError) as error:
            assert str(path) in str(error) or str(folder / "train") in str(error)
            return
    rows = len(pictures["train"])
    assert rows == len(list(pictures["train"]["image"]))
    assert rows == 2 or name == "sound.png" or passed_over or any(str(path) in str(w.message) for w in told)


MODES = {  # and in what they can be saved
    "1": ("PNG", "TIFF", "BMP"), "L": ("PNG", "TIFF", "JPEG", "GIF", "WEBP"), "LA": ("PNG", "TIFF"),
    "P": ("PNG", "GIF", "TIFF"), "RGB": ("PNG", "JPEG", "BMP", "JPEG2000", "PPM"), "RGBA": ("PNG", "TIFF", "TGA"),
    "CMYK": ("JPEG", "TIFF"), "YCbCr": ("JPEG",), "I;16": ("PNG", "TIFF"), "I": ("TIFF",), "F": ("TIFF",),
    "LAB": ("TIFF",),
}  # fmt: skip


@st.composite
def line_files(draw) -> tuple[bytes, tuple[int, int] | None]:
    """The bytes of a file, and the size of the picture in it where it is sound."""
    if draw(st.booleans()):
        return draw(ANYTHING), None
    mode = draw(st.sampled_from(sorted(MODES)))
    kind = draw(st.sampled_from(MODES[mode]))
    size = draw(st.tuples(st.integers(1, 70), st.integers(1, 40)))
    shape = (size[1], size[0], *([len(Image.new(mode, (1, 1)).getbands())] if len(mode) > 1 else []))
    values = np.random.default_rng(draw(st.integers(0, 99)))
    if mode in ("I;16", "I", "F"):
        span = draw(st.sampled_from([(0, 1), (-1, 1), (0, 300), (0, 65535), (-(10**6), 10**9)]))
        number = {"I;16": np.uint16, "I": np.int32, "F": np.float32}[mode]
        grey = values.uniform(*span, size[::-1])
        picture = Image.fromarray((np.abs(grey) % 65536 if mode == "I;16" else grey).astype(number))
    elif mode in ("1", "P", "LAB"):
        picture = Image.effect_noise(size, 60).convert(mode) if mode != "LAB" else Image.new("LAB", size, (120, 9, 9))
    else:
        picture = Image.fromarray(values.integers(0, 256, shape, np.uint8), mode=mode)
    file = io.BytesIO()
    picture.save(file, kind)
    return file.getvalue(), size


@FUZZ
@given(st.lists(line_files(), min_size=1, max_size=3), st.sampled_from([".png", ".jpg", ".tif", ""]))
def test_any_pictures_of_lines_are_rows_or_an_error(tmp_path_factory, files, ending):
    folder = tmp_path_factory.mktemp("lines")
    (folder / "train").mkdir()
    names = [f"train/{k}{ending}" for k in range(len(files))]
    for name, (content, _) in zip(names, files, strict=True):
        (folder / name).write_bytes(content)
    with open(folder / "metadata.csv", "w", newline="") as table:
        csv.writer(table).writerows([COLUMNS, *([name, "so", "de", "anna", "34"] for name in names)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            lines = load_lines(folder)["train"]
        except (ValueError, FileNotFoundError) as error:
            assert type(error) in (ValueError, FileNotFoundError)
            assert any(str(folder / name) in str(error) for name in names)
            assert any(size is None or min(size) < 8 for _, size in files)
            return
        assert lines.num_rows == len(files) and lines["text"][:] == ["so"] * len(files)
        for picture, (_, size) in zip(lines["image"], files, strict=True):
            assert picture.mode == "L" and np.asarray(picture).dtype == np.uint8
            assert size is None or picture.size == size
