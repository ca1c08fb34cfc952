"""Figures of the lesson on writers' ages: who is in the data, which layer knows what, what helps, where it errs."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from utils.plots.charts import COLOURS, show

WIDTH = 9  # inches
MARKERS = "os^Dv"
DECADES = np.arange(0, 101, 10)  # edges of the age groups


def age_histogram(ages: dict[str, np.ndarray]) -> None:
    """Show how many writers of each decade there are; `ages` maps a split to its writers' ages."""
    figure, axes = plt.subplots(figsize=(7, 2.8))
    axes.hist(list(ages.values()), bins=DECADES, stacked=True, label=list(ages), color=COLOURS[: len(ages)],
              edgecolor="white")  # fmt: skip
    axes.set(xlabel="age of the writer (years)", ylabel="writers", xticks=DECADES)
    axes.legend(frameon=False, ncols=len(ages), loc="lower center", bbox_to_anchor=(0.5, 1))
    every = np.concatenate(list(ages.values()))
    counts = np.histogram(every, DECADES)[0]
    show(figure, f"How many writers of each decade there are, from {every.min():.0f} to {every.max():.0f} years, in "
                 f"{', '.join(ages)}: {', '.join(map(str, counts))}.")  # fmt: skip


def by_decade(ages: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of the decades that occur: mean age, mean value, standard error of the value."""
    groups = np.digitize(np.minimum(ages, DECADES[-2] - 0.1), DECADES)  # those of 90 with those of 80 to 89
    rows = [(ages[at].mean(), values[at].mean(), values[at].std() / np.sqrt(at.sum()))
            for at in (groups == group for group in np.unique(groups))]  # fmt: skip
    return tuple(np.array(rows).T)


def features_by_age(table: pd.DataFrame, ages: Sequence[float], names: Sequence[str]) -> None:
    """Show the columns `names` against age in panels side by side: means by decade, with two standard errors.

    A row of `table` is a person, so that the errors count people.
    """
    ages, told = np.asarray(ages), []
    figure, panels = plt.subplots(1, len(names), figsize=(WIDTH, 2.7), squeeze=False)
    for panel, name in zip(panels[0], names, strict=True):
        years, means, errors = by_decade(ages, table[name].to_numpy())
        panel.errorbar(years, means, 2 * errors, fmt="o-", capsize=3)
        panel.set_title(name, fontsize=11)
        panel.set(xlabel="age (years)", xticks=(10, 30, 50, 70, 90))
        told.append(f"{name} from {means[0]:.2g} for the youngest to {means[-1]:.2g} for the oldest")
    show(figure, f"Means of each decade of age: {'; '.join(told)}.")


def cost_curves(answers: Sequence[float], costs: np.ndarray, levels: Sequence[float]) -> None:
    """Show what each answer to everybody costs on average, a curve for each quantile, its cheapest answer marked.

    `costs` has shape (answers, levels): a loss for each answer (years) and level (0 to 1).
    """
    answers, costs = np.asarray(answers), np.asarray(costs)
    figure, axes = plt.subplots(figsize=(7.5, 3.4))
    told = []
    for level, column, colour in zip(levels, costs.T, COLOURS, strict=False):
        cheapest = answers[column.argmin()]
        axes.plot(answers, column, color=colour, label=f"quantile {level:.1f}")
        axes.plot(cheapest, column.min(), "o", color=colour)
        axes.annotate(f"{cheapest:.0f}", (cheapest, column.min()), (0, -14), textcoords="offset points", ha="center")
        told.append(f"{cheapest:.0f} for the quantile {level:.1f}")
    axes.set(xlabel="the answer to everybody (years)", ylabel="mean cost", ylim=(-2, None))
    axes.legend(frameon=False, fontsize=10)
    show(figure, f"Mean cost of each answer to everybody. Cheapest are {', '.join(told)}.")


def layer_curves(table: pd.DataFrame) -> None:
    """Show, layer by layer, how often the same writer is found and how far the age is off.

    Columns of `table`: encoder, layer, same_writer (a share), error (years). A line for each encoder.
    """
    figure, panels = plt.subplots(1, 2, figsize=(WIDTH, 3.5))
    for colour, marker, (name, rows) in zip(COLOURS, MARKERS, table.groupby("encoder", sort=False), strict=False):
        for panel, column in zip(panels, ("same_writer", "error"), strict=True):
            panel.plot(rows["layer"], rows[column], marker=marker, color=colour, label=name)
    for panel, title in zip(panels, ("same writer found (share)", "age: error of one line (years)"), strict=True):
        panel.set_title(title, fontsize=11)
        panel.set(xlabel="after layer", xticks=sorted(table["layer"].unique()))
    panels[0].set_ylim(0, None)
    panels[0].legend(frameon=False, fontsize=10)
    last = table.groupby("encoder", sort=False).last()
    told = [f"{name} {row.same_writer:.2f} and {row.error:.1f}" for name, row in last.iterrows()]
    show(figure, f"Two panels, layer by layer: share of writers found, years off. After the last: {'; '.join(told)}.")


def start_curves(table: pd.DataFrame, lines: Mapping[str, float]) -> None:
    """Show errors with their intervals over the number of training writers.

    `table` is what data/recipes/age/writer_age.py measured. A line for each start that was trained with all sizes to
    give a number, and one for ridge regression on the frozen reader. `lines`, named, are drawn across.
    """
    numbers, frozen = table[table["way"] == "number"], table[(table["way"] == "frozen") & (table["start"] == "reader")]
    curves = {name: rows for name, rows in numbers.groupby("start", sort=False) if len(rows) > 1}
    curves = {"reader, fine-tuned" if name == "reader" else name: rows for name, rows in curves.items()}
    curves["reader, frozen"] = frozen
    figure, axes = plt.subplots(figsize=(8, 4.2))
    for i, (colour, marker, (name, rows)) in enumerate(zip(COLOURS, MARKERS, curves.items(), strict=False)):
        x = rows["writers"] * 1.05 ** (i - (len(curves) - 1) / 2)  # side by side, so that the intervals can be seen
        error = rows["error_five_lines"]
        axes.errorbar(x, error, (error - rows["low"], rows["high"] - error), color=colour, marker=marker, capsize=4,
                      label=name)  # fmt: skip
    axes.set_xscale("log")
    sizes = sorted(table["writers"].unique())
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.set_xticks([], minor=True)
    for name, height in lines.items():
        axes.axhline(height, color="black", linestyle="--", linewidth=1, zorder=0.5)
        axes.annotate(name, (0, height), (4, 3), xycoords=("axes fraction", "data"), textcoords="offset points",
                      fontsize=10)  # fmt: skip
    axes.set(xlabel="writers learned from (two lines each)", ylabel="error, five lines (years)")
    axes.legend(frameon=False, fontsize=10, ncols=len(curves), loc="lower center", bbox_to_anchor=(0.5, 1))
    told = [f"{name} {', '.join(map(str, rows['error_five_lines'].round(1)))}" for name, rows in curves.items()]
    across = [f"{name} {height:.1f}" for name, height in lines.items()]
    show(figure, f"Error by number of writers: {'; '.join(told)}. Dashed: {', '.join(across)}.")


def error_by_lines(errors: Sequence[float]) -> None:
    """Show how the error (years) falls with the number of lines averaged; `errors`: of one line, two, …"""
    figure, axes = plt.subplots(figsize=(5, 3))
    lines = range(1, len(errors) + 1)
    axes.plot(lines, errors, "o-")
    axes.set(xlabel="lines averaged", ylabel="error (years)", xticks=lines, ylim=(0, 1.1 * max(errors)))
    show(figure, f"The error falls with the number of lines: {', '.join(f'{error:.1f}' for error in errors)} years.")


def answers_by_age(ages: Sequence[float], years: Sequence[float]) -> None:
    """Show a dot for each person, answer over age, a diagonal of right answers, and the answers' means by decade."""
    ages, years = np.asarray(ages), np.asarray(years)
    figure, axes = plt.subplots(figsize=(6.5, 4.2))
    axes.plot(ages, years, ".", alpha=0.35)
    axes.plot((0, 100), (0, 100), "--", color="black", linewidth=1)
    centres, means = by_decade(ages, years)[:2]
    axes.plot(centres, means, "o-", color=COLOURS[4], label="mean of a decade")
    axes.set(xlabel="age of the writer (years)", ylabel="answer (years)", xlim=(0, 100), ylim=(0, 100))
    axes.text(98, 90, "right", ha="right", va="top", fontsize=10)
    axes.legend(frameon=False, fontsize=10, loc="upper left")
    show(figure, f"Answers over ages. The means of the decades rise from {means[0]:.0f} for those of {centres[0]:.0f} "
                 f"to {means[-1]:.0f} for those of {centres[-1]:.0f}; the dashed diagonal would be right.")  # fmt: skip


def strips_below(pictures: Sequence, weights: np.ndarray, titles: Sequence[str]) -> None:
    """Show lines, and below each a strip of colour: how much each place mattered (bright: much).

    `weights` has shape (lines, strips), places of equal width from left to right; each line has its own scale.
    Raises ValueError if there are not as many rows of weights, or titles, as pictures.
    """
    weights = np.asarray(weights, dtype=float)
    if not len(pictures) == len(weights) == len(titles):
        raise ValueError(
            f"{len(pictures)} pictures, {len(weights)} rows of weights, {len(titles)} titles: not the same"
        )
    figure, panels = plt.subplots(2 * len(pictures), 1, figsize=(WIDTH, 1.75 * len(pictures)), squeeze=False,
                                  height_ratios=(5, 1) * len(pictures))  # fmt: skip
    for above, below, picture, row, title in zip(
        panels[::2, 0], panels[1::2, 0], pictures, weights, titles, strict=True
    ):
        above.imshow(np.asarray(picture), cmap="gray", vmin=0, vmax=255, aspect="auto")
        above.set_title(title, loc="left", fontsize=10)
        below.imshow(row[None], aspect="auto", interpolation="nearest")
    for panel in panels.flat:
        panel.axis("off")
    show(figure, f"Lines, and below each a strip of colour, bright where it matters most: {'; '.join(titles)}.")
