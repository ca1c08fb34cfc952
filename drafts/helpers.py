"""Functions that the drafts need: `results` belongs in utils/data.py, `spread_curves` in utils/plots.py."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from utils.data import DATA
from utils.plots import COLOURS, show


def results(name: str) -> pd.DataFrame:
    """Return the table that the recipe `name` measured, from data/results. KeyError for an unknown name."""
    if not (path := DATA / "results" / f"{name}.csv").is_file():
        known = sorted(path.stem for path in (DATA / "results").glob("*.csv"))
        raise KeyError(f"no results have the name {name!r}; known: {', '.join(known)}")
    return pd.read_csv(path)


def spread_curves(
    table: pd.DataFrame, x: str, y: str, by: str, alt: str, xlabel: str = "", dashed: float | None = None
) -> None:
    """Show the mean of column `y` over column `x`, one line for each value of column `by`, over the range of its rows.

    The x axis is logarithmic; `dashed` draws a horizontal line (say, at chance).
    """
    figure, axes = plt.subplots(figsize=(8, 4.2))
    for colour, marker, (name, rows) in zip(COLOURS, "os^Dv", table.groupby(by, sort=False), strict=False):
        runs = rows.groupby(x)[y].agg(["mean", "min", "max"])
        axes.fill_between(runs.index, runs["min"], runs["max"], color=colour, alpha=0.2, linewidth=0)
        axes.semilogx(runs.index, runs["mean"], marker=marker, color=colour, label=name)
    if dashed is not None:
        axes.axhline(dashed, color="black", linestyle="--")
    sizes = sorted(table[x].unique())
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.set_xticks([], minor=True)
    axes.set(xlabel=xlabel or x, ylabel=y)
    axes.legend(frameon=False)
    show(figure, alt)
