"""The loader of picture folders, with what people put into such folders."""

import numpy as np
import pytest
from PIL import Image

from utils.vision.pictures import load_pictures, style_of


@pytest.fixture
def folder(tmp_path):
    """Two classes, two pictures each, in train and test."""
    for split in ("train", "test"):
        for i, name in enumerate(("cat", "dog")):
            (tmp_path / split / name).mkdir(parents=True)
            for k in range(2):
                Image.new("RGB", (40, 30), (100 * i, 90 * k, 60)).save(tmp_path / split / name / f"{k}.png")
    return tmp_path


def test_a_plain_folder(folder):
    pictures = load_pictures(folder)
    assert pictures["train"].features["label"].names == ["cat", "dog"]
    assert sorted(pictures["test"]["label"]) == [0, 0, 1, 1]
    assert pictures["train"][0]["image"].mode == "RGB"


def test_the_style_stands_before_the_animal(tmp_path):
    file = tmp_path / "noto-v1--fox.png"
    Image.new("RGB", (20, 20)).save(file)
    assert style_of(Image.open(file)) == "noto-v1"


def test_other_splits_may_lack_classes(folder):
    (folder / "mine" / "dog").mkdir(parents=True)
    Image.new("RGB", (20, 20)).save(folder / "mine" / "dog" / "a.jpg")
    for _ in range(2):  # the second time from the cache
        pictures = load_pictures(folder)
        assert list(pictures) == ["train", "test", "mine"] and pictures["mine"]["label"] == [1]


@pytest.mark.parametrize("mode", ["L", "P", "1", "LA", "RGBA", "I;16", "CMYK"])
def test_pictures_of_other_modes_come_as_rgb(folder, mode):
    suffix = "tif" if mode == "CMYK" else "png"
    Image.new(mode, (40, 40)).save(folder / "train" / "cat" / f"odd.{suffix}")
    assert {picture.mode for picture in load_pictures(folder)["train"]["image"]} == {"RGB"}


def test_what_is_transparent_lies_on_white(folder):
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(folder / "train" / "cat" / "a.png")
    assert np.asarray(load_pictures(folder)["train"][2]["image"]).min() == 255


def test_a_photograph_is_turned_as_the_camera_noted(folder):
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees
    Image.new("RGB", (60, 20)).save(folder / "train" / "cat" / "z.jpg", exif=exif)
    assert load_pictures(folder)["train"][2]["image"].size == (20, 60)


def test_files_that_are_no_pictures_are_ignored(folder):
    (folder / "train" / "cat" / "Thumbs.db").write_bytes(b"x")
    (folder / "train" / ".ipynb_checkpoints").mkdir()
    (folder / "README.txt").write_text("mine")
    assert len(load_pictures(folder)["train"]) == 4


def test_a_missing_or_empty_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match="expected train/<class>/<pictures>"):
        load_pictures(tmp_path / "nowhere")
    (tmp_path / "train").mkdir()
    with pytest.raises(FileNotFoundError, match="expected train/<class>/<pictures>"):
        load_pictures(tmp_path)


def test_a_class_without_pictures(folder):
    (folder / "train" / "cat" / "0.png").unlink()
    (folder / "train" / "cat" / "1.png").unlink()
    with pytest.raises(ValueError, match="holds no picture"):
        load_pictures(folder)


def test_a_class_missing_in_test(folder):
    (folder / "train" / "emu").mkdir()
    Image.new("RGB", (20, 20)).save(folder / "train" / "emu" / "a.png")
    with pytest.raises(ValueError, match="test/ has no folder for emu"):
        load_pictures(folder)


def test_a_class_missing_in_train(folder):
    (folder / "test" / "emu").mkdir()
    Image.new("RGB", (20, 20)).save(folder / "test" / "emu" / "a.png")
    with pytest.raises(ValueError, match="test/ has emu, which train/ does not have"):
        load_pictures(folder)


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n" + bytes(50)])
def test_a_broken_picture_is_named(folder, content):
    (folder / "test" / "dog" / "broken.png").write_bytes(content)
    with pytest.raises(ValueError, match=r"broken\.png cannot be read"):
        load_pictures(folder)


def test_half_a_picture_is_named(folder):
    path = folder / "train" / "dog" / "half.jpg"
    Image.effect_noise((200, 200), 80).convert("RGB").save(path)
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(ValueError, match=r"half\.jpg cannot be read"):
        load_pictures(folder)


def test_a_tiny_picture_is_named(folder):
    Image.new("RGB", (3, 40)).save(folder / "train" / "dog" / "tiny.png")
    with pytest.raises(ValueError, match="only 3 x 40 pixels"):
        load_pictures(folder)
