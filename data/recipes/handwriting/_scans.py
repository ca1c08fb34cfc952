"""One line, as it would look from another pen on other paper, out of another scanner."""

from dataclasses import replace

import numpy as np

from utils.handwriting.ink import Pen, draw

HEIGHTS = 40, 97  # pixels of a line, as scanned
USUAL = Pen(width=0.35, ink=0.9, paper=235, grain=2)
PENS = {  # to compare with, as lesson 10's "Where it errs" does
    "usual": USUAL, "fine pen": replace(USUAL, width=0.22), "broad pen": replace(USUAL, width=0.5),
    "marker": replace(USUAL, width=0.9), "paler ink": replace(USUAL, ink=0.8),
    "very pale ink": replace(USUAL, ink=0.45), "grey paper": replace(USUAL, paper=180),
}  # fmt: skip


def in_each_way(path: np.ndarray) -> dict[str, np.ndarray]:
    """A pen path (n, 5) drawn by each of PENS, and the usual one's line with more contrast and in black and white."""
    lines = {name: draw(path, pen) for name, pen in PENS.items()}
    usual = lines["usual"].astype(float)
    lines["more contrast"] = np.clip((usual - 60) * 1.7, 0, 255).astype(np.uint8)
    lines["black and white"] = np.where(usual > 150, 255, 0).astype(np.uint8)
    return lines


def any_pen(rng: np.random.Generator) -> Pen:
    """From a hard pencil to a marker, on white paper or grey."""
    return Pen(
        width=float(np.exp(rng.uniform(np.log(0.2), np.log(1)))),
        ink=float(rng.uniform(0.35, 1)),
        paper=float(rng.uniform(150, 255)),
        grain=float(rng.uniform(0, 6)),
    )


def scanned(line: np.ndarray, paper: float, rng: np.random.Generator) -> np.ndarray:
    """A grey line (uint8) as a scanner gives it: half of them as they are, others with more contrast or in black and
    white. `paper`: its grey value."""
    kind = rng.random()
    if kind < 0.5:
        return line
    if kind < 0.75:
        black, white = paper * rng.uniform(0, 0.4), paper * rng.uniform(0.75, 1.05)
        return np.clip((line - black) / (white - black) * 255, 0, 255).astype(np.uint8)
    return np.where(line > paper * rng.uniform(0.45, 0.9), 255, 0).astype(np.uint8)


def redrawn(path: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A pen path (n, 5) as a grey picture (uint8) by another pen and scanner. None of them knows the writer's age."""
    while True:
        pen = any_pen(rng)
        picture = scanned(draw(path, pen, int(rng.integers(*HEIGHTS)), rng), pen.paper, rng)
        if np.ptp(picture) > 60:  # pale ink may leave nothing in black and white
            return picture
