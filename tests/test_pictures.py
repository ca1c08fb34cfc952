"""The loader of picture folders, with what people put into such folders."""

import os
import unicodedata

import numpy as np
import pytest
from PIL import Image

from utils.data import DATA
from utils.vision.pictures import load_pictures, style_of


@pytest.fixture
def folder(tmp_path):
    """Two classes, two pictures each, in train and test."""
    for split in ("train", "test"):
        for i, name in enumerate(("cat", "dog")):
            (tmp_path / split / name).mkdir(parents=True)
            for k in range(2):
                Image.new("RGB", (40, 30), (100 * i, 90 * k, 60 + len(split))).save(
                    tmp_path / split / name / f"{k}.png"
                )
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


@pytest.mark.parametrize("name", ["cat [male]", "cat*", "c?t", "a::b", "{cat}", "!cat"])
def test_names_are_no_patterns(tmp_path, name):
    folder = tmp_path / "Zoo [2024]"
    for split in ("train", "test"):
        for animal in (name, "dog"):
            (folder / split / animal).mkdir(parents=True)
            Image.new("RGB", (20, 20)).save(folder / split / animal / f"{name} [1].png")
    pictures = load_pictures(folder)
    assert pictures["train"].features["label"].names == sorted([name, "dog"])
    assert [len(list(part["image"])) for part in pictures.values()] == [2, 2]


def test_a_class_written_on_a_mac_and_on_windows_is_one(tmp_path):
    for split, form in (("train", "NFC"), ("test", "NFD")):
        (tmp_path / split / unicodedata.normalize(form, "Bär")).mkdir(parents=True)
        Image.new("RGB", (20, 20)).save(tmp_path / split / unicodedata.normalize(form, "Bär") / "a.png")
    assert load_pictures(tmp_path)["test"]["label"][:] == [0]


def test_a_replaced_picture_with_the_same_time_is_the_new_one(folder):
    path = folder / "train" / "cat" / "0.png"
    for mode in ("RGB", "L"):
        for grey in (10, 200):
            Image.new(mode, (40, 30), (grey,) * len(mode)).save(path)
            os.utime(path, (1e9, 1e9))
            assert np.asarray(load_pictures(folder)["train"][0]["image"]).max() == grey


@pytest.mark.parametrize("suffix", ["jfif", "avif", "jp2", "TIFF"])
def test_whatever_pillow_reads_is_taken(folder, suffix):
    Image.new("RGB", (20, 20)).save(folder / "train" / "cat" / f"more.{suffix}")
    assert len(load_pictures(folder)["train"]) == 5


def test_what_is_left_out_is_said(folder):
    cat = folder / "train" / "cat"
    (cat / "phone.HEIC").write_bytes(b"x")
    (cat / "notes.txt").write_text("mine")
    (cat / "more").mkdir()
    Image.new("RGB", (20, 20)).save(cat / "more" / "deep.png")
    Image.new("RGB", (20, 20)).save(folder / "train" / "loose.png")
    Image.new("L", (20, 20)).save(cat / "pages.tif", save_all=True, append_images=[Image.new("L", (20, 20))] * 2)
    with pytest.warns(UserWarning) as told:
        assert len(load_pictures(folder)["train"]) == 5
    (message,) = (str(warning.message) for warning in told)
    for part in ("phone.HEIC (is a HEIC", "save it as JPEG", "notes.txt", "more (a folder", "loose.png", "2 of its 3"):
        assert part in message


@pytest.mark.filterwarnings("error")
def test_what_systems_leave_behind_is_passed_over(folder, monkeypatch):
    for name in ("._0.png", ".DS_Store", "Thumbs.db", "desktop.ini"):
        (folder / "train" / "cat" / name).write_bytes(b"\0\5\x16\7")
    (folder / "__MACOSX" / "train" / "cat").mkdir(parents=True)
    (folder / "__MACOSX" / "train" / "cat" / "._0.png").write_bytes(b"x")
    monkeypatch.setenv("HOME", str(folder.parent))
    assert {split: len(part) for split, part in load_pictures(f"~/{folder.name}").items()} == {"train": 4, "test": 4}


