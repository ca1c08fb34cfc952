"""Build data/handwriting: the letter shapes, and 2,100 lines by 420 writers who do not exist.

    python -m data.recipes.handwriting.handwriting          a minute; needs apt-get, on Debian 12

faces.json: single-stroke faces of Debian's inkscape (licences in FACES.md and OFL.txt). <split>/<writer>-<line>.png and
metadata.csv: lines of writers aged 8 to 90, half of them in German, as utils.handwriting.lines loads them.
sheet.png: thirty of them. Debian's point releases may change a German text; the files kept here are fixed.
"""

import shutil
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from data.recipes.common.sources import debian_package
from data.recipes.handwriting._faces import write_faces
from data.recipes.handwriting._line_texts import english, german, snippet
from utils.data import DATA
from utils.handwriting.lines import fit_line
from utils.handwriting.writers import Writer

FOLDER = DATA / "handwriting"
# One of each shape: the other faces are these made bold or slanted, which every writer does in a way of their own.
FACES = (
    "EMSAllure", "EMSElfin", "EMSFelix", "EMSNixish", "EMSOsmotron", "EMSReadability", "EMSTech",
    "HersheySans1", "HersheyScript1", "HersheySerifMed", "HersheySerifMedItalic",
)  # fmt: skip
WRITERS = {"train": 280, "validation": 50, "test": 90}
LINES = 5  # of each writer
HEIGHT = 64  # pixels
LEVELS = 8  # of grey, so that a line is stored in two kilobytes
SEED = 0


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        package = debian_package("inkscape", Path(folder))
        fonts = package / "usr/share/inkscape/extensions/svg_fonts"
        write_faces(fonts, FACES, FOLDER / "faces.json")
        shutil.copy(fonts / "OFL.txt", FOLDER)
        texts = {split: {"en": english(split), "de": german(Path(folder) / "de", split)} for split in WRITERS}
    rng = np.random.default_rng(SEED)
    rows, seen = [], set()
    for split, count in WRITERS.items():
        shutil.rmtree(FOLDER / split, ignore_errors=True)
        (FOLDER / split).mkdir()
        ages = rng.permutation(np.linspace(8, 90, count)).round().astype(int)  # every age as often as every other
        for i, age in enumerate(ages):
            writer, name = Writer.random(rng, age), f"{split}{i:03}"
            language = ("en", "de")[i % 2]
            for line in range(LINES):
                while (text := snippet(texts[split][language], rng)) in seen:
                    pass
                seen.add(text)
                file = f"{split}/{i:03}-{line}.png"
                save(writer.draw(text, HEIGHT, rng), FOLDER / file)
                rows.append((file, text, language, name, age))
    table = pd.DataFrame(rows, columns=["file", "text", "language", "writer", "age"])
    table.to_csv(FOLDER / "metadata.csv", index=False, lineterminator="\n")
    sheet(table).save(FOLDER / "sheet.png", optimize=True)
    size = sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file())
    print(f"{table['writer'].nunique()} writers, {len(table):,} lines, {size / 2**20:.1f} MB")
    for split, part in table.groupby(table["file"].str.split("/").str[0], sort=False):
        print(f"{split:<10} {part['writer'].nunique()} writers, {len(part):,} lines, ages {part['age'].min()} to "
              f"{part['age'].max()}, median {part['age'].median():.0f}")  # fmt: skip


def save(picture: np.ndarray, path: Path) -> None:
    """Write the picture with LEVELS shades from its darkest to its paper, which swallow the finest of the grain."""
    paper, black = float(np.median(picture)), float(picture.min())
    shades = np.linspace(black, paper, LEVELS)
    nearest = np.rint((np.clip(picture, black, paper) - black) / max(paper - black, 1) * (LEVELS - 1)).astype(np.uint8)
    image = Image.fromarray(nearest, "P")
    image.putpalette(np.repeat(shades.round().astype(np.uint8), 3).tobytes())
    image.save(path, bits=4, optimize=True)


def sheet(table: pd.DataFrame, columns: int = 2, rows: int = 15, width: int = 512) -> Image.Image:
    """Thirty lines of the test split, one a writer, from the youngest to the oldest, column by column."""
    test = table[table["file"].str.startswith("test/")].drop_duplicates("writer").sort_values("age", kind="stable")
    chosen = test.iloc[np.linspace(0, len(test) - 1, columns * rows).round().astype(int)]
    page = Image.new("L", (columns * width, rows * HEIGHT))
    for k, file in enumerate(chosen["file"]):
        with Image.open(FOLDER / file) as line:
            page.paste(fit_line(line, HEIGHT, width), (k // rows * width, k % rows * HEIGHT))
    return page


if __name__ == "__main__":
    main()
