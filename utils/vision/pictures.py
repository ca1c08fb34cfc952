"""Pictures in folders, one for each class: checked with care, then loaded by `datasets`."""

from pathlib import Path

from datasets import DatasetDict, disable_progress_bars, load_dataset
from PIL import Image, ImageOps

SMALLEST = 16  # pixels; below that there is nothing to recognise
SUFFIXES = {".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}


def load_pictures(folder: str | Path) -> DatasetDict:
    """Load `folder`/<split>/<class>/<picture> with the splits `train` and `test`, and others if there are any.

    Returns a DatasetDict with the columns `image` (an RGB PIL picture) and `label` (an integer;
    `features["label"].names` has the classes). Grey, palette and transparent pictures come as RGB, the latter on
    white; photographs are turned as their camera noted; files that are no pictures (`Thumbs.db`, …) are ignored.
    Raises FileNotFoundError if a split or its classes are missing, ValueError if a class is empty or missing in
    `test`, and for a picture that cannot be read or is smaller than 16 x 16 pixels.
    """
    folder = Path(folder)
    for split in ("train", "test"):
        if not (folder / split).is_dir() or not _classes(folder / split):
            raise FileNotFoundError(
                f"{folder / split} is missing or has no folders: expected {split}/<class>/<pictures> in {folder}"
            )
    others = {path.name for path in folder.iterdir() if path.is_dir() and _classes(path)} - {"train", "test"}
    splits = ["train", "test", *sorted(others)]
    train, test = (set(_classes(folder / split)) for split in ("train", "test"))
    if train - test:
        raise ValueError(f"test/ has no folder for {_list(train - test)}: add pictures, or take it out of train/")
    for split in splits:
        if unknown := set(_classes(folder / split)) - train:
            raise ValueError(f"{split}/ has {_list(unknown)}, which train/ does not have: nothing can learn it")

    files = {split: _pictures_in(folder / split) for split in splits}
    modes = {_check(Path(file)) for split in splits for file in files[split]}
    disable_progress_bars()
    pictures = load_dataset("imagefolder", data_files=files, drop_labels=False)
    if modes != {"RGB"}:
        pictures = pictures.map(lambda row: {"image": to_rgb(row["image"])})
    return DatasetDict({split: pictures[split] for split in splits})  # their order hangs on the cache otherwise


def to_rgb(picture: Image.Image) -> Image.Image:
    """The picture as RGB, upright, what is transparent on white."""
    picture = ImageOps.exif_transpose(picture)
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        ground = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(ground, picture).convert("RGB")
    return picture.convert("RGB")


def style_of(picture: Image.Image) -> str:
    """What stands before "--" in the name of the file that the picture came from: "noto" for noto--fox.png."""
    return Path(picture.filename).name.partition("--")[0]


def _classes(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def _pictures_in(folder: Path) -> list[str]:
    """All pictures of a split. ValueError if a class has none."""
    found = []
    for name in _classes(folder):
        here = [p for p in sorted((folder / name).iterdir()) if p.suffix.lower() in SUFFIXES and p.is_file()]
        if not here:
            kinds = " ".join(sorted(SUFFIXES))
            raise ValueError(f"{folder / name} holds no picture ({kinds}): add some, or delete the folder")
        found += map(str, here)
    return found


def _check(file: Path) -> str:
    """The mode of a picture. ValueError if it cannot be read or is too small."""
    try:
        with Image.open(file) as picture:
            picture.load()
            mode, size = picture.mode, picture.size
    except (OSError, SyntaxError, ValueError) as error:
        raise ValueError(f"{file} cannot be read as a picture: replace or delete it") from error
    if min(size) < SMALLEST:
        raise ValueError(f"{file} is only {size[0]} x {size[1]} pixels: use one of at least {SMALLEST} x {SMALLEST}")
    return mode


def _list(names: set[str]) -> str:
    return ", ".join(sorted(names))
