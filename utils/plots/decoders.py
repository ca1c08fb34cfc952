"""Figures of decoders compared: how fast each learns, where each ends, and what an encoder reads without any."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.ticker import LogLocator
from PIL import Image

from utils.plots.charts import COLOURS, show

# A decoder's name in the recipe's tables -> in the lesson, which says what it learned from.
NAMES = {
    "reader": "original",
    "english reader": "English texts + lines",
    "german": "German texts",
    "english": "English texts",
    "untrained": "untrained",
    "none": "no decoder",
}
LOOKS = {  # colour and marker: the same in all figures
    "original": (COLOURS[7], "o"),
    "English texts + lines": (COLOURS[1], "P"),
    "German texts": (COLOURS[0], "s"),
    "English texts": (COLOURS[4], "^"),
    "untrained": (COLOURS[3], "v"),
    "no decoder": (COLOURS[2], "D"),
}
Curves = dict[str, dict[int, float]]  # decoder -> {step: value}


def _panels(panels: dict[str, Curves], ylabels: Sequence[str], alt: str, log: bool = False, zero: bool = True) -> None:
    """Show a panel for each of `panels`, in it a curve for each decoder of LOOKS.

    With `log` the y axes are logarithmic; otherwise they begin at 0, unless `zero` is False. Panels with the same label
    share their limits.
    """
    same = len(set(ylabels)) == 1
    figure, axes = plt.subplots(1, len(panels), figsize=(9, 3.9), squeeze=False, sharey=same)
    for panel, ylabel, (title, curves) in zip(axes[0], ylabels, panels.items(), strict=True):
        for decoder in sorted(curves, key=list(LOOKS).index):
            colour, marker = LOOKS[decoder]
            curve = curves[decoder]
            panel.plot(list(curve), list(curve.values()), marker=marker, color=colour, label=decoder, markersize=5)
        if log:
            panel.set_yscale("log")
            panel.yaxis.set_major_locator(LogLocator(subs=(1, 3)))
            panel.yaxis.set_major_formatter("{x:g}")
            panel.yaxis.set_minor_formatter("")
        elif zero:
            panel.set_ylim(bottom=0)
        panel.set_title(title, fontsize=11)
        panel.set(xlabel="training steps", ylabel="" if same and panel is not axes[0, 0] else ylabel)
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=min(len(names), 6), frameon=False, fontsize=9)
    show(figure, alt)


def live_race(race: dict[str, dict[int, dict[str, float]]]) -> None:
    """Show two panels: the loss with the right picture, and by how much it is larger with somebody else's.

    race: decoder -> step -> {"right picture": loss, "another's": loss}; other keys are ignored.
    """
    right = {name: {step: row["right picture"] for step, row in rows.items()} for name, rows in race.items()}
    cost = {
        name: {step: row["another's"] - row["right picture"] for step, row in rows.items()}
        for name, rows in race.items()
    }
    starts = ", ".join(f"{name} {next(iter(curve.values())):.0f}" for name, curve in right.items())
    least = min(cost, key=lambda name: [*cost[name].values()][-1])
    alt = (
        f"Two panels over the steps of training. Left, the loss with the right picture; it starts at: {starts}. "
        f"Right, by how much another's picture makes it larger: at the end least for {least}."
    )  # what is trained differs from processor to processor: no more digits
    panels = {"loss with the right picture": right, "another's picture costs": cost}
    _panels(panels, ["loss", "difference of losses"], alt)


def long_race(rows: pd.DataFrame, ylabel: str, log: bool = False) -> None:
    """Show the recipe's races on the way, a panel for each number of lines trained on.

    rows: columns `decoder` (the lesson's names), `lines`, `step`, `error`. With `log` the y axis is logarithmic.
    """
    panels = {
        f"{lines:,} lines": {
            name: dict(zip(part["step"], part["error"], strict=True)) for name, part in of_lines.groupby("decoder")
        }
        for lines, of_lines in rows.groupby("lines")
    }
    told = "; ".join(
        f"{title}: " + ", ".join(f"{name} {[*curve.values()][-1]:.3g}" for name, curve in curves.items())
        for title, curves in panels.items()
    )
    _panels(panels, [ylabel] * len(panels), f"Curves of {ylabel}; at the last step, {told}.", log, zero=False)


def intervals(panels: dict[str, pd.DataFrame], xlabel: str, line: float | None = None, log: bool = False) -> None:
    """Show values as dots with their intervals, a panel for each table, a row for each row of it.

    The tables have the same index (the rows' names) and the columns `value`, `low`, `high`. `line` draws a dashed line
    (say, where two are equally good); with `log` the axes are logarithmic. All panels have the same x axis. Raises
    ValueError if the indexes differ.
    """
    tables = list(panels.values())
    names = list(tables[0].index)
    if any(list(table.index) != names for table in tables):
        raise ValueError("the tables of all panels need the same index")
    size = (7 if len(panels) == 1 else 9, 1.1 + 0.42 * len(names))
    figure, axes = plt.subplots(1, len(panels), figsize=size, squeeze=False, sharey=True, sharex=True)
    if log:
        axes[0, 0].set_xscale("log")
        axes[0, 0].xaxis.set_major_locator(LogLocator(subs=(1, 3)))
        axes[0, 0].xaxis.set_major_formatter("{x:g}")
        axes[0, 0].xaxis.set_minor_formatter("")
    for panel, (title, table) in zip(axes[0], panels.items(), strict=True):
        for place, row in enumerate(table.itertuples()):
            colour, marker = LOOKS.get(row.Index, (COLOURS[0], "o"))
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
    told = [
        f"{title}: " + ", ".join(f"{row.Index} {row.value:.2f} ({row.low:.2f} to {row.high:.2f})"
                                 for row in table.itertuples())
        for title, table in panels.items()
    ]  # fmt: skip
    show(figure, f"Dots with intervals, {xlabel}. {'; '.join(told)}.")


def strips_read(picture: Image.Image, letters: Sequence[str], nothing: str = "·") -> None:
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
    show(figure, f"A line of handwriting, below each strip a letter, or a dot for none: {''.join(letters)}")
