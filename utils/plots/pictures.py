"""Figures of pictures: rows of them, cut into patches, with maps of numbers beside or over them."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_rgba

from utils.plots.charts import COLOURS, show

WIDTH = 9  # inches


def show_pictures(
    pictures: Sequence, alt: str, titles: Sequence[str] = (), columns: int = 8, maps: Sequence | None = None
) -> None:
    """Show pictures in rows of `columns`, with their titles; where `maps` are given, each lies over its picture.

    A picture is a PIL image or an array or tensor (height, width, 3) with values from 0 to 1, or (height, width),
    which is stretched from black to white. A map is a square of numbers of any size, 0 or larger; the picture is
    greyed and the map laid over it in blue, the deeper the larger, with full blue at the map's own largest number.
    Raises ValueError if the numbers of pictures, titles and maps differ.
    """
    if (titles and len(titles) != len(pictures)) or (maps is not None and len(maps) != len(pictures)):
        raise ValueError(f"{len(pictures)} pictures, {len(titles)} titles and {len(maps or ())} maps: not the same")
    columns = min(columns, len(pictures))
    rows = -(-len(pictures) // columns)
    side = min(WIDTH / columns, 2.6)
    lines = max((title.count("\n") + 1 for title in titles), default=0)
    figure, panels = plt.subplots(rows, columns, figsize=(side * columns, (side + 0.19 * lines) * rows), squeeze=False)
    figure.get_layout_engine().set(h_pad=0.08)
    for panel in panels.flat:
        panel.axis("off")
    for i, picture in enumerate(pictures):
        panel, values = panels.flat[i], np.asarray(picture)
        if maps is not None:
            grey = values.mean(axis=-1) if values.ndim == 3 else values
            values = 0.4 + 0.6 * grey / max(grey.max(), 1e-9)
        limits = {"vmin": 0, "vmax": 1} if maps is not None else {}
        panel.imshow(values, cmap="gray", interpolation="nearest", **limits)
        if titles:
            panel.set_title(titles[i], fontsize=10)
        if maps is not None:
            height, width = values.shape
            weights = np.asarray(maps[i], dtype=float)
            blue = np.full((*weights.shape, 4), to_rgba(COLOURS[0]))
            blue[..., 3] = 0.85 * weights / weights.max()
            panel.imshow(blue, interpolation="nearest", extent=(-0.5, width - 0.5, height - 0.5, -0.5))
    show(figure, alt)


def show_patches(picture, size: int, alt: str) -> None:
    """Show a picture under a grid of squares of `size` pixels, and beside it the squares apart, counted from 0.

    `picture` is an array or tensor (height, width, 3) with values from 0 to 1. Raises ValueError if the squares
    don't fit.
    """
    values = np.asarray(picture)
    height, width = values.shape[:2]
    if height % size or width % size:
        raise ValueError(f"squares of {size} pixels don't fill a picture of {height} x {width}")
    gap = max(2, size // 4)
    rows, columns = height // size, width // size
    apart = np.full((rows * (size + gap) + gap, columns * (size + gap) + gap, 3), 0.78)
    figure, (left, right) = plt.subplots(1, 2, figsize=(WIDTH, WIDTH / 2))
    for i in range(rows):
        for j in range(columns):
            y, x = gap + i * (size + gap), gap + j * (size + gap)
            apart[y : y + size, x : x + size] = values[i * size : (i + 1) * size, j * size : (j + 1) * size]
            right.text(x + 1, y + 1, i * columns + j, fontsize=7.5, va="top", color="black",
                       bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6})  # fmt: skip
    left.imshow(values)
    left.hlines(np.arange(0, height + 1, size) - 0.5, -0.5, width - 0.5, color=COLOURS[0], linewidth=1)
    left.vlines(np.arange(0, width + 1, size) - 0.5, -0.5, height - 0.5, color=COLOURS[0], linewidth=1)
    right.imshow(apart)
    for panel in (left, right):
        panel.axis("off")
    show(figure, alt)


def show_maps(
    rows: dict[str, Sequence], alt: str, titles: Sequence[str] = (), marks: Sequence[tuple[int, int]] = ()
) -> None:
    """Show maps of numbers without ticks: a row for each key, one scale of colours for the whole row.

    `titles` stand over the columns; `marks` has for each column the (row, column) of a field to mark with a cross.
    Raises ValueError if the rows are not equally long.
    """
    if len({len(row) for row in rows.values()}) != 1:
        lengths = ", ".join(f"{name} {len(row)}" for name, row in rows.items())
        raise ValueError(f"rows of different length: {lengths}")
    columns = len(next(iter(rows.values())))
    side = min(WIDTH / (columns + 0.8), 2.0)
    size = (side * (columns + 0.8), side * len(rows) + 0.3)
    figure, panels = plt.subplots(len(rows), columns, figsize=size, squeeze=False)
    figure.get_layout_engine().set(w_pad=0.08)
    for i, (line, (name, row)) in enumerate(zip(panels, rows.items(), strict=True)):
        values = [np.asarray(matrix, dtype=float) for matrix in row]
        low, high = min(v.min() for v in values), max(v.max() for v in values)
        for j, (panel, matrix) in enumerate(zip(line, values, strict=True)):
            drawn = panel.imshow(matrix, vmin=low, vmax=high)
            panel.set(xticks=[], yticks=[])
            panel.spines[:].set_visible(False)
            if marks:
                panel.plot(marks[j][1], marks[j][0], "x", color=COLOURS[4], markersize=8, markeredgewidth=2.5)
            if titles and i == 0:
                panel.set_title(titles[j], fontsize=10)
        line[0].set_ylabel(name, fontsize=10.5)
        figure.colorbar(drawn, ax=list(line), shrink=0.85, pad=0.02)
    show(figure, alt)
