"""Pictures in folders, one for each class: checked with care, then loaded by `datasets`."""

import unicodedata
import warnings
from pathlib import Path

from datasets import ClassLabel, Dataset, DatasetDict, Features
from datasets import Image as ImageFeature
from PIL import ExifTags, Image

from utils.folders import contents
from utils.vision.opening import APPLE_REMEDY, as_pixels, as_png, kinds, load, pages

SMALLEST = 16  # pixels; below that there is nothing to recognise
MOST = 10  # files that a warning names


def load_pictures(folder: str | Path) -> DatasetDict:
    """Load `folder`/<split>/<class>/<picture> with the splits `train` and `test`, and others if there are any.

    Returns a DatasetDict with the columns `image` (an RGB PIL picture) and `label` (an integer;
    `features["label"].names` has the classes). Grey, palette, transparent, 16-bit and float pictures come as RGB, what
    is transparent on white; photographs are turned as their camera noted. What systems leave in folders (`Thumbs.db`,
    `._0.png`, …) is passed over; of everything else that is left out (files of other kinds, folders in classes, further
    pages) a UserWarning tells.
    Raises FileNotFoundError if a split or its classes are missing, ValueError if a class is empty or missing in
    `test`, and for a picture that cannot be read or is smaller than 16 x 16 pixels.
    """
    folder = Path(folder).expanduser()
    for split in ("train", "test"):
        if not (folder / split).is_dir() or not _classes(folder / split):
            raise FileNotFoundError(
                f"{folder / split} is missing or has no folders: expected {split}/<class>/<pictures> in {folder}"
            )
    others = {path.name for path in contents(folder) if path.is_dir() and _classes(path)} - {"train", "test"}
    splits = ["train", "test", *sorted(others)]
    train, test = (set(_classes(folder / split)) for split in ("train", "test"))
    if train - test:
        raise ValueError(f"test/ has no folder for {_list(train - test)}: add pictures, or take it out of train/")
    for split in splits:
        if unknown := set(_classes(folder / split)) - train:
            raise ValueError(f"{split}/ has {_list(unknown)}, which train/ does not have: nothing can learn it")

    features = Features({"image": ImageFeature(), "label": ClassLabel(names=sorted(train))})
    left_out, parts = [], {}
    for split in splits:
        files, others = _pictures_in(folder / split)
        left_out += others
        rows = {"image": [_check(file, left_out) for file, _ in files], "label": [name for _, name in files]}
        parts[split] = Dataset.from_dict(rows, features=features, split=split)
    if left_out:
        more = f", and {len(left_out) - MOST} more" if len(left_out) > MOST else ""
        warnings.warn(f"left out of {folder}: {'; '.join(left_out[:MOST])}{more}", stacklevel=2)
    return DatasetDict(parts)


def to_rgb(picture: Image.Image) -> Image.Image:
    """The picture as RGB, upright, in 8 bits, what is transparent on white."""
    return as_pixels(picture).convert("RGB")


def style_of(picture: Image.Image) -> str:
    """What stands before "--" in the name of the file that the picture came from: "noto" for noto--fox.png."""
    return Path(picture.filename).name.partition("--")[0]


def _classes(folder: Path) -> dict[str, list[Path]]:
    """The folders of each class. A Mac writes ü as u and dots, Windows as one letter: the same class."""
    classes = {}
    for path in contents(folder):
        if path.is_dir():
            classes.setdefault(unicodedata.normalize("NFC", path.name), []).append(path)
    return dict(sorted(classes.items()))


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


def _check(file: Path, left_out: list[str]) -> str | dict:
    """The picture for a column of pictures: its path, or its pixels if `datasets` would open it in another way.

    Further pages are added to `left_out`. ValueError if it cannot be read or is too small.
    """
    picture = load(file)
    if min(size := picture.size) < SMALLEST:
        raise ValueError(f"{file} is only {size[0]} x {size[1]} pixels: use one of at least {SMALLEST} x {SMALLEST}")
    if (count := pages(file)) > 1:
        left_out.append(f"{file}: {count - 1} of its {count} pages (only the first is taken)")
    return as_cell(file, picture, "RGB")


def as_cell(file: Path, picture: Image.Image, mode: str) -> str | dict:
    """What stands for a loaded picture in a column of pictures: its file's path if that has this mode already and is
    upright, else its pixels, converted."""
    if picture.mode == mode and not picture.has_transparency_data and not _has_turn(picture):
        return str(file.absolute())
    return {"path": None, "bytes": as_png(as_pixels(picture).convert(mode))}


def _has_turn(picture: Image.Image) -> bool:
    """Whether `datasets` would turn it: what it does with broken notes is not known."""
    try:
        return picture.getexif().get(ExifTags.Base.Orientation) is not None
    except Exception:  # broken notes make Pillow raise whatever Python has
        return True


def _list(names: set[str]) -> str:
    return ", ".join(sorted(names))
