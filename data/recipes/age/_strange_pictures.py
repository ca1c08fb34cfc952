"""Pictures that people may give for a line of handwriting: lines as scanners and cameras show them, and no lines."""

import io
from collections.abc import Callable, Collection
from functools import cache

import numpy as np
import pandas as pd
from PIL import Image, ImageFilter, ImageOps

from utils.data import DATA
from utils.vision.opening import open_picture

Picture = Image.Image
Random = np.random.Generator


def grey(picture: Picture) -> np.ndarray:
    return np.asarray(picture, float)


def picture_of(pixels: np.ndarray) -> Picture:
    return Image.fromarray(np.uint8(np.clip(np.rint(pixels), 0, 255)))


def paper(line: Picture) -> int:
    return int(np.median(line))


# Lines, each made from lines by one writer; the first is the one that is written.


def black_and_white(rng: Random, line: Picture, *_) -> Picture:
    edge = 0.6 * paper(line) + 0.4 * line.getextrema()[0]
    return line.point(lambda value: 255 * (value >= edge))


def blurred(rng: Random, line: Picture, *_) -> Picture:
    return line.filter(ImageFilter.GaussianBlur(rng.uniform(0.8, 1.6)))


def jpeg(rng: Random, line: Picture, *_) -> Picture:
    file = io.BytesIO()
    line.save(file, "JPEG", quality=int(rng.integers(10, 30)))
    return Image.open(file).convert("L")


def turned_a_little(rng: Random, line: Picture, *_) -> Picture:
    return line.rotate(rng.uniform(-3, 3), Image.Resampling.BICUBIC, expand=True, fillcolor=paper(line))


def rules(rng: Random, shape: tuple[int, int], down: int, across: int | None, shade: float) -> np.ndarray:
    """What printed rules leave of the light: a line every `down` pixels and, for squares, every `across` pixels."""
    left, wide = np.ones(shape), int(rng.integers(1, 3))
    for y in range(int(rng.integers(down)), shape[0], down):
        left[y : y + wide] = shade
    for x in range(int(rng.integers(across)), shape[1], across) if across else ():
        left[:, x : x + wide] = shade
    return left


def on_ruled_paper(rng: Random, line: Picture, *_) -> Picture:
    pixels, y, wide = grey(line), int(rng.uniform(0.6, 0.8) * line.height), int(rng.integers(1, 3))
    pixels[y : y + wide] *= rng.uniform(0.5, 0.8)
    return picture_of(pixels)


def on_squared_paper(rng: Random, line: Picture, *_) -> Picture:
    pixels = grey(line)
    return picture_of(pixels * rules(rng, pixels.shape, 36, 36, rng.uniform(0.5, 0.8)))


def with_more_paper(rng: Random, line: Picture, *_) -> Picture:
    return ImageOps.expand(line, tuple(int(part * line.height) for part in rng.uniform(0, 0.5, 4)), paper(line))


def in_uneven_light(rng: Random, line: Picture, *_) -> Picture:
    pixels = grey(line)
    light = 1 - rng.uniform(0.2, 0.45) * np.linspace(0, 1, line.width)
    return picture_of(pixels * light[:: rng.choice([1, -1])] + rng.normal(0, 3, pixels.shape))


def photographed(rng: Random, line: Picture, *_) -> Picture:
    large = ImageOps.scale(line, rng.uniform(2, 4)).filter(ImageFilter.GaussianBlur(rng.uniform(1, 3)))
    return picture_of(grey(large) * rng.uniform(0.6, 0.9) + rng.normal(0, 6, grey(large).shape))


def one_word(rng: Random, line: Picture, *_) -> Picture:
    free, run = ~(grey(line) < paper(line) - 50).any(0), 0
    for x in range(50, line.width):
        run = run + 1 if free[x] else 0
        if run == 7:
            return line.crop((0, 0, x - 2, line.height))
    return line


def faint(rng: Random, line: Picture, *_) -> Picture:
    return picture_of(paper(line) - (paper(line) - grey(line)) * rng.uniform(0.3, 0.5))


