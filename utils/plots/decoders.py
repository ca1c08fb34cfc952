"""Figures of decoders compared: how fast each learns, where each ends, and what an encoder reads without any."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.ticker import LogLocator
from PIL import Image

from utils.plots.charts import COLOURS, show

# Name of a decoder in the recipe's tables -> name in figures, colour and marker: the same in all figures.
LOOKS = {
    "reader": ("the reader's own", COLOURS[7], "o"),
    "none": ("no decoder", COLOURS[2], "D"),
    "german": ("German", COLOURS[0], "s"),
    "english": ("English", COLOURS[4], "^"),
    "untrained": ("untrained", COLOURS[3], "v"),
    "english reader": ("English reader", COLOURS[1], "P"),
}


def decoder_curves(
    panels: dict[str, dict[str, dict[int, float]]],
    ylabels: Sequence[str],
    alt: str,
    log: bool = False,
    bottom: float | None = 0,
) -> None:
    """Show a panel for each of `panels`, in it a curve for each decoder: title -> decoder -> {step: value}.

    Decoders are those of LOOKS. With `log` the y axes are logarithmic, otherwise they begin at `bottom`. Panels with
    the same label share their y axis' limits. Raises ValueError if there is another number of labels than of panels.
    """
    if len(ylabels) != len(panels):
        raise ValueError(f"{len(ylabels)} labels for {len(panels)} panels")
    figure, axes = plt.subplots(1, len(panels), figsize=(9, 3.9), squeeze=False, sharey=len(set(ylabels)) == 1)
    for panel, ylabel, (title, curves) in zip(axes[0], ylabels, panels.items(), strict=True):
        for decoder in sorted(curves, key=list(LOOKS).index):
            name, colour, marker = LOOKS[decoder]
            curve = curves[decoder]
            panel.plot(list(curve), list(curve.values()), marker=marker, color=colour, label=name, markersize=5)
        if log:
            panel.set_yscale("log")
            panel.yaxis.set_major_formatter("{x:g}")
            panel.yaxis.set_minor_formatter("")
        else:
            panel.set_ylim(bottom=bottom)
        panel.set_title(title, fontsize=11)
        panel.set(xlabel="training steps", ylabel=ylabel if panel is axes[0, 0] or len(set(ylabels)) > 1 else "")
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=len(names), frameon=False, fontsize=10)
    show(figure, alt)


def intervals(
    panels: dict[str, pd.DataFrame], xlabel: str, alt: str, line: float | None = None, log: bool = False
) -> None:
    """Show values as dots with their intervals, a panel for each table, a row for each row of it.

    The tables have the same index (the rows' names) and the columns `value`, `low`, `high`. `line` draws a dashed line
    (say, where two are equally good); with `log` the axes are logarithmic. All panels have the same x axis. Raises
    ValueError if the indexes differ.
    """
    tables = list(panels.values())
    names = list(tables[0].index)
    if any(list(table.index) != names for table in tables):
        raise ValueError("the tables of all panels need the same index")
    looks = {name: (colour, marker) for name, colour, marker in LOOKS.values()}
    size = (7 if len(panels) == 1 else 9, 1.1 + 0.42 * len(names))
    figure, axes = plt.subplots(1, len(panels), figsize=size, squeeze=False, sharey=True, sharex=True)
    if log:
        axes[0, 0].set_xscale("log")
        axes[0, 0].xaxis.set_major_locator(LogLocator(subs=(1, 3)))
        axes[0, 0].xaxis.set_major_formatter("{x:g}")
        axes[0, 0].xaxis.set_minor_formatter("")
    for panel, (title, table) in zip(axes[0], panels.items(), strict=True):
        for place, row in enumerate(table.itertuples()):
            colour, marker = looks.get(row.Index, (COLOURS[0], "o"))
            reach = [[row.value - row.low], [row.high - row.value]]
            panel.errorbar(row.value, place, xerr=reach, fmt=marker, color=colour, capsize=4)
            paper = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
            panel.annotate(f"{row.value:.2f}", (row.value, place), (0, 7), textcoords="offset points",
                           ha="center", fontsize=10, bbox=paper)  # fmt: skip
        if line is not None:
            panel.axvline(line, color="black", linestyle="--", linewidth=1, zorder=0.5)
        panel.set_yticks(range(len(names)), names)
        panel.set_title(title, fontsize=11)
        panel.set(xlabel=xlabel, ylim=(len(names) - 0.5, -0.7))
    if not log:
        axes[0, 0].set_xlim(left=min(0, *(table["low"].min() for table in tables)))
    show(figure, alt)


def strips_read(picture: Image.Image, letters: Sequence[str], alt: str, nothing: str = "·") -> None:
    """Show a line of handwriting and below each of its strips the letter that was named for it.

    Strips are of equal width, from left to right. The name `nothing` is grey; a space shows as an open box.
    """
    width, height = picture.size
    figure, axes = plt.subplots(figsize=(9, 9 * (height + 11) / width + 0.1))
    axes.imshow(picture, cmap="gray", extent=(0, width, height, 0))
    step = width / len(letters)
    for edge in np.arange(len(letters) + 1) * step:
        axes.plot((edge, edge), (height, height + 2), color="grey", linewidth=0.5)
    for i, letter in enumerate(letters):
        looks = {"color": "grey"} if letter == nothing else {"color": COLOURS[4], "weight": "bold"}
        looks |= {"ha": "center", "va": "center", "family": "monospace", "fontsize": 11}
        axes.text((i + 0.5) * step, height + 6, "␣" if letter == " " else letter, **looks)
    axes.set(xlim=(0, width), ylim=(height + 11, 0))
    axes.axis("off")
    show(figure, alt)
