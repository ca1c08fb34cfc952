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
import unicodedata
import warnings
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd
from datasets import Dataset, DatasetDict, Features, Value
from datasets import Image as ImageFeature
from PIL import Image, ImageOps

from utils.handwriting.reading import plain, unwritable
from utils.tables import read_table
from utils.vision.opening import as_pixels, load, pages
from utils.vision.pictures import as_cell

COLUMNS = ("file", "text", "language", "writer", "age")
SPLITS = ("train", "validation", "test")
OLDEST = 120  # years
CONTRAST = 32  # of 255 grey levels, between paper and ink; less is no writing


def load_lines(folder: str | Path) -> DatasetDict:
    """Load the lines that `folder`/metadata.csv lists (see above).

    Returns a DatasetDict with those of the splits train, validation and test that occur, in this order, each with the
    columns `image` (a grey PIL picture), `text`, `language`, `writer` (text) and `age` (float, years).
    Raises FileNotFoundError if the table or a picture is missing; ValueError if a column or a value is missing, an
    age is no number from 0 to 120, a file is listed twice or is no picture, a split has another name, or a writer
    stands in two splits: a model tested on people that it knows looks better than it is; and as for `read_table`.
    Typographic quotes in texts become plain ones. Characters and lengths that the course's reader cannot write are
    printed, for they matter only to who teaches it: its labels cannot hold them.
    """
    folder = Path(folder).expanduser()
    table = _read(folder / "metadata.csv")
    table["split"] = _splits(folder, table)
    table["age"] = _ages(folder, table)
    homes = table.groupby("writer")["split"].unique()
    if len(torn := homes[homes.map(len) > 1]):
        name, splits = torn.index[0], " and ".join(torn.iloc[0])
        raise ValueError(
            f"{folder / 'metadata.csv'}: writer {name} stands in {splits}: put all lines of one person into one split"
        )
    table["text"] = table["text"].map(plain)
    if trouble := unwritable(table["text"]):
        print(f"{folder / 'metadata.csv'}: {trouble}")
    table["image"] = [_check(_found(folder, file)) for file in table["file"]]
    features = Features({"image": ImageFeature(mode="L"), **{name: Value("string") for name in COLUMNS[1:4]}})
    features["age"] = Value("float64")
    return DatasetDict(
        {
            split: Dataset.from_dict(rows[list(features)].to_dict("list"), features=features, split=split)
            for split in SPLITS
            if len(rows := table[table["split"] == split])
        }
    )


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
    table["writer"] = table["writer"].str.split().str.join(" ")  # two blanks are no other person
    table["file"] = [PurePosixPath(file.replace("\\", "/")).as_posix() for file in table["file"]]  # as Windows writes
    if (twice := table["file"].duplicated()).any():
        raise ValueError(f"{path} lists {table['file'][twice].iloc[0]} twice: keep one of the rows")
    return table


def _splits(folder: Path, table: pd.DataFrame) -> pd.Series:
    given = "split" in table
    splits = table["split"] if given else table["file"].str.split("/").str[0]
    if not (known := splits.isin(SPLITS)).all():
        file, name = table["file"][~known].iloc[0], splits[~known].iloc[0]
        where = "the column split says" if given else "there is no column split and the first folder is"
        raise ValueError(
            f"{folder / 'metadata.csv'}: {file} belongs to no split: {where} {name!r}; use {', '.join(SPLITS)}"
        )
    return splits


def _ages(folder: Path, table: pd.DataFrame) -> list[float]:
    ages = []
    for file, text in zip(table["file"], table["age"], strict=True):
        try:
            age = float(text)
        except ValueError:
            age = math.nan
        if not 0 <= age <= OLDEST:
            raise ValueError(
                f"{folder / 'metadata.csv'}: {file}: the age {text!r} is no number from 0 to {OLDEST}; write years, "
                "like 34 or 34.5"
            )
        ages.append(age)
    return ages


def _found(folder: Path, file: str) -> Path:
    """The picture's path: a Mac stores the letters of a name decomposed, and the table has them composed.
    FileNotFoundError if there is none."""
    for form in (file, unicodedata.normalize("NFD", file)):
        if os.path.isfile(folder / form):  # Path.is_file stops at a name that is too long for the system
            return folder / form
    raise FileNotFoundError(f"{folder / file} is missing: metadata.csv lists it; add the picture, or take its row out")


def _check(path: Path) -> str | dict:
    """The picture for the column of pictures. ValueError if it cannot be read."""
    picture = load(path)
    if (count := pages(path)) > 1:
        warnings.warn(f"{path} has {count} pages: only the first is taken", stacklevel=3)
    return as_cell(path, picture, "L")