def noise(path, seed=0, **how):
    path.parent.mkdir(exist_ok=True)
    grey = np.random.default_rng(seed).integers(0, 256, (20, 30), np.uint8)
    Image.fromarray(grey).convert("RGB").save(path, **how)


def told(folder):
    with pytest.warns(UserWarning) as warned:
        load_pictures(folder)
    return "\n".join(str(warning.message) for warning in warned)


def test_a_picture_in_two_classes_or_splits_is_said(folder):
    noise(folder / "train" / "cat" / "one.png")
    noise(folder / "train" / "dog" / "twin.bmp")
    noise(folder / "test" / "cat" / "three.tiff")
    for line in told(folder).splitlines():
        assert "one.png and" in line
        assert ("with another class, one must be wrong" in line and "twin.bmp" in line and "three" not in line) or (
            "in two splits, so the test looks better" in line and "three.tiff" in line and "twin" not in line
        )


def test_a_class_in_capitals_is_no_other_class(folder):
    (folder / "test" / "cat").rename(folder / "test" / "Cat")
    with pytest.raises(ValueError, match=rf"{folder}: the class cat is called Cat elsewhere: give both folders one"):
        load_pictures(folder)


def test_blanks_make_no_other_class(folder):
    for split, name in (("train", "polar bear"), ("test", "po\u00adlar\u00a0 bear")):
        noise(folder / split / name / "a.png", seed=len(name))
    assert load_pictures(folder)["train"].features["label"].names == ["cat", "dog", "polar bear"]


def test_pictures_beside_the_splits_are_said(folder):
    noise(folder / "loose.png")
    noise(folder / "mine" / "a.png")
    assert "loose.png (in no split)" in told(folder)
    assert "mine (its pictures are in no class: make folders of classes in it)" in told(folder)


def test_one_class_only_is_said(folder):
    for split in ("train", "test"):
        (folder / split / "dog").rename(folder / split / ".ipynb_checkpoints")
    assert "has one class only: there is nothing to tell apart" in told(folder)


def test_a_picture_that_is_transparent_all_over_is_said(folder):
    Image.new("RGBA", (40, 40), (255, 0, 0, 0)).save(folder / "train" / "cat" / "a.png")
    assert "nothing is to be seen on" in (message := told(folder)) and "a.png" in message


def test_what_begins_with_a_dot_is_not_lost(folder):
    for split in ("train", "test"):
        noise(folder / split / ".net" / "a.png", seed=len(split))
    noise(folder / "train" / "cat" / ".5.png", seed=1)
    pictures = load_pictures(folder)
    assert pictures["train"].features["label"].names == [".net", "cat", "dog"] and len(pictures["train"]) == 6


def test_what_cannot_be_opened_is_named(folder, monkeypatch):
    with pytest.raises(ValueError, match=r"0\.png is a file: give the folder that has train"):
        load_pictures(folder / "train" / "cat" / "0.png")
    (folder / "train" / "cat" / "1.png").write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(ValueError, match=r"1\.png is only a pointer of Git LFS: fetch"):
        load_pictures(folder)
    with monkeypatch.context() as patch:
        patch.setattr(Image, "open", lambda *_, **__: os.stat("/nowhere/at/all"))
        with pytest.raises(ValueError, match=r"0\.png cannot be opened \(No such file or directory\): may you read"):
            load_pictures(folder)
    monkeypatch.setattr(os, "access", lambda path, _: path.name != "dog")
    with pytest.raises(ValueError, match=r"dog cannot be opened: may you read it\?"):
        load_pictures(folder)


@pytest.mark.filterwarnings("error")
def test_the_projects_own_pictures_are_those_of_the_files():
    """In the order that `datasets` gives them, with their files' names and pixels."""
    for split, part in load_pictures(DATA / "exotic_animals").items():
        names = part.features["label"].names
        files = sorted((DATA / "exotic_animals" / split).glob("*/*.png"))
        assert [names[label] for label in part["label"]] == [file.parent.name for file in files]
        for file, picture in list(zip(files, part["image"], strict=True))[::9]:
            assert picture.filename == str(file) and picture.mode == "RGB"
            assert np.array_equal(np.asarray(picture), np.asarray(Image.open(file)))
