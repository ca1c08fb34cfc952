"""Measure data/results/trocr_rough.csv: what pens, paper, scanners and hurried hands cost the course's reader.

    python -m data.recipes.handwriting.trocr_rough --threads 2    # a minute or two; needs the fonts, as trocr.py does

Two kinds of lines. "as drawn", "photographed" (as trocr.py trains and tests) and "rough" (_rough.py, on which it was
never trained): 400 lines of each group of trocr.py's tests, and of "loose hands". The other ways: 120 lines of new
writers, the same strokes by each pen of _scans.py.
"""

import argparse

import numpy as np
import pandas as pd
import torch
from PIL import Image
from transformers import VisionEncoderDecoderModel

from data.recipes.handwriting._lines import HEIGHT, WIDTH, Lines, fetch_hands, line_of_text, stored, unseen_lines
from data.recipes.handwriting._reader import Reader
from data.recipes.handwriting._rough import RoughCamera
from data.recipes.handwriting._scans import in_each_way
from data.recipes.handwriting.trocr import GROUPS, error_rate, photographed, spread_over
from utils import checkpoint
from utils.data import DATA
from utils.handwriting.lines import fit_line
from utils.handwriting.strokes import HELD_OUT, training_faces
from utils.handwriting.writers import Writer

LINES = 400
WRITERS = 40  # whose strokes are drawn by each pen, three lines each


def kept_reader() -> Reader:
    """The checkpoint, in the wrapping that the recipe's measurements take."""
    reader = Reader(HEIGHT, WIDTH)
    reader.model = VisionEncoderDecoderModel.from_pretrained(checkpoint("trocr"))
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


def table(reader: Reader, tests: dict[str, Lines]) -> pd.DataFrame:
    """A row a kind of lines: the group, the way, how many, the character error rate."""
    kinds = {}
    for group, every in tests.items():
        lines = spread_over(every, min(LINES, len(every.texts)))
        ways = {"as drawn": lines, "photographed": photographed(lines), "rough": photographed(lines, RoughCamera, -2)}
        kinds |= {(group, way): some for way, some in ways.items()}
    kinds |= {(group, way): some for group in ("writers", "faces") for way, some in in_ways(group).items()}
    rows = [(*kind, len(some.texts), round(error_rate(reader, some), 4)) for kind, some in kinds.items()]
    return pd.DataFrame(rows, columns=["lines", "way", "count", "error_rate"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    torch.set_num_threads(parser.parse_args().threads)
    fetch_hands()
    tests = {group: stored(f"unseen-{group}", lambda g=group: unseen_lines(g)) for group in (*GROUPS, "loose hands")}
    found = table(kept_reader(), tests)
    found.to_csv(DATA / "results" / "trocr_rough.csv", index=False, lineterminator="\n")
    print(found.to_string(index=False))


if __name__ == "__main__":
    main()
