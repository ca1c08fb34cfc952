"""From a pen path to a grey picture: ink of varying width and darkness on paper."""

from dataclasses import dataclass

import numpy as np

LINE_MM = 9.0  # millimetres of paper from top to bottom of a picture: the ruling of a writing pad
CLOSE = 0.6  # pixels between two dabs of ink


@dataclass(frozen=True)
class Pen:
    """A pen and the paper under it; all choices, the same at every age.

    width: millimetres, at a middling pressure.
    ink: how dark, 0 to 1.
    paper: grey value, 0 to 255; grain: its standard deviation.
    """

    width: float
    ink: float
    paper: float
    grain: float

    @classmethod
    def random(cls, rng: np.random.Generator) -> "Pen":
        """Ballpoints, fineliners and pencils on white to greyish paper."""
        return cls(
            width=float(np.clip(np.exp(rng.normal(np.log(0.35), 0.18)), 0.22, 0.5)),
            ink=float(rng.uniform(0.8, 1)),
            paper=float(rng.uniform(214, 250)),
            grain=float(rng.uniform(0, 5)),
        )


def draw(path: np.ndarray, pen: Pen, height: int = 64, rng: np.random.Generator | None = None) -> np.ndarray:
    """A pen path (n, 5) in millimetres as a grey picture (uint8, height x width), cut to what is written.

    A picture shows LINE_MM of paper from top to bottom, so small writing looks small; only a line that is higher than
    that is shrunk. `rng` places the line and makes the paper's grain; without it, both are always the same.
    """
    rng = rng or np.random.default_rng(0)
    x, y, pressure, time, stroke = np.asarray(path, float).T
    scale = height / LINE_MM
    margin = 1.5 + pen.width * scale
    scale = min(scale, (height - 2 * margin) / max(np.ptp(y), 0.1))
    x, y = (x - x.min()) * scale + margin, (y.max() - y) * scale + margin
    y += (height - margin - y.max()) * rng.uniform(0.3, 0.7)
    width = int(np.ceil(x.max() + margin))

    # a stroke is as wide as the pen, wider where it is pressed and where it rests; darker where it is pressed
    seconds = np.where(np.diff(stroke, prepend=-1) > 0, 0, np.diff(time, prepend=time[0]))
    rest = np.clip(seconds - 0.03, 0, 0.5)
    radius = pen.width * scale * (0.2 + 0.5 * pressure + 0.5 * np.sqrt(rest))
    dark = pen.ink * np.clip(0.25 + 0.95 * pressure, 0, 1)

    # dabs so close that they look like a line, strokes kept apart
    inner = np.diff(stroke) == 0
    dabs = np.maximum(1, np.ceil(np.hypot(np.diff(x), np.diff(y)) / CLOSE * inner)).astype(int)
    of = np.repeat(np.arange(len(dabs)), dabs)
    part = (np.arange(len(of)) - np.repeat(dabs.cumsum() - dabs, dabs)) / dabs[of] * inner[of]
    x, y, radius, dark = (
        np.append(v[of] + part * (v[of + 1] - v[of]), v[-1]).astype(np.float32) for v in (x, y, radius, dark)
    )

    # each pixel takes the strongest ink of the dabs that reach it; an edge covers a pixel in part
    reach = int(np.ceil(radius.max() + 0.5))
    window = np.arange(-reach, reach + 1)
    columns, rows = (np.rint(v).astype(int)[:, None] + window for v in (x, y))
    across, down = (columns - x[:, None])[:, None, :], (rows - y[:, None])[:, :, None]
    cover = np.clip(radius[:, None, None] + 0.5 - np.sqrt(across**2 + down**2, dtype=np.float32), 0, 1)
    inside = ((rows >= 0) & (rows < height))[:, :, None] & ((columns >= 0) & (columns < width))[:, None, :]
    inside &= cover > 0
    ink = np.zeros(height * width, np.float32)
    pixels = rows[:, :, None] * width + columns[:, None, :]
    np.maximum.at(ink, pixels[inside], (cover * dark[:, None, None])[inside])
    grey = pen.paper * (1 - ink.reshape(height, width)) + pen.grain * rng.standard_normal((height, width))
    return np.clip(np.rint(grey), 0, 255).astype(np.uint8)
