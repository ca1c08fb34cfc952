"""Lines of writers of known age, drawn for the age model; kept in blocks on the disk."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image

from data.recipes.handwriting._line_texts import english, german, snippet
from data.recipes.handwriting._scans import in_each_way, redrawn
from utils.data import ROOT
from utils.handwriting.ink import draw
from utils.handwriting.lines import fit_line
from utils.handwriting.writers import Writer

WORK = ROOT / ".cache" / "recipes" / "writer_age"
HEIGHT, WIDTH = 48, 384
DRAWN = 64  # pixels high when drawn, as in data/handwriting; then brought to the model's size
BLOCK = 1000  # writers
PER_WRITER = 2  # lines in training; in tests 5
LINES = 5
FLOOR_HEIGHTS = (32, 48, 64, 96)  # what handwriting_floors.py draws of each line, in this order


@dataclass(frozen=True)
class People:
    """Writers' lines. Row i of `pictures` is by writer i // (lines of each)."""

    pictures: np.ndarray  # (lines, HEIGHT, WIDTH) uint8, grey
    ages: np.ndarray  # (writers,) years
    languages: np.ndarray  # (writers,) "en", "de"
    texts: np.ndarray  # (lines,)

    @property
    def each(self) -> int:
        """Lines of each writer."""
        return len(self.pictures) // len(self.ages)

    def of_lines(self, column: str) -> np.ndarray:
        """A column of the writers ("ages", "languages"), repeated for each line."""
        return np.repeat(getattr(self, column), self.each)

    def part(self, first: int, writers: int) -> "People":
        """`writers` writers from number `first` on."""
        people, lines = slice(first, first + writers), slice(first * self.each, (first + writers) * self.each)
        return People(self.pictures[lines], self.ages[people], self.languages[people], self.texts[lines])


def fitted(picture: np.ndarray) -> np.ndarray:
    return np.asarray(fit_line(Image.fromarray(picture), HEIGHT, WIDTH))


def sentences(split: str) -> dict[str, list[str]]:
    WORK.mkdir(parents=True, exist_ok=True)
    return {"en": english(split), "de": german(WORK / "lists", split)}


def written(key: list[int], writers: int, lines: int, texts: dict[str, list[str]], other_pens: bool = False) -> People:
    """New writers, one English, one German in turn. Writer i is drawn from [*key, i].

    With `other_pens` the very same strokes, each line by another pen and out of another scanner.
    """
    pictures, ages, languages, written = [], [], [], []
    for i in range(writers):
        rng = np.random.default_rng([*key, i])
        writer, language = Writer.random(rng), ("en", "de")[i % 2]
        for line in range(lines):
            text = snippet(texts[language], rng)
            path = writer.path(text, rng)
            picture = draw(path, writer.pen, DRAWN, rng)  # always, for the next line goes on in rng
            if other_pens:
                picture = redrawn(path, np.random.default_rng([*key, i, line, 1]))
            pictures.append(fitted(picture))
            written.append(text)
        ages.append(writer.age)
        languages.append(language)
    return People(np.stack(pictures), np.array(ages), np.array(languages), np.array(written))


def of_the_floors(writers: int) -> People:
    """The very lines that handwriting_floors.py tests on: English, five a writer."""
    pictures, ages, texts, written = [], [], english("test"), []
    for i in range(writers):
        rng = np.random.default_rng([2, i])
        writer = Writer.random(rng)
        for _ in range(LINES):
            text = snippet(texts, rng)
            path = writer.path(text, rng)
            drawn = [draw(path, writer.pen, height, rng) for height in FLOOR_HEIGHTS]
            pictures.append(fitted(drawn[FLOOR_HEIGHTS.index(DRAWN)]))
            written.append(text)
        ages.append(writer.age)
    return People(np.stack(pictures), np.array(ages), np.array(["en"] * writers), np.array(written))


def in_ways(key: list[int], writers: int, texts: list[str]) -> dict[str, People]:
    """New writers, an English line each, the same strokes by several pens and scanners (_scans.py)."""
    pictures, ages, written = {}, [], []
    for i in range(writers):
        rng = np.random.default_rng([*key, i])
        writer, text = Writer.random(rng), snippet(texts, rng)
        for way, line in in_each_way(writer.path(text, rng)).items():
            pictures.setdefault(way, []).append(fitted(line))
        ages.append(writer.age)
        written.append(text)
    columns = np.array(ages), np.array(["en"] * writers), np.array(written)
    return {way: People(np.stack(lines), *columns) for way, lines in pictures.items()}


def stored(name: str, make) -> People:
    """The lines that `make()` draws, from the disk if they were drawn before."""
    folder = WORK / "lines"
    folder.mkdir(parents=True, exist_ok=True)
    notes, pictures = folder / f"{name}.npz", folder / f"{name}.npy"
    if not notes.is_file():  # written last: with it the block is whole
        drawn = make()
        np.save(pictures, drawn.pictures)
        partial = folder / f"{name}.part.npz"
        np.savez(partial, ages=drawn.ages, languages=drawn.languages, texts=drawn.texts)
        partial.rename(notes)
    with np.load(notes) as found:
        return People(np.load(pictures, mmap_mode="r"), found["ages"], found["languages"], found["texts"])


def training_writers(blocks: int, other_pens: bool = False) -> People:
    """`blocks` blocks of writers, two lines each, as `written`. A block takes six seconds to draw."""
    texts, name = cache(lambda: sentences("train")), "redrawn" if other_pens else "train"
    parts = [
        stored(f"{name}-{i:03d}", lambda i=i: written([7, i], BLOCK, PER_WRITER, texts(), other_pens))
        for i in range(blocks)
    ]
    return People(*(np.concatenate([getattr(part, name) for part in parts])
                    for name in ("pictures", "ages", "languages", "texts")))  # fmt: skip


def unseen_writers() -> dict[str, People]:
    """Writers that no training sees: to choose by, to probe layers with, and two tests (the floors' lines; others)."""
    return {
        "validation": stored("validation", lambda: written([9], 400, LINES, sentences("validation"))),
        "probe": stored("probe", lambda: written([10], 2000, PER_WRITER, sentences("test"))),
        "floors": stored("test-floors", lambda: of_the_floors(800)),
        "languages": stored("test-languages", lambda: written([8], 800, LINES, sentences("test"))),
    }
