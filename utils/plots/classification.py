"""Pictures for classifiers: their data, accuracies and differences with intervals, confusion matrices, answers."""

from collections.abc import Callable, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
from matplotlib.colors import LinearSegmentedColormap
from scipy.stats import binomtest

from utils.plots.charts import COLOURS, line_panels, show
from utils.plots.pictures import show_pictures


def two_ways_diagram() -> None:
    """Show feature extraction and fine-tuning as two rows of boxes: what is frozen (grey), what learns (orange)."""
    figure, axes = plt.subplots(figsize=(9, 3))
    rows = [(1.9, "feature\nextraction", "frozen", "#DDDDDD"), (0.0, "fine-tuning", "learns", COLOURS[1])]
    for bottom, name, body, colour in rows:
        axes.text(1.3, bottom + 0.6, name, ha="right", va="center", weight="bold")
        boxes = [(1.7, 1.5, "picture", "pixels", "white"), (4.1, 2.3, "pretrained body", body, colour),
                 (8.0, 1.5, "new head", "learns", COLOURS[1])]  # fmt: skip
        for left, width, title, what, face in boxes:
            axes.add_patch(plt.Rectangle((left, bottom), width, 1.2, facecolor=face, edgecolor="black"))
            axes.text(left + width / 2, bottom + 0.8, title, ha="center", va="center", fontsize=12)
            axes.text(left + width / 2, bottom + 0.35, what, ha="center", va="center", style="italic")
        for left, right in ((3.25, 4.05), (6.45, 7.95), (9.55, 10.3)):
            axes.annotate("", (right, bottom + 0.6), (left, bottom + 0.6), arrowprops={"arrowstyle": "-|>", "lw": 2})
        axes.text(7.15, bottom + 0.72, "features", ha="center", va="bottom", fontsize=10)
        axes.text(10.4, bottom + 0.6, "animal", va="center")
    axes.set(xlim=(0, 11.4), ylim=(-0.1, 3.2))
    axes.axis("off")
    show(
        figure,
        "Two rows of boxes: a picture goes into the pretrained body, which gives features; a new head makes an animal "
        "of them. Above, feature extraction: the body is frozen, only the head learns. Below, fine-tuning: both learn.",
    )


def show_styles(
    pictures: dict[str, Sequence],
    labels: dict[str, Sequence],
    styles: dict[str, Sequence[str]],
    names: Sequence[str],
    chosen: Sequence[str],
) -> None:
    """Show a row for each of the `chosen` classes and a column for each style, first those of training.

    `pictures`, `labels` (class numbers) and `styles` map "train" and "test" to one entry for each picture; `names` are
    the classes. Of several pictures of one class and style the first is shown. Raises ValueError if there is none.
    """
    first = {}
    for split in ("train", "test"):
        for picture, label, style in zip(pictures[split], labels[split], styles[split], strict=True):
            first.setdefault((names[int(label)], style), picture)
    kinds = list(dict.fromkeys([*styles["train"], *styles["test"]]))
    wanted = [(name, style) for name in chosen for style in kinds]
    for name, style in wanted:
        if (name, style) not in first:
            raise ValueError(f"there is no {name} in the style {style}")
    titles = [style.replace("-", "\n", 1) for style in kinds] + [""] * (len(wanted) - len(kinds))
    alt = f"Drawings, a row each for {', '.join(chosen)}; a column each for the styles {', '.join(kinds)}."
    show_pictures([first[pair] for pair in wanted], alt, titles=titles, columns=len(kinds))


def show_variations(pictures: torch.Tensor, vary: Callable[[torch.Tensor], torch.Tensor], times: int = 5) -> None:
    """Show each picture as it is and, beside it, what `vary` makes of it, `times` times.

    `pictures` has shape (n, 3, height, width) and values from 0 to 1; `vary` takes and gives one of them.
    """
    shown = [row for picture in pictures for row in (picture, *(vary(picture) for _ in range(times)))]
    alt = f"{len(pictures)} pictures in rows, each first as it is, then changed at random {times} times."
    titles = ["as it is", *["changed"] * times] + [""] * (len(shown) - times - 1)
    show_pictures([picture.permute(1, 2, 0) for picture in shown], alt, titles=titles, columns=times + 1)


def learning_curves(curves: dict[int, dict[str, tuple[float, float]]]) -> None:
    """Show loss and accuracy over epochs; `curves` maps an epoch to {name of a data set: (loss, accuracy)}."""
    names = list(next(iter(curves.values())))
    panels = {
        title: {name: {epoch: values[name][k] for epoch, values in curves.items()} for name in names}
        for k, title in enumerate(("loss", "accuracy"))
    }
    lines = " and ".join(names)
    alt = f"Left the loss, right the accuracy from epoch {min(curves)} to {max(curves)}: a line each for {lines}."
    line_panels(panels, alt, xlabel="epoch", log="x")


