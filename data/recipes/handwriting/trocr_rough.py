"""Train data/checkpoints/trocr: the reader of trocr.py goes on with hurried hands, any pen, any paper, any scanner.

    python -m data.recipes.handwriting.trocr_rough --threads 2    # an hour, after trocr.py

trocr.py's reader has learned from lines as the course draws them, a little bent and lit. All its weights learn on, from
twice as many kinds of lines: people in outline hands who stray farther from them, synthetic writers in a hurry with any
pen; half of what is bent and lit is so by a rough camera (_rough.py). Interrupted, it goes on where it was. What it
prints at the end goes to data/results:

    trocr.csv, trocr_letters.csv   error rates by group and by hand; which letters are missed, and what is read for them
    trocr_rough.csv                what pens, paper, scanners and hurried hands cost: 400 lines of each group as drawn,
                                   photographed and rough; then 120 by new writers, the same strokes by each pen of
                                   _scans.py. Beside it the error of trocr.py's reader, "first"
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from PIL import Image
from transformers import VisionEncoderDecoderModel

from data.recipes.handwriting._lines import (
    HEIGHT,
    WIDTH,
    WORK,
    Lines,
    fetch_hands,
    line_of_text,
    stored,
    training_lines,
    unseen_lines,
)
from data.recipes.handwriting._reader import Reader
from data.recipes.handwriting._rough import RoughCamera
from data.recipes.handwriting._scans import in_each_way
from data.recipes.handwriting.trocr import (
    GROUPS,
    SHORT_FIRST,
    Batches,
    Training,
    error_rate,
    photographed,
    report,
    save,
    spread_over,
    train,
)
from utils.checkpoints import TRAINED
from utils.data import DATA
from utils.handwriting.lines import fit_line
from utils.handwriting.strokes import HELD_OUT, training_faces
from utils.handwriting.writers import Writer

STEPS, FALL, MUON_RATE = 10_000, 0.7, 2e-3
BLOCKS = {"lettered": 70, "loose": 80, "written": 100, "hurried": 60}  # of 1,000 lines
ROUGH = 0.5  # share of the lines that do not stay as drawn
LINES = 400
WRITERS = 40  # whose strokes are drawn by each pen, three lines each


class RoughBatches(Batches):
    """As `Batches` from where all lines are in use; half of the lines that a camera takes, a rough one does."""

    def __call__(self, step: int) -> tuple[torch.Tensor, list[str], torch.Tensor]:
        return super().__call__(SHORT_FIRST + step)

    def taken(self, step: int, pictures: torch.Tensor, boxes: torch.Tensor, width: int) -> torch.Tensor:
        camera = RoughCamera(step)
        rough = camera.some(len(pictures), ROUGH)[:, 0, 0, 0] > 0
        taken = super().taken(step, pictures, boxes, width)
        if rough.sum() > 1:
            taken[rough] = camera.photograph(pictures[rough], boxes[rough], width)
        return taken


def read_from(folder: Path) -> Reader:
    """The reader in `folder`, for pictures with one channel again; its CTC head is new, for none is kept.

    Raises FileNotFoundError if there is none yet.
    """
    if not (folder / "config.json").is_file():
        raise FileNotFoundError(f"{folder} holds no reader: run python -m data.recipes.handwriting.trocr first")
    torch.manual_seed(0)
    reader, state = Reader(HEIGHT, WIDTH), VisionEncoderDecoderModel.from_pretrained(folder).state_dict()
    name = "encoder.embeddings.patch_embeddings.projection.weight"
    state[name] = state[name].sum(1, keepdim=True)
    reader.model.load_state_dict({key: value.float() for key, value in state.items() if "pooler" not in key})
    return reader


def in_ways(group: str) -> dict[str, Lines]:
    """Lines whose strokes are drawn by each pen of _scans.py. `group`: "faces" for letters that no training had."""
    rng = np.random.default_rng([7, group == "faces"])
    faces, lines = HELD_OUT if group == "faces" else training_faces(), {}
    texts, who = [], []
    for number in range(WRITERS):
        writer = Writer.random(rng, faces=faces)
        for _ in range(3):
            texts.append(line_of_text(rng, held_out=True))
            who.append(f"{number:04d}")
            for way, picture in in_each_way(writer.path(texts[-1], rng)).items():
                lines.setdefault(way, []).append(np.asarray(fit_line(Image.fromarray(picture), HEIGHT, WIDTH)))
    boxes = np.zeros((len(texts), 4), np.int16)  # nothing is moved
    return {way: Lines(np.stack(pictures), boxes, texts, who) for way, pictures in lines.items()}


def table(readers: dict[str, Reader], tests: dict[str, Lines]) -> pd.DataFrame:
    """A row a kind of lines: the group, the way, how many, the character error rate of each reader."""
    kinds = {}
    for group, every in tests.items():
        lines = spread_over(every, min(LINES, len(every.texts)))
        ways = {"as drawn": lines, "photographed": photographed(lines), "rough": photographed(lines, RoughCamera, -2)}
        kinds |= {(group, way): some for way, some in ways.items()}
    kinds |= {(group, way): some for group in ("writers", "faces") for way, some in in_ways(group).items()}
    rows = [
        (*kind, len(some.texts), *(round(error_rate(reader, some), 4) for reader in readers.values()))
        for kind, some in kinds.items()
    ]
    return pd.DataFrame(rows, columns=["lines", "way", "count", *readers])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    fetch_hands()
    tests = {group: stored(f"unseen-{group}", lambda g=group: unseen_lines(g)) for group in (*GROUPS, "loose hands")}
    blocks = {kind: training_lines(kind, count) for kind, count in BLOCKS.items()}
    batches = RoughBatches(blocks["lettered"] + blocks["loose"], blocks["written"] + blocks["hurried"])
    training = Training(read_from(WORK / "first"), options.steps, MUON_RATE, FALL)
    harder = {
        f"{group}, rough": photographed(spread_over(tests[group], 120), RoughCamera, -2)
        for group in ("writers", "loose hands")
    }
    reader = train(training, batches, tests | harder, WORK.parent / "trocr_rough")
    readers = {"error_rate": reader, "first": read_from(WORK / "first")}
    tables = *report(reader, {group: tests[group] for group in GROUPS}), table(readers, tests)
    for name, found in zip(("trocr", "trocr_letters", "trocr_rough"), tables, strict=True):
        found.to_csv(DATA / "results" / f"{name}.csv", index=False, lineterminator="\n")
        print(found.to_string(index=False))
    save(reader, TRAINED / "trocr")
    print(f"{sum(p.numel() for p in reader.model.parameters()):,} parameters")


if __name__ == "__main__":
    main()
