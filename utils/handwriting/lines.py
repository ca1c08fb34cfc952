"""Lines of handwriting in a folder: checked with care, then loaded; and brought to the size that a model wants.

    lines = load_lines(dataset_path("handwriting"))       # columns image, text, language, writer, age
    picture = fit_line(lines["test"][0]["image"], height=64, width=512)

A folder of your own needs the pictures (one line of writing each) and a table `metadata.csv` with the columns

    file       the picture, seen from the folder: train/0007-1.png
    text       what is written
    language   en, de, …
    writer     a name or number: all lines of one person have the same
    age        years

and, unless the first folder of every file is train, validation or test, a column `split` with one of these three.
"""

import math
import os
import posixpath
import re
import unicodedata
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from datasets import Dataset, DatasetDict, Features, Value
from datasets import Image as ImageFeature
from PIL import Image, ImageOps

from utils.folders import contents
from utils.handwriting.reading import plain, unwritable
from utils.tables import as_name, read_table
from utils.vision.opening import as_pixels, is_blank, kinds, load_first
from utils.vision.pictures import as_cell, in_mode
from utils.vision.seen import Seen, listed

COLUMNS = ("file", "text", "language", "writer", "age")
SPLITS = ("train", "validation", "test")
OLDEST = 120  # years
CONTRAST = 32  # of 255 grey levels, between paper and ink; less is no writing
LOWEST = 8  # pixels; below that nobody reads a line


def load_lines(folder: str | Path) -> DatasetDict:
    """Load the lines that `folder`/metadata.csv lists (see above).

    Returns a DatasetDict with those of the splits train, validation and test that occur, in this order, each with the
    columns `image` (a grey PIL picture), `text`, `language`, `writer` (text) and `age` (float, years).
    Raises FileNotFoundError if the table or a picture is missing; ValueError if a column or a value is missing, an
    age is no number from 0 to 120, a file is listed twice or is no picture, a split has another name, or a writer
    stands in two splits: a model tested on people that it knows looks better than it is; and as for `read_table`.
    Typographic quotes in texts become plain ones, languages small letters. Characters and lengths that the course's
    reader cannot write are printed, for they matter only to who teaches it: its labels cannot hold them. A UserWarning
    names pictures that no row lists, that stand in two splits or have two texts, on which nothing is to be seen, that
    stand on end, and pages and columns that are left out; and writers who have several ages.
    """
    folder = Path(folder).expanduser()
    table = read_metadata(folder)
    table["text"] = table["text"].map(plain)
    if trouble := unwritable(table["text"]):
        print(f"{folder / 'metadata.csv'}: {trouble}")
    files = [picture_path(folder, file) for file in table["file"]]
    notes, seen = _notes(table, files), Seen()
    table["image"] = [
        _check(file, split, text, notes, seen)
        for file, split, text in zip(files, table["split"], table["text"], strict=True)
    ]
    for told in (listed(f"{folder}: ", notes), *seen.told("text")):
        if told:
            warnings.warn(told, stacklevel=2)
    features = Features({"image": ImageFeature(mode="L"), **{name: Value("string") for name in COLUMNS[1:4]}})
    features["age"] = Value("float64")
    return DatasetDict(
        {
            split: Dataset.from_dict(rows[list(features)].to_dict("list"), features=features, split=split)
            for split in SPLITS
            if len(rows := table[table["split"] == split])
        }
    )


def read_metadata(folder: Path) -> pd.DataFrame:
    """The rows of `folder`/metadata.csv, checked as `load_lines` says, without a look at the pictures: COLUMNS as text,
    `age` in years, and `split`."""
    if os.path.isfile(folder):
        raise ValueError(f"{folder} is a file: give the folder that holds metadata.csv and the pictures")
    table = _read(folder / "metadata.csv")
    table["split"] = _splits(folder, table)
    table["age"] = _ages(folder, table)
    _keep_apart(folder, table)
    return table


def picture_path(folder: Path, file: str) -> Path:
    """The picture's path: a Mac stores the letters of a name decomposed, and the table has them composed.
    FileNotFoundError if there is none."""
    for form in (file, unicodedata.normalize("NFD", file)):
        if os.path.isfile(folder / form):  # Path.is_file stops at a name that is too long for the system
            return folder / form
    raise FileNotFoundError(f"{folder / file} is missing: metadata.csv lists it; add the picture, or take its row out")