def accuracy_bars(panels: dict[str, dict[str, float]], pictures: int, chance: float | None = None) -> None:
    """Show accuracies on `pictures` pictures as bars with Wilson's intervals, a panel for each dictionary."""
    tables = {}
    for title, accuracies in panels.items():
        rows = {name: [value, *_interval(value, pictures)] for name, value in accuracies.items()}
        tables[title] = pd.DataFrame.from_dict(rows, "index", columns=["accuracy", "low", "high"])
    interval_bars(tables, chance)


def _interval(accuracy: float, pictures: int) -> tuple[float, float]:
    found = binomtest(round(accuracy * pictures), pictures).proportion_ci(method="wilson")
    return float(found.low), float(found.high)


def interval_bars(panels: dict[str, pd.DataFrame], chance: float | None = None, decimals: int = 1) -> None:
    """Show accuracies as bars with their intervals, one panel for each table, with a dashed line at `chance`.

    `decimals` is for the description: what a lesson trains is the same everywhere to one or two only.
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
    told = [f"{title}: " + ", ".join(f"{name} {value:.{decimals}f}" for name, value in table["accuracy"].items())
            for title, table in panels.items()]  # fmt: skip
    show(figure, f"Bars with intervals. {'; '.join(told)}.")


def seed_bars(seeds: pd.DataFrame, pictures: dict[str, int], chance: float | None = None) -> None:
    """Show means over seeds as bars, one panel for each column of `seeds`, with a dot for each seed.

    The index of `seeds` are methods and seeds; the interval of a mean is Wilson's for that column's number of
    `pictures`. The methods stand in the order of the first column's means, the lowest on top.
    """
    order = seeds.groupby(level=0)[seeds.columns[0]].mean().sort_values().index
    panels = {}
    for title, series in seeds.items():
        rows = {}
        for method in order:
            values = list(series[method])
            rows[method] = [np.mean(values), *_interval(np.mean(values), pictures[title]), values]
        panels[title] = pd.DataFrame.from_dict(rows, "index", columns=["accuracy", "low", "high", "seeds"])
    interval_bars(panels, chance, decimals=2)


def difference_intervals(table: pd.DataFrame, xlabel: str = "difference of the accuracies") -> None:
    """Show differences as dots with their intervals, one row for each row of `table`, with a dashed line at 0.

    The table has the columns `one`, `other` (what is compared), `difference`, `low` and `high`.
    """
    names = [f"{one} − {other}" for one, other in zip(table["one"], table["other"], strict=True)]
    figure, panel = plt.subplots(figsize=(9, 1 + 0.42 * len(table)))
    places = np.arange(len(table))
    reach = [table["difference"] - table["low"], table["high"] - table["difference"]]
    panel.axvline(0, color="black", linestyle="--", linewidth=1)
    panel.errorbar(table["difference"], places, xerr=reach, fmt="o", color=COLOURS[0], ecolor="black", capsize=4)
    panel.set_yticks(places, names)
    panel.set(xlabel=xlabel, ylim=(len(table) - 0.5, -0.5))
    clear = [name for name, low, high in zip(names, table["low"], table["high"], strict=True) if low > 0 or high < 0]
    show(figure, f"{len(table)} differences with intervals. 0 lies outside for: {'; '.join(clear) or 'none'}.")


def confusion_matrices(true: Sequence[int], predicted: dict[str, Sequence[int]], names: Sequence[str]) -> None:
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
    show(figure, f"Confusion matrices of {len(names)} classes: {', '.join(predicted)}. The diagonal is what is right.")


def show_answers(
    pictures: Sequence, true: Sequence[int], predicted: Sequence[int], names: Sequence[str], columns: int = 8
) -> None:
    """Show pictures in rows, above each what it is and, after a colon, what was answered.

    `true` and `predicted` hold class numbers, `names` the classes. Raises ValueError if the lengths differ.
    """
    titles = [f"{names[i]}:\n{names[j]}" for i, j in zip(true, predicted, strict=True)]
    alt = f"{len(titles)} pictures; above each, what it is and what was answered."
    show_pictures(pictures, alt, titles=titles, columns=columns)


def show_mistakes(
    pictures: Sequence, true: Sequence[int], predicted: Sequence[int], names: Sequence[str], most: int = 32
) -> None:
    """As `show_answers`, but only the first `most` of the pictures whose answer is wrong."""
    wrong = [i for i, (one, other) in enumerate(zip(true, predicted, strict=True)) if int(one) != int(other)][:most]
    show_answers(*([column[i] for i in wrong] for column in (pictures, true, predicted)), names)