def between_neighbours(rng: Random, line: Picture, other: Picture, *_) -> Picture:
    """With the lower ends of the line above it and the upper ends of the one below."""
    above, shown = grey(other) + paper(line) - paper(other), int(rng.uniform(0.08, 0.18) * line.height)
    inked = np.flatnonzero((grey(other) < paper(other) - 60).any(1))
    pixels = np.full((line.height + 2 * shown, line.width), float(paper(line)))
    pixels[shown:-shown] = grey(line)
    width = min(line.width, other.width)
    pixels[:shown, :width] = above[inked[-1] + 1 - shown : inked[-1] + 1, :width]
    pixels[-shown:, :width] = above[inked[0] : inked[0] + shown, :width]
    return picture_of(pixels)


LINES: dict[str, Callable[..., Picture]] = {
    "as in the data set": lambda rng, line, *_: line,
    "light on dark": lambda rng, line, *_: ImageOps.invert(line),
    "black and white": black_and_white,
    "blurred": blurred,
    "JPEG": jpeg,
    "turned by up to 3 degrees": turned_a_little,
    "ruled paper": on_ruled_paper,
    "squared paper": on_squared_paper,
    "much paper around": with_more_paper,
    "uneven light": in_uneven_light,
    "photographed": photographed,
    "one word": one_word,
    "faint": faint,
    "between two lines": between_neighbours,
}

# What is no line, or none that can be judged.


def empty(rng: Random, *_) -> Picture:
    """Grain, a shadow on some, specks on some."""
    shape = int(rng.integers(50, 200)), int(rng.integers(200, 900))
    pixels = rng.uniform(200, 250) + rng.normal(0, rng.uniform(0, 6), shape)
    pixels *= 1 - rng.choice([0, 0.4]) * rng.random() * np.linspace(0, 1, shape[1])
    for _ in range(int(rng.integers(4))):
        y, x = (int(rng.integers(side - 3)) for side in shape)
        pixels[y : y + int(rng.integers(1, 4)), x : x + int(rng.integers(1, 4))] -= rng.uniform(40, 150)
    return picture_of(pixels)


def empty_rules(rng: Random, squares: bool) -> Picture:
    shape, apart = (int(rng.integers(60, 260)), int(rng.integers(200, 900))), int(rng.integers(20, 64))
    pixels = rng.uniform(210, 250) + rng.normal(0, rng.uniform(0, 6), shape)
    pixels *= rules(rng, shape, apart, apart if squares else None, rng.uniform(0.4, 0.85))
    turn = rng.choice([0, 1]) * rng.uniform(-2, 2)
    return picture_of(pixels).rotate(turn, Image.Resampling.BICUBIC, fillcolor=int(np.median(pixels)))


@cache
def animals(group: str) -> list:
    return sorted((DATA / "exotic_animals" / group).rglob("*.png"))


def animal(rng: Random, group: str) -> Picture:
    files = animals(group)
    return open_picture(files[rng.integers(len(files))]).convert("L")


def strip_of_a_photograph(rng: Random, *_) -> Picture:
    top, height = int(rng.integers(30, 110)), int(rng.integers(30, 50))
    return ImageOps.scale(animal(rng, "photographs").crop((5, top, 155, top + height)), 3)


def stacked(rng: Random, lines: list[Picture], gap: float = 0.4) -> Picture:
    """One above the other, with up to `gap` of a line's height between them."""
    tops, height = [], 0
    for line in lines:
        tops.append(height)
        height += line.height + int(rng.uniform(0, gap) * line.height)
    sheet = Image.new("L", (max(line.width for line in lines), height), paper(lines[0]))
    for line, top in zip(lines, tops, strict=True):
        sheet.paste(line, (0, top))
    return sheet


def in_a_row(lines: list[Picture]) -> Picture:
    row = Image.new("L", (sum(line.width + 12 for line in lines), lines[0].height), paper(lines[0]))
    x = 0
    for line in lines:
        row.paste(line, (x, 0))
        x += line.width + 12
    return row


