"""Pictures in folders, one for each class: checked with care, then loaded by `datasets`."""

import os
import warnings
from pathlib import Path

from datasets import ClassLabel, Dataset, DatasetDict, Features
from datasets import Image as ImageFeature
from PIL import ExifTags, Image

from utils.folders import contents
from utils.tables import as_name
from utils.vision.opening import APPLE_REMEDY, as_pixels, as_png, is_blank, kinds, load_first
from utils.vision.seen import MOST, Seen, listed

SMALLEST = 16  # pixels; below that there is nothing to recognise


def load_pictures(folder: str | Path) -> DatasetDict:
    """Load `folder`/<split>/<class>/<picture> with the splits `train` and `test`, and others if there are any.

    Returns a DatasetDict with the columns `image` (an RGB PIL picture) and `label` (an integer;
    `features["label"].names` has the classes). Grey, palette, transparent, 16-bit and float pictures come as RGB, what
    is transparent on white; photographs are turned as their camera noted. What systems leave in folders (`Thumbs.db`,
    `._0.png`, …) is passed over; of everything else that is left out (files of other kinds, folders in classes, further
    pages) a UserWarning tells, and of pictures that stand in two classes or splits or are transparent all over.
    Raises FileNotFoundError if a split or its classes are missing, ValueError if a class is empty or missing in
    `test`, is written in two ways, and for a picture that cannot be read or is smaller than 16 x 16 pixels.
    """
    folder = Path(folder).expanduser()
    if os.path.isfile(folder):
        raise ValueError(f"{folder} is a file: give the folder that has train/<class>/<pictures> in it")
    for split in ("train", "test"):
        if not os.path.isdir(folder / split) or not _classes(folder / split):
            raise FileNotFoundError(
                f"{folder / split} is missing or has no folders: expected {split}/<class>/<pictures> in {folder}"
            )
    others = {path.name for path in contents(folder) if path.is_dir() and _classes(path)} - {"train", "test"}
    splits = ["train", "test", *sorted(others)]
    _one_spelling(folder, splits)
    train, test = (set(_classes(folder / split)) for split in ("train", "test"))
    if train - test:
        remedy = "add pictures, or take it out of train/"
        raise ValueError(f"{folder}: test/ has no folder for {_list(train - test)}: {remedy}")
    for split in splits:
        if unknown := set(_classes(folder / split)) - train:
            raise ValueError(
                f"{folder}: {split}/ has {_list(unknown)}, which train/ does not have: nothing can learn it"
            )

    features = Features({"image": ImageFeature(), "label": ClassLabel(names=sorted(train))})
    left_out, parts, seen = _beside(folder, splits), {}, Seen()
    for split in splits:
        files, others = _pictures_in(folder / split)
        left_out += others
        rows = {"image": [], "label": [name for _, name in files]}
        for file, name in files:
            rows["image"].append(_check(file, left_out, seen, split, name))
        parts[split] = Dataset.from_dict(rows, features=features, split=split)
    for told in (listed(f"left out of {folder}: ", left_out), *seen.told("class")):
        if told:
            warnings.warn(told, stacklevel=2)
    if len(train) == 1:
        warnings.warn(f"{folder} has one class only: there is nothing to tell apart", stacklevel=2)
    return DatasetDict(parts)


def to_rgb(picture: Image.Image) -> Image.Image:
    """The picture as RGB, upright, in 8 bits, what is transparent on white."""
    return as_pixels(picture).convert("RGB")


def style_of(picture: Image.Image) -> str:
    """What stands before "--" in the name of the file that the picture came from: "noto" for noto--fox.png."""
    return Path(picture.filename).name.partition("--")[0]


def _classes(folder: Path) -> dict[str, list[Path]]:
    """The folders of each class. A Mac writes ü as u and dots, Windows as one letter: the same class (`as_name`)."""
    classes = {}
    for path in contents(folder):
        if path.is_dir():
            classes.setdefault(as_name(path.name) or path.name, []).append(path)
    return dict(sorted(classes.items()))


def _one_spelling(folder: Path, splits: list[str]) -> None:
    """ValueError if two classes differ only in capitals."""
    folded = {}
    for name in sorted({name for split in splits for name in _classes(folder / split)}):
        if (other := folded.setdefault(name.casefold(), name)) != name:
            raise ValueError(f"{folder}: the class {name} is called {other} elsewhere: give both folders one name")


def _beside(folder: Path, splits: list[str]) -> list[str]:
    """Pictures that lie in no split, and folders of them."""
    left_out = []
    for path in contents(folder):
        if path.is_dir() and path.name not in splits and any(map(_is_picture, contents(path))):
            left_out.append(f"{path} (its pictures are in no class: make folders of classes in it)")
        elif _is_picture(path):
            left_out.append(f"{path} (in no split)")
    return left_out


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in kinds() and path.is_file()


def _pictures_in(split: Path) -> tuple[list[tuple[Path, str]], list[str]]:
    """All pictures of a split, each with its class, and what is left out, with the reason. ValueError if a class has
    no picture."""
    readable = kinds()
    found, left_out = [], [_reason(path, "in no class") for path in contents(split) if not path.is_dir()]
    for name, folders in _classes(split).items():
        paths = [path for folder in folders for path in contents(folder)]
        here = [path for path in paths if path.is_file() and path.suffix.lower() in readable]
        others = [_reason(path, "not a picture that can be read here") for path in paths if path not in set(here)]
        if not here:
            because = f" ({'; '.join(others[:MOST])})" if others else ""
            raise ValueError(f"{folders[0]} holds no picture (.png, .jpg, …){because}: add some, or delete the folder")
        found += [(path, name) for path in here]
        left_out += others
    return found, left_out


def _reason(path: Path, otherwise: str) -> str:
    if path.is_dir():
        return f"{path} (a folder in a class: move its pictures up)"
    if path.suffix.lower() in (".heic", ".heif"):
        return f"{path} ({APPLE_REMEDY})"
    return f"{path} ({otherwise})"


def _check(file: Path, left_out: list[str], seen: Seen, split: str, name: str) -> str | dict:
    """The picture for a column of pictures: its path, or its pixels if `datasets` would open it in another way.

    Further pages are added to `left_out`. ValueError if it cannot be read or is too small.
    """
    picture = load_first(file, SMALLEST, f"use one of at least {SMALLEST} x {SMALLEST}", left_out)
    pixels = in_mode(picture, "RGB")
    seen.add(file, pixels, split, name, empty=picture.has_transparency_data and is_blank(pixels))
    return as_cell(file, picture, pixels)


def in_mode(picture: Image.Image, mode: str) -> Image.Image:
    """The picture as `as_pixels` gives it, in this mode (L or RGB); the picture itself if it is so already."""
    pixels = as_pixels(picture)
    return pixels if pixels.mode == mode else pixels.convert(mode)


def as_cell(file: Path, picture: Image.Image, pixels: Image.Image) -> str | dict:
    """What stands for a loaded picture in a column of pictures: its file's path if these are the pixels that lie there,
    else the pixels."""
    if pixels is picture and not _has_turn(picture):
        return str(file.absolute())
    return {"path": None, "bytes": as_png(pixels)}


def _has_turn(picture: Image.Image) -> bool:
    """Whether `datasets` would turn it: what it does with broken notes is not known."""
    try:
        return picture.getexif().get(ExifTags.Base.Orientation) is not None
    except Exception:  # broken notes make Pillow raise whatever Python has
        return True


def _list(names: set[str]) -> str:
    return ", ".join(sorted(names))
