"""Train a small TrOCR (ViT and TrOCR's decoder) to read lines of English handwriting. trocr_rough.py goes on from it.

    python -m data.recipes.handwriting.trocr --threads 2
    python -m data.recipes.handwriting.trocr --steps 30000 --threads 2

It needs npm and apt-get for the fonts, draws 200,000 lines (a quarter of an hour), then trains (0.3 s a step on two
free cores).
Half of the lines are by utils' synthetic writers, half in outline fonts that were made from real people's handwriting;
each time a line is used it is bent, lit and blurred anew (_paper.py), but for three in ten. Interrupted, it goes on
where it was. The learning rate is constant and falls to zero in the last fifth; the state before the fall is kept
(stable.pt), so that a later run with more steps goes on from there. After a change to the synthetic writers or to
_hands.py, delete the drawn lines in .cache/recipes/trocr/lines. It ends in .cache/recipes/trocr/first.
"""

import argparse
import shutil
import time
from dataclasses import replace
from pathlib import Path

import jiwer
import numpy as np
import pandas as pd
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from data.recipes.common.optimizers import muon_and_adamw
from data.recipes.common.scores import by_writer, letter_table, worst_tenth
from data.recipes.common.training import Resumable
from data.recipes.handwriting._lines import (
    HEIGHT,
    WIDTH,
    WORK,
    Lines,
    fetch_hands,
    stored,
    training_lines,
    unseen_lines,
)
from data.recipes.handwriting._paper import Camera
from data.recipes.handwriting._reader import UNKNOWN, VOCABULARY, Reader, in_colour, processor

STEPS = 16_000
BLOCKS = 100  # of 1,000 lines of each kind
PIXELS = 40 * WIDTH  # across all lines of a batch: 40 lines as wide as can be, or more narrower ones
WIDTHS = (128, 192, 256, 320, WIDTH)  # of a batch's pictures
WARM_UP = 300  # steps
SHORT_FIRST = 800  # steps with short lines in outline hands alone: the order of their letters is soon found
CLEAN = 0.3  # share of lines that stay as they were drawn: at the very left, black on white, as a scan may be
FALL = 0.2  # share of the steps in which the learning rate falls
GROUPS = ("writers", "faces", "hands")


class Batches:
    """Batch `step` is always the same: lines of about one width, and their texts."""

    def __init__(self, lettered: list[Lines], written: list[Lines]) -> None:
        self.blocks = [*lettered, *written]
        self.where = [(block, row) for block in range(len(self.blocks)) for row in range(len(self.blocks[block].texts))]
        widths = np.concatenate([block.boxes[:, 2] - block.boxes[:, 0] for block in self.blocks])
        classes = np.minimum(np.searchsorted(WIDTHS, widths * 0.95 + 4), len(WIDTHS) - 1)
        easy = np.array([block < len(lettered) for block, _ in self.where])
        self.all = [np.flatnonzero(classes == i) for i in range(len(WIDTHS))]
        self.easy = [lines[easy[lines]] for lines in self.all[:2]]

    def __call__(self, step: int) -> tuple[torch.Tensor, list[str], torch.Tensor]:
        """Float pictures (n, 1, HEIGHT, width), texts, and slips for `Reader.losses`."""
        rng = np.random.default_rng([3, step])
        lines_of = self.easy if step < SHORT_FIRST else self.all
        # a width is taken as often as gives each line the same chance
        shares = np.array([len(lines) * width for lines, width in zip(lines_of, WIDTHS, strict=False)], float)
        chosen = rng.choice(len(shares), p=shares / shares.sum())
        # some short lines stand on a whole line's paper, as in the pictures that the finished model gets
        width = WIDTH if rng.random() < 0.2 and step >= SHORT_FIRST else WIDTHS[chosen]
        count = PIXELS // width
        rows = [self.where[i] for i in rng.choice(lines_of[chosen], count)]
        pictures = torch.from_numpy(np.stack([self.blocks[b].pictures[row] for b, row in rows]))
        boxes = torch.from_numpy(np.stack([self.blocks[b].boxes[row] for b, row in rows]))
        texts = [self.blocks[b].texts[row] for b, row in rows]
        as_they_are = torch.from_numpy(rng.random(count) < CLEAN) & (boxes[:, 2] < width)
        taken = self.taken(step, pictures, boxes, width)
        pictures = torch.where(as_they_are.view(-1, 1, 1, 1), pictures[:, None, :, :width] / 255, taken)
        shape = count, max(map(len, texts)) + 1
        slips = np.where(rng.random(shape) < 0.07, rng.integers(UNKNOWN + 1, len(VOCABULARY), shape), 0)
        return pictures, texts, torch.from_numpy(slips)

    def taken(self, step: int, pictures: torch.Tensor, boxes: torch.Tensor, width: int) -> torch.Tensor:
        """The lines as the camera of this step takes them."""
        return Camera(step).photograph(pictures, boxes, width)


def optimizers_of(reader: Reader, muon_rate: float) -> list[torch.optim.Optimizer]:
    layers = [*reader.model.encoder.layers, *reader.model.decoder.model.decoder.layers]
    return muon_and_adamw(reader, layers, muon_rate)


