"""Pictures: one look for all lessons, colours safe for colour-blind readers, a description with every figure."""

import io
from base64 import b64encode
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display
from matplotlib.figure import Figure
from PIL import Image

# Okabe & Ito, "Color Universal Design" (2008): told apart with every common kind of colour blindness.
COLOURS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#F0E442", "#000000"]

plt.rcParams.update({
    "axes.prop_cycle": plt.cycler(color=COLOURS),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.facecolor": "white",  # opaque, so that the text stays legible on a dark theme
    "figure.constrained_layout.use": True,
    "font.size": 11,
    "image.cmap": "cividis",
    "savefig.dpi": 90,
})  # fmt: skip


def show(figure: Figure, alt: str, colours: int = 0) -> None:
    """Display a figure with `alt`, a sentence or two that tell what is to be seen to who cannot see it.

    `alt` is stored with the picture (for exported pages) and as its plain text (for readers without pictures). Boxes
    and letters need few colours: with `colours=32` the picture takes a third of the bytes.
    """
    if not alt.strip():
        raise ValueError("a figure needs a description: show(figure, alt='…')")
    png = io.BytesIO()
    figure.savefig(png, format="png")
    plt.close(figure)
    if colours:
        picture = Image.open(png).convert("RGB").quantize(colours, method=Image.Quantize.MAXCOVERAGE)
        png = io.BytesIO()
        picture.save(png, format="png", optimize=True)
    data = {"image/png": b64encode(png.getvalue()).decode(), "text/plain": alt}
    display(data, metadata={"image/png": {"alt": alt}}, raw=True)


def heatmap(
    values: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    alt: str,
    title: str = "",
    decimals: int = 2,
    row_title: str = "",
    column_title: str = "",
) -> None:
    """Show a matrix as coloured cells with the numbers in them.

    `values` has shape (len(rows), len(columns)) (array, tensor or nested list); with `decimals=-1` no numbers are
    written. Raises ValueError if the shape does not fit the names.
    """
    values = np.asarray(values, dtype=float)
    if values.shape != (len(rows), len(columns)):
        raise ValueError(f"values of shape {values.shape} do not fit {len(rows)} row and {len(columns)} column names")
    size = (1.6 + 0.62 * len(columns), 1.2 + 0.5 * len(rows))
    figure, axes = plt.subplots(figsize=size)
    axes.imshow(values, aspect="auto")
    axes.set_xticks(range(len(columns)), columns, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(rows)), rows)
    axes.set(title=title, xlabel=column_title, ylabel=row_title)
    axes.spines[:].set_visible(False)
    middle = (np.nanmin(values) + np.nanmax(values)) / 2
    for (i, j), value in np.ndenumerate(values):
        if decimals >= 0 and np.isfinite(value):
            colour = "black" if value > middle else "white"
            axes.text(j, i, f"{value:.{decimals}f}", ha="center", va="center", color=colour, fontsize=10)
    show(figure, alt)


def bars(values: dict[str, float], alt: str, xlabel: str, dashed: float | None = None) -> None:
    """Show named values between 0 and 1 as horizontal bars, with a dashed line at `dashed` (say, at chance)."""
    figure, axes = plt.subplots(figsize=(7, 0.6 + 0.42 * len(values)))
    axes.bar_label(axes.barh(list(values), list(values.values())), fmt="%.2f", padding=6,
                   bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})  # fmt: skip
    if dashed is not None:
        axes.axvline(dashed, color="black", linestyle="--", zorder=0.5)
    axes.set(xlim=(0, 1), xlabel=xlabel)
    axes.invert_yaxis()
    show(figure, alt)


def dots(values: dict[str, Sequence[float]], xlabel: str, dashed: float | None = None) -> None:
    """Show named lists of values between 0 and 1: a dot for each, a bar for their mean, a dashed line at `dashed`."""
    figure, axes = plt.subplots(figsize=(7, 0.6 + 0.42 * len(values)))
    means = {name: float(np.mean(some)) for name, some in values.items()}
    axes.barh(list(means), list(means.values()), color=COLOURS[5], alpha=0.7)
    for place, some in enumerate(values.values()):
        axes.plot(some, [place] * len(some), "o", color=COLOURS[0], markersize=4)
    if dashed is not None:
        axes.axvline(dashed, color="black", linestyle="--")
    axes.set(xlim=(0, 1), xlabel=xlabel)
    axes.invert_yaxis()
    show(figure, f"Means of {xlabel}: {', '.join(f'{name} {mean:.2f}' for name, mean in means.items())}.")


def heatmaps(matrices: dict[str, np.ndarray], alt: str, labels: Sequence[str] = (), axis_titles=("", "")) -> None:
    """Show matrices side by side as pictures without numbers, each with its title and its own scale of colours.

    `labels` name the rows and columns of square matrices; `axis_titles` are the titles of the x and the y axis.
    """
    figure, axes = plt.subplots(1, len(matrices), figsize=(9, 0.6 + 8.4 / len(matrices)), squeeze=False)
    for panel, (title, matrix) in zip(axes[0], matrices.items(), strict=True):
        picture = panel.imshow(np.asarray(matrix, dtype=float), aspect="auto")
        figure.colorbar(picture, ax=panel, orientation="horizontal", shrink=0.8)
        panel.set_title(title, fontsize=11)
        panel.set(xlabel=axis_titles[0], ylabel=axis_titles[1])
        panel.spines[:].set_visible(False)
        if labels:
            panel.set_xticks(range(len(labels)), labels, rotation=90, fontsize=9.5)
            panel.set_yticks(range(len(labels)), labels, fontsize=9.5)
    show(figure, alt)


def line_panels(panels: dict[str, dict[str, dict]], alt: str, xlabel: str, log: str = "") -> None:
    """Show panels side by side; each maps the names of its lines to {x: y}. `log` names the logarithmic axes, as "xy".

    A y axis whose values span less than a factor of 20 stays linear. Each line has its own dashes and markers, so that
    they can be told apart without colours.
    """
    figure, axes = plt.subplots(1, len(panels), figsize=(9, 3.6), squeeze=False)
    for panel, (title, lines) in zip(axes[0], panels.items(), strict=True):
        for style, (name, points) in zip(("o-", "s--", "^:"), lines.items(), strict=False):
            panel.plot(list(points), list(points.values()), style, label=name)
        if "x" in log:
            panel.set_xscale("log", base=2)
            ticks = list(next(iter(lines.values())))
            panel.set_xticks(ticks, [str(tick) for tick in ticks])
        heights = [y for points in lines.values() for y in points.values()]
        if "y" in log and max(heights) > 20 * min(heights):
            panel.set_yscale("log")
        panel.set_title(title, fontsize=11)
        panel.set_xlabel(xlabel)
        panel.legend(frameon=False, fontsize=10)
    show(figure, alt)