def whole_page(rng: Random, lines: list[Picture]) -> Picture:
    rows = [in_a_row(list(pair)) for pair in zip(lines[::2], lines[1::2], strict=True)]
    return ImageOps.expand(stacked(rng, rows), 40, paper(lines[0]))


def noise(rng: Random, *_) -> Picture:
    return picture_of(rng.uniform(0, 255, (int(rng.integers(50, 150)), int(rng.integers(200, 700)))))


def bars(rng: Random, *_) -> Picture:
    pixels, x = np.full((int(rng.integers(50, 120)), int(rng.integers(200, 600))), 240.0), 10
    while x < pixels.shape[1] - 10:
        wide = int(rng.integers(1, 6))
        pixels[5:-5, x : x + wide] = 20
        x += wide + int(rng.integers(1, 6))
    return picture_of(pixels)


def tiny(rng: Random, line: Picture, *_) -> Picture:
    return ImageOps.scale(line, int(rng.integers(9, 14)) / line.height, Image.Resampling.LANCZOS)


def lost_in_paper(rng: Random, line: Picture, *_) -> Picture:
    height = line.height * int(rng.integers(6, 10))
    sheet = Image.new("L", (max(2 * height, line.width + 50), height), paper(line))
    sheet.paste(line, (int(rng.integers(sheet.width - line.width)), int(rng.integers(height - line.height))))
    return sheet


NO_LINES: dict[str, Callable[..., Picture]] = {
    "empty paper": empty,
    "empty ruled paper": lambda rng, *_: empty_rules(rng, squares=False),
    "empty squared paper": lambda rng, *_: empty_rules(rng, squares=True),
    "drawing of an animal": lambda rng, *_: animal(rng, "train"),
    "photograph of an animal": lambda rng, *_: animal(rng, "photographs"),
    "strip of a photograph": strip_of_a_photograph,
    "noise": noise,
    "soft noise": lambda rng, *_: noise(rng).filter(ImageFilter.GaussianBlur(rng.uniform(1, 4))),
    "printed bars": bars,
    "upside down": lambda rng, line, *_: line.rotate(180),
    "on its side": lambda rng, line, *_: line.rotate(90, expand=True),
    "two lines": lambda rng, *lines: stacked(rng, lines[:2]),
    "three lines": lambda rng, *lines: stacked(rng, lines[:3]),
    "a page of eight lines": lambda rng, *lines: whole_page(rng, lines[:16]),
    "four lines in a row": lambda rng, *lines: in_a_row(lines[:4]),
    "tiny, 9 to 13 pixels high": tiny,
    "lost in much paper": lost_in_paper,
}

NOTHING = tuple(NO_LINES)[:9]  # is written in these


def lines_of(split: str) -> tuple[list[Picture], np.ndarray]:
    """The lines of a split of data/handwriting, five of each writer side by side, and their writers' ages."""
    table = pd.read_csv(DATA / "handwriting" / "metadata.csv")
    table = table[table["file"].str.startswith(split)]
    return [open_picture(DATA / "handwriting" / file).convert("L") for file in table["file"]], table["age"].to_numpy()


def pictures(split: str, seed: int, each: int, kinds: Collection[str] = (*LINES, *NO_LINES)) -> pd.DataFrame:
    """`each` pictures of every one of `kinds`, each by another writer of the split as long as there are.

    Columns: kind; line, whether it is one; age of its (first) line's writer, NaN if nothing is written; picture.
    """
    lines, ages = lines_of(split)
    writers, rows = len(lines) // 5, []
    for number, (kind, make) in enumerate((LINES | NO_LINES).items()):
        for i in range(each if kind in kinds else 0):
            rng = np.random.default_rng([seed, number, i])
            first = 5 * (i % writers) + int(rng.integers(5))
            taken = [lines[(first + k) % len(lines)] for k in range(16)]
            rows.append((kind, kind in LINES, np.nan if kind in NOTHING else ages[first], make(rng, *taken)))
    return pd.DataFrame(rows, columns=["kind", "line", "age", "picture"])