def fit_line(image: Image.Image, height: int = 64, width: int = 512) -> Image.Image:
    """The picture of a line, grey and `width` x `height` pixels, its letters neither squeezed nor stretched.

    It is made as large as fits, set to the left, half way up, and surrounded by its own paper's grey (the median of
    its edge). Photographs are turned as their camera noted; what is transparent lies on white; light ink on dark paper
    becomes dark on light.
    """
    image = dark_on_light(as_pixels(image).convert("L"))
    scale = min(height / image.height, width / image.width)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    if image.size != size:
        image = image.resize(size, Image.Resampling.LANCZOS if scale < 1 else Image.Resampling.BICUBIC)
    pixels = np.asarray(image)
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    fitted = Image.new("L", (width, height), int(np.median(edge)))
    fitted.paste(image, (0, (height - size[1]) // 2))
    return fitted


def dark_on_light(image: Image.Image) -> Image.Image:
    """A grey picture (mode L), inverted if its paper, which most of it is, lies at the dark end of its greys."""
    count = np.cumsum(image.histogram())
    dark, paper, light = np.searchsorted(count, count[-1] * np.array([0.01, 0.5, 0.99]))
    return ImageOps.invert(image) if light - paper > max(CONTRAST, 1.5 * (paper - dark)) else image


def _read(path: Path) -> pd.DataFrame:
    """The table as text. FileNotFoundError or ValueError if it, a column or a value is missing."""
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: write a table with the columns {', '.join(COLUMNS)}")
    table = read_table(path)
    if missing := [name for name in COLUMNS if name not in table]:
        raise ValueError(f"{path} has no column {', '.join(missing)}: it has {', '.join(table)}; add what is missing")
    for name in COLUMNS:
        if len(empty := table.index[table[name] == ""]):
            raise ValueError(f"{path}, line {empty[0]}: {name} is empty; fill it in, or take the line out")
        if len(torn := table.index[table[name].map(lambda value: len(value.splitlines()) > 1)]):
            raise ValueError(
                f"{path}, line {torn[0]}: {name} goes over several lines; look for a quotation mark that stays open"
            )
    table["writer"] = table["writer"].map(as_name)
    table["language"] = table["language"].str.lower()
    table["file"] = [posixpath.normpath(file.replace("\\", "/")) for file in table["file"]]  # as Windows writes
    if (twice := table["file"].duplicated()).any():
        raise ValueError(f"{path} lists {table['file'][twice].iloc[0]} twice: keep one of the rows")
    return table


def _splits(folder: Path, table: pd.DataFrame) -> pd.Series:
    given = "split" in table
    splits = (table["split"] if given else table["file"].str.split("/").str[0]).str.lower()
    if not (known := splits.isin(SPLITS)).all():
        file, name = table["file"][~known].iloc[0], splits[~known].iloc[0]
        where = "the column split says" if given else "there is no column split and the first folder is"
        raise ValueError(
            f"{folder / 'metadata.csv'}: {file} belongs to no split: {where} {name!r}; use {', '.join(SPLITS)}"
        )
    return splits


def _keep_apart(folder: Path, table: pd.DataFrame) -> None:
    """ValueError if a writer stands in two splits, Anna as anna, too."""
    homes = table.groupby(table["writer"].str.casefold())
    for _, rows in homes:
        if rows["split"].nunique() > 1:
            names, splits = (" and ".join(rows[column].unique()) for column in ("writer", "split"))
            raise ValueError(
                f"{folder / 'metadata.csv'}: writer {names} stands in {splits}: put all lines of one person into one "
                "split"
            )


def _ages(folder: Path, table: pd.DataFrame) -> list[float]:
    ages = []
    for file, text in zip(table["file"], table["age"], strict=True):
        age = float(text) if re.fullmatch(r"[0-9]+([.][0-9]*)?", text) else math.nan
        if not 0 <= age <= OLDEST:
            raise ValueError(
                f"{folder / 'metadata.csv'}: {file}: the age {text!r} is no number from 0 to {OLDEST}; write years, "
                "like 34 or 34.5"
            )
        ages.append(age)
    return ages


def _notes(table: pd.DataFrame, files: list[Path]) -> list[str]:
    """What may have been forgotten: pictures beside those of the table, columns, and ages that differ."""
    notes = []
    if left := [name for name in table if name not in (*COLUMNS, "split")]:
        notes.append(f"columns left out: {', '.join(left)}")
    several = table.groupby("writer")["age"].nunique()
    if len(names := several.index[several > 1]):
        notes.append(f"{len(names)} writers have several ages, first {names[0]}")
    listed_here = {(status.st_dev, status.st_ino) for status in map(os.stat, files)}
    readable = kinds()
    for folder in sorted({file.parent for file in files}):
        for path in contents(folder):
            if path.suffix.lower() in readable and path.is_file():
                status = path.stat()
                if (status.st_dev, status.st_ino) not in listed_here:
                    notes.append(f"{path} (no row lists it)")
    return notes


def _check(file: Path, split: str, text: str, notes: list[str], seen: Seen) -> str | dict:
    """The picture for the column of pictures; what is odd about it is added to the notes. ValueError if it cannot be
    read or is too small."""
    picture = load_first(file, LOWEST, "scan the line larger, or take its row out", notes)
    pixels = in_mode(picture, "L")
    if pixels.height > 2 * pixels.width and len(text) > 2:
        notes.append(f"{file} is much taller than wide: turn it, or cut it into lines")
    seen.add(file, pixels, split, text, empty=is_blank(pixels))
    return as_cell(file, picture, pixels)
