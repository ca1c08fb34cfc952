"""Pictures for classifiers: their data, accuracies and differences with intervals, confusion matrices, answers."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap
from scipy.stats import binomtest

from utils.plots.charts import COLOURS, show
from utils.plots.pictures import show_pictures


def show_styles(columns: Sequence[dict[str, Sequence]], chosen: Sequence[str], names: Sequence[str], alt: str) -> None:
    """Show a row for each of the `chosen` classes and a column for each style, first those of training.

    `columns` are pictures, class numbers and styles; each maps "train" and "test" to one entry for each picture. Of
    several pictures of one class and style the first is shown. Raises ValueError if there is none.
    """
    pictures, labels, styles = ([*column["train"], *column["test"]] for column in columns)
    kinds = list(dict.fromkeys(styles))
    first = {}
    for picture, label, style in zip(pictures, labels, styles, strict=True):
        first.setdefault((names[int(label)], style), picture)
    wanted = [(name, style) for name in chosen for style in kinds]
    for name, style in wanted:
        if (name, style) not in first:
            raise ValueError(f"there is no {name} in the style {style}")
    titles = [style.replace("-", "\n", 1) for style in kinds] + [""] * (len(wanted) - len(kinds))
    show_pictures([first[pair] for pair in wanted], alt, titles=titles, columns=len(kinds))


def interval_bars(panels: dict[str, pd.DataFrame], alt: str, chance: float | None = None) -> None:
    """Show accuracies as bars with their intervals, one panel for each table, with a dashed line at `chance`.

    The tables have the same index (the names of the bars) and the columns `accuracy`, `low` and `high`; if there is a
    column `seeds` (lists of accuracies), each seed is a dot. Raises ValueError if the indexes differ.
    """
    tables = list(panels.values())
    if any(list(table.index) != list(tables[0].index) for table in tables):
        raise ValueError("the tables of all panels need the same index")
    size = (7.5 if len(panels) == 1 else 9, 1.1 + 0.48 * len(tables[0]))
    figure, axes = plt.subplots(1, len(panels), figsize=size, squeeze=False, sharey=True)
    for panel, (title, table) in zip(axes[0], panels.items(), strict=True):
        places = np.arange(len(table))
        panel.barh(places, table["accuracy"], height=0.62, color=COLOURS[5])
        low_and_high = [table["accuracy"] - table["low"], table["high"] - table["accuracy"]]
        panel.errorbar(table["accuracy"], places, xerr=low_and_high, fmt="none", ecolor="black", capsize=4)
        for place, values in zip(places, table.get("seeds", [[]] * len(table)), strict=True):
            panel.plot(values, np.linspace(place - 0.2, place + 0.2, len(values)), "o", color=COLOURS[0], markersize=4)
        if chance is not None:
            panel.axvline(chance, color="black", linestyle="--", linewidth=1)
        panel.set_yticks(places, table.index)
        panel.set_title(title, fontsize=11)
        panel.set(xlim=(0, 1), xlabel="accuracy")
    axes[0, 0].invert_yaxis()
    show(figure, alt)


def seed_bars(
    accuracies: dict[str, pd.Series], pictures: dict[str, int], alt: str, chance: float | None = None
) -> None:
    """Show means over seeds as bars, one panel for each series, with a dot for each seed.

    A series is indexed by method and seed; the interval of a mean is Wilson's for that panel's number of `pictures`.
    """
    panels = {}
    for title, series in accuracies.items():
        n, rows = pictures[title], {}
        for method, values in series.groupby(level=0, sort=False):
            found = binomtest(round(values.mean() * n), n).proportion_ci(method="wilson")
            rows[method] = [values.mean(), found.low, found.high, list(values)]
        panels[title] = pd.DataFrame.from_dict(rows, "index", columns=["accuracy", "low", "high", "seeds"])
    interval_bars(panels, alt, chance)


def difference_intervals(table: pd.DataFrame, alt: str, xlabel: str = "difference of the accuracies") -> None:
    """Show differences as dots with their intervals, one row for each row of `table`, with a dashed line at 0.

    The table has the columns `difference`, `low` and `high`; its index names the rows.
    """
    figure, panel = plt.subplots(figsize=(9, 1 + 0.42 * len(table)))
    places = np.arange(len(table))
    reach = [table["difference"] - table["low"], table["high"] - table["difference"]]
    panel.axvline(0, color="black", linestyle="--", linewidth=1)
    panel.errorbar(table["difference"], places, xerr=reach, fmt="o", color=COLOURS[0], ecolor="black", capsize=4)
    panel.set_yticks(places, table.index)
    panel.set(xlabel=xlabel, ylim=(len(table) - 0.5, -0.5))
    show(figure, alt)


def confusion_matrices(
    true: Sequence[int], predicted: dict[str, Sequence[int]], names: Sequence[str], alt: str
) -> None:
    """Show how often class j was given for a picture of class i, one matrix for each list of predictions.

    White is none and dark is all; the diagonal holds the right answers. `true` and the lists hold class
    numbers, `names` the classes. Raises ValueError if a list is not as long as `true`.
    """
    figure, axes = plt.subplots(1, len(predicted), figsize=(9, 1.3 + 7.6 / max(len(predicted), 1.4)), squeeze=False)
    colours = LinearSegmentedColormap.from_list("white to blue", ["white", COLOURS[5], COLOURS[0], "black"])
    most = int(np.bincount(true).max())
    for panel, (title, answers) in zip(axes[0], predicted.items(), strict=True):
        if len(answers) != len(true):
            raise ValueError(f"{title}: {len(answers)} predictions for {len(true)} pictures")
        counts = np.zeros((len(names), len(names)), int)
        np.add.at(counts, (np.asarray(true), np.asarray(answers)), 1)
        panel.set_xticks(np.arange(len(names) + 1) - 0.5, minor=True)
        panel.set_yticks(np.arange(len(names) + 1) - 0.5, minor=True)
        panel.grid(which="minor", color="#dddddd", linewidth=0.5)
        panel.imshow(counts, cmap=colours, vmin=0, vmax=most)
        panel.set_title(title, fontsize=11)
        panel.set_xticks(range(len(names)), names, rotation=90, fontsize=8)
        panel.set_yticks(range(len(names)), names if panel is axes[0, 0] else [], fontsize=8)
        panel.tick_params(which="both", length=0)
        panel.set_xlabel("predicted")
    axes[0, 0].set_ylabel("true")
    show(figure, alt)


def show_answers(
    pictures: Sequence,
    true: Sequence[int],
    predicted: Sequence[int],
    names: Sequence[str],
    alt: str,
    columns: int = 8,
) -> None:
    """Show pictures in rows, above each what it is and, after a colon, what was answered.

    `true` and `predicted` hold class numbers, `names` the classes. Raises ValueError if the lengths differ.
    """
    titles = [f"{names[i]}:\n{names[j]}" for i, j in zip(true, predicted, strict=True)]
    show_pictures(pictures, alt, titles=titles, columns=columns)
