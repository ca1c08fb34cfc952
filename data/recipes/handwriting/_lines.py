"""Drawn lines for the reader: half by the synthetic writers, half in outline hands; kept in blocks on the disk."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from data.recipes.handwriting import _hands
from data.recipes.handwriting._scans import any_pen
from data.recipes.handwriting._texts import Texts, sources
from utils.data import ROOT
from utils.handwriting.ink import draw
from utils.handwriting.lines import fit_line
from utils.handwriting.strokes import HELD_OUT, training_faces
from utils.handwriting.writers import Writer

WORK = ROOT / ".cache" / "recipes" / "trocr"
HEIGHT, WIDTH = 48, 384
BLOCK = 1000  # lines
KINDS = ("lettered", "written", "loose", "hurried")  # of training lines
LOOSE = 1.6  # times as far as others, stray the people of "loose hands" from the hand that they copy
PER_WRITER = 4  # lines in training; in tests 10


@dataclass(frozen=True)
class Lines:
    """Lines of handwriting. `who`: the writer's number, or the hand's name."""

    pictures: np.ndarray  # (lines, HEIGHT, WIDTH) uint8, grey
    boxes: np.ndarray  # (lines, 4) left, top, right, bottom of the ink
    texts: list[str]
    who: list[str]


@cache
def _texts(held_out: bool) -> Texts:
    return Texts(sources(held_out), drills=not held_out)


def line_of_text(rng: np.random.Generator, held_out: bool) -> str:
    """A text of at most 32 characters, of those kept for tests or of the others."""
    return _texts(held_out).line(rng)


@cache
def _all_hands(held_out: bool) -> dict[str, _hands.Hand]:
    return _hands.load(WORK / "hands", held_out)


def box_of(picture: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the ink in (HEIGHT, WIDTH): what is much darker than the paper."""
    paper, ink = np.median(picture), np.percentile(picture, 0.5)
    dark = picture < paper - 0.3 * (paper - ink)
    columns, rows = np.flatnonzero(dark.any(0)), np.flatnonzero(dark.any(1))
    if not len(columns):
        return 0, 0, picture.shape[1], picture.shape[0]
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def bent(path: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A pen path (n, 5) moved by a sum of six waves, some millimetres long: from not at all to hardly legible."""
    waves, phases = rng.normal(0, rng.uniform(0.7, 2), (2, 6)), rng.uniform(0, 2 * np.pi, 6)
    moved = path.copy()
    moved[:, :2] += np.sin(path[:, :2] @ waves + phases) @ rng.normal(0, rng.uniform(0, 0.2), (6, 2))
    return moved


def written(rng: np.random.Generator, lines: int, per_writer: int, faces: tuple[str, ...], held_out: bool,
            hurried: bool = False) -> Lines:  # fmt: skip
    """Lines by synthetic writers of any age who take their letters from `faces`; if `hurried`, bent, by any pen."""
    pictures, texts, who = [], [], []
    while len(texts) < lines:
        writer = Writer.random(rng, faces=faces)
        for _ in range(per_writer):
            text = line_of_text(rng, held_out)
            if hurried:
                drawn = draw(bent(writer.path(text, rng), rng), any_pen(rng), HEIGHT + 16, rng)
            else:
                drawn = writer.draw(text, HEIGHT + 16, rng)
            pictures.append(np.asarray(fit_line(Image.fromarray(drawn), HEIGHT, WIDTH)))
            texts.append(text)
            who.append(f"{(len(texts) - 1) // per_writer:04d}")
    return _lines(pictures, texts, who)


def lettered(rng: np.random.Generator, lines: int, per_writer: int, names: list[str], held_out: bool,
             loose: float = 1.0) -> Lines:  # fmt: skip
    """Lines in outline hands, in turn in each of `names`, by people whose habits differ (`loose`: as in `Style`)."""
    hands = _all_hands(name_is_held_out := names[0] in _hands.HELD_OUT)
    assert all((name in _hands.HELD_OUT) == name_is_held_out for name in names)
    pictures, texts, who = [], [], []
    person = 0
    while len(texts) < lines:
        name, person = names[person % len(names)], person + 1
        style = _hands.Style(rng, hands[name], loose)
        for _ in range(per_writer):
            text = line_of_text(rng, held_out)
            while not hands[name].can_write(text):
                text = line_of_text(rng, held_out)
            pictures.append(style.line(text, rng, HEIGHT, WIDTH))
            texts.append(text.upper() if name in _hands.CAPITALS_ONLY else text)
            who.append(name)
    return _lines(pictures, texts, who)


def _lines(pictures: list[np.ndarray], texts: list[str], who: list[str]) -> Lines:
    return Lines(np.stack(pictures), np.array([box_of(p) for p in pictures], np.int16), texts, who)


def training_block(kind: str, number: int) -> Lines:
    """Block `number` of the training lines of this kind, one of KINDS."""
    rng = np.random.default_rng([1, number, KINDS.index(kind)])
    if kind in ("written", "hurried"):
        return written(rng, BLOCK, PER_WRITER, training_faces(), held_out=False, hurried=kind == "hurried")
    names = list(rng.permutation(list(_all_hands(False))))
    return lettered(rng, BLOCK, PER_WRITER, names, held_out=False, loose=LOOSE if kind == "loose" else 1)


def unseen_lines(group: str) -> Lines:
    """Lines that no training has seen, ten a writer.

    "writers": 100 unseen writers; "faces": 60 in the three faces held out; "hands": 20 in each of six held out;
    "loose hands": as many in these, by people who stray farther from them.
    """
    rng = np.random.default_rng([2, ["writers", "faces", "hands", "loose hands"].index(group)])
    match group:
        case "writers":
            return written(rng, 1000, 10, training_faces(), held_out=True)
        case "faces":
            return written(rng, 600, 10, HELD_OUT, held_out=True)
        case _:
            loose = LOOSE if group == "loose hands" else 1
            return lettered(rng, 1200, 10, list(_hands.HELD_OUT), held_out=True, loose=loose)


def stored(name: str, make) -> Lines:
    """The lines that `make()` draws, from the disk if they were drawn before."""
    folder = WORK / "lines"
    folder.mkdir(parents=True, exist_ok=True)
    pictures, notes = folder / f"{name}.npy", folder / f"{name}.json"
    if not notes.is_file():  # written last: with it the block is whole
        drawn = make()
        np.save(pictures, drawn.pictures)
        partial = notes.with_suffix(".part")
        partial.write_text(json.dumps({"texts": drawn.texts, "who": drawn.who, "boxes": drawn.boxes.tolist()}))
        partial.rename(notes)
    found = json.loads(notes.read_text())
    boxes = np.array(found["boxes"], np.int16)
    return Lines(np.load(pictures, mmap_mode="r"), boxes, found["texts"], found["who"])


def training_lines(kind: str, blocks: int) -> list[Lines]:
    """`blocks` blocks of one kind. A block takes some six seconds to draw."""
    return [stored(f"{kind}-{i:03d}", lambda i=i: training_block(kind, i)) for i in range(blocks)]


def fetch_hands() -> Path:
    """The fonts' folder, filled if it is not."""
    _hands.fetch(WORK / "hands")
    return WORK / "hands"