class Training(Resumable):
    """Of a reader, in batches of lines."""

    def __init__(self, reader: Reader, steps: int, muon_rate: float = 2.5e-3, fall: float = FALL) -> None:
        super().__init__(reader, optimizers_of(reader, muon_rate), steps, WARM_UP, fall)

    def resume(self, folder: Path) -> None:
        """Go on from state.pt; from stable.pt if state.pt stands in the fall of a run of another length."""
        any(self.load(folder / name, latest=1 - self.fall) for name in ("state.pt", "stable.pt"))

    def advance(self, batches: Batches) -> tuple[float, float]:
        """One step. Returns the decoder's loss and CTC's."""
        self.network.train()
        pictures, texts, slips = batches(self.step)
        # the plain formula of attention: with so few tokens a step costs a fifth less than with the fused one
        with sdpa_kernel(SDPBackend.MATH):
            cross_entropy, ctc = self.network.losses(pictures, texts, slips)
            (cross_entropy + ctc).backward()
        self.update()
        return cross_entropy.item(), ctc.item()


def train(training: Training, batches: Batches, tests: dict[str, Lines], folder: Path) -> Reader:
    """All steps that are left, from what `folder` holds on; what is read meanwhile of each test is printed."""
    folder.mkdir(parents=True, exist_ok=True)
    training.resume(folder)
    steps, losses, began = training.steps, np.zeros(2), time.monotonic()
    while training.step < steps:
        losses += np.array(training.advance(batches)) / 100
        step = training.step
        if step % 100 == 0:
            seconds, began = (time.monotonic() - began) / 100, time.monotonic()
            of_losses = f"decoder {losses[0]:.3f}, CTC {losses[1]:.3f}"
            print(f"step {step:,} of {steps:,}: {of_losses}, {seconds:.2f} s a step", flush=True)
            losses[:] = 0
        if step % 500 == 0:
            training.save(folder / "state.pt")
        if step == int((1 - training.fall) * steps):
            training.save(folder / "stable.pt")
        if step % 1000 == 0 and step < steps:
            scores = {group: error_rate(training.network, spread_over(lines, 120)) for group, lines in tests.items()}
            print(f"step {step:,}: " + ", ".join(f"{group} {score:.3f}" for group, score in scores.items()), flush=True)
    return training.network.eval()


def spread_over(lines: Lines, count: int) -> Lines:
    """`count` of the lines, from all writers."""
    rows = np.linspace(0, len(lines.texts) - 1, count).astype(int)
    texts, who = ([values[row] for row in rows] for values in (lines.texts, lines.who))
    return Lines(lines.pictures[rows], lines.boxes[rows], texts, who)


def answers(reader: Reader, lines: Lines) -> list[str]:
    """What the reader reads, greedily."""
    reader.eval()
    texts = []
    for begin in range(0, len(lines.texts), 100):
        pictures = torch.from_numpy(np.array(lines.pictures[begin : begin + 100]))[:, None].float() / 255
        texts += reader.read(pictures)
    return texts


def error_rate(reader: Reader, lines: Lines) -> float:
    return jiwer.cer(lines.texts, answers(reader, lines))


def photographed(lines: Lines, camera: type[Camera] = Camera, seed: int = -1) -> Lines:
    """The lines as `camera` takes them, for a look at what paper and light cost."""
    pictures = torch.from_numpy(np.array(lines.pictures))
    taken = camera(seed).photograph(pictures, torch.from_numpy(lines.boxes), WIDTH)
    return replace(lines, pictures=(taken[:, 0] * 255).byte().numpy())


def report(reader: Reader, tests: dict[str, Lines]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """How well lines are read, by group and by hand, and how well letters: the tables that data/README.md states."""
    rows, every_text, every_answer = [], [], []
    for group, lines in tests.items():
        read = answers(reader, lines)
        rates = by_writer(lines.texts, read, lines.who)
        rows.append({
            "lines": group, "count": len(read), "error_rate": jiwer.cer(lines.texts, read),
            "mean_of_writers": np.mean(list(rates.values())), "worst_tenth": worst_tenth(rates),
            "word_error_rate": jiwer.wer(lines.texts, read), "photographed": error_rate(reader, photographed(lines)),
        })  # fmt: skip
        if group == "hands":
            rows += [{"lines": name, "count": lines.who.count(name), "error_rate": rates[name]} for name in rates]
        every_text, every_answer = every_text + lines.texts, every_answer + read
    return pd.DataFrame(rows).round(4), letter_table(every_text, every_answer)


def save(reader: Reader, folder: Path) -> None:
    """Reader and processor, as a checkpoint in float16."""
    shutil.rmtree(folder, ignore_errors=True)
    in_colour(reader).half().save_pretrained(folder)
    processor(HEIGHT, WIDTH).save_pretrained(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    fetch_hands()
    tests = {group: stored(f"unseen-{group}", lambda g=group: unseen_lines(g)) for group in GROUPS}
    batches = Batches(training_lines("lettered", BLOCKS), training_lines("written", BLOCKS))
    torch.manual_seed(0)
    reader = train(Training(Reader(HEIGHT, WIDTH), options.steps), batches, tests, WORK)
    print(report(reader, tests)[0].to_string(index=False))
    save(reader, WORK / "first")


if __name__ == "__main__":
    main()
