"""Pictures of training: a Trainer's curves, ways to use a pretrained network, how good each gets, what it costs."""

from collections.abc import Callable

import matplotlib.pyplot as plt
import pandas as pd

from utils.plots.charts import COLOURS, show

FROZEN, TRAINED, NEW = "#DDDDDD", COLOURS[5], COLOURS[1]


def training_curves(log: list[dict], metric: str = "accuracy", dashed: float | None = None) -> None:
    """Show the diary of a Trainer, `trainer.state.log_history`: losses on the left, the metric on the right, by step.

    Both losses are there if the Trainer evaluated; without evaluations the right side is left out. `dashed` draws a
    line there, named "chance". Raises ValueError if the diary holds no loss.
    """
    training, validation, scores = (
        {entry["step"]: entry[key] for entry in log if key in entry} for key in ("loss", "eval_loss", f"eval_{metric}")
    )
    if not training:
        raise ValueError("the log holds no loss: does logging_steps come before the last step?")
    figure, axes = plt.subplots(1, 2 if scores else 1, figsize=(8 if scores else 4.8, 3), squeeze=False)
    sentences = []
    for name, points, style in (("training", training, "o-"), ("validation", validation, "s--")):
        if points:
            axes[0, 0].plot(list(points), list(points.values()), style, label=name)
            sentences.append(f"The {name} loss goes {_from_to(points)}.")
    axes[0, 0].legend(frameon=False)
    axes[0, 0].set(xlabel="step", ylabel="loss", ylim=(0, None))
    if scores:
        axes[0, 1].plot(list(scores), list(scores.values()), "s--", color=COLOURS[1])
        axes[0, 1].set(xlabel="step", ylabel=f"validation {metric}", ylim=(0, 1))
        sentences.append(f"The validation {metric} goes {_from_to(scores)}.")
        if dashed is not None:
            axes[0, 1].axhline(dashed, color="black", linestyle="--", linewidth=1, label="chance")
            axes[0, 1].legend(frameon=False, loc="lower right")
            sentences.append(f"A dashed line marks chance, {dashed:g}.")
    show(figure, " ".join(sentences))


def _from_to(points: dict[int, float]) -> str:
    """The first and the last point in words, and the lowest or highest one if it lies between them."""
    (first, start), *_, (last, end) = list(points.items()) if len(points) > 1 else list(points.items()) * 2
    text = f"from {start:.2f} at step {first} to {end:.2f} at step {last}"
    for name, extreme in (("lowest", min), ("highest", max)):
        if (step := extreme(points, key=points.get)) not in (first, last):
            text += f", {name} {points[step]:.2f} at step {step}"
    return text


def ways_diagram() -> None:
    """Show four ways to use a network, each as body and head: which numbers are random at first, which are trained."""
    ways = [
        ("frozen features", FROZEN, ""),
        ("LoRA", FROZEN, "corrections"),
        ("full fine-tuning", TRAINED, ""),
        ("from scratch", NEW, ""),
    ]
    figure, axes = plt.subplots(figsize=(8, 2.6))
    for i, (name, body, inside) in enumerate(ways):
        x = 2.3 * i
        axes.add_patch(plt.Rectangle((x, 0), 1.9, 1.3, facecolor=body, edgecolor="black"))
        axes.add_patch(plt.Rectangle((x, 1.42), 1.9, 0.45, facecolor=NEW, edgecolor="black"))
        axes.text(x + 0.95, 0.9 if inside else 0.65, "body", ha="center", va="center")
        axes.text(x + 0.95, 1.645, "head", ha="center", va="center")
        axes.text(x + 0.95, 2.05, name, ha="center", fontsize=12, weight="bold")
        if inside:
            axes.add_patch(plt.Rectangle((x + 0.2, 0.15), 1.5, 0.45, facecolor=NEW, edgecolor="black"))
            axes.text(x + 0.95, 0.375, inside, ha="center", va="center", fontsize=10)
    keys = [("pretrained, stays as it is", FROZEN), ("pretrained, trained further", TRAINED), ("new, trained", NEW)]
    for i, (meaning, colour) in enumerate(keys):
        axes.add_patch(plt.Rectangle((0.1 + 3.1 * i, -0.55), 0.3, 0.25, facecolor=colour, edgecolor="black"))
        axes.text(0.5 + 3.1 * i, -0.43, meaning, va="center", fontsize=10)
    axes.set(xlim=(-0.1, 8.9), ylim=(-0.65, 2.35))
    axes.axis("off")
    show(
        figure,
        "Four networks, each a body with a head on top. In all four the head is new and trained. Frozen features: the "
        "pretrained body stays as it is. LoRA: it stays too, and new corrections within it are trained. Full "
        "fine-tuning: the pretrained body is trained further. From scratch: the body is new as well.",
    )


def lora_diagram(size: int, rank: int) -> None:
    """Show a frozen matrix W (`size` x `size`) and its correction BA, with B `size` x `rank` and A `rank` x `size`.

    The thin sides are drawn thicker than to scale.
    """
    figure, axes = plt.subplots(figsize=(7, 2.7))
    thin, product = 0.25, "#f5d899"  # a paler NEW: computed, not trained
    for x, y, width, height, colour, name in (
        (0, 0, 2, 2, FROZEN, "W"),
        (2.8, 0, thin, 2, NEW, "B"),
        (3.15, 2.1, 2, thin, NEW, "A"),
        (3.15, 0, 2, 2, product, "BA"),
    ):
        axes.add_patch(plt.Rectangle((x, y), width, height, facecolor=colour, edgecolor="black"))
        axes.text(x + width / 2, y + height / 2, name, ha="center", va="center", fontsize=12, weight="bold")
    for x, y, text in (
        (1, 2.12, f"{size} x {size}"),
        (1, 0.25, f"frozen: {size * size:,} numbers"),
        (4.15, 0.25, f"{size} x {size}, computed"),
        (2.92, -0.25, f"{size} x {rank}"),
        (5.65, 2.17, f"{rank} x {size}"),
        (6.1, 1, f"trained: B and A,\n{2 * size * rank:,} numbers"),
    ):
        axes.text(x, y, text, ha="center", fontsize=9)
    axes.text(2.4, 1, "+", ha="center", va="center", fontsize=16)
    axes.set(xlim=(-0.1, 7), ylim=(-0.35, 2.45))
    axes.axis("off")
    show(
        figure,
        f"W + BA, where BA is B times A. W has {size} x {size} numbers and is frozen. BA has as many, but B only "
        f"{size} x {rank} and A {rank} x {size}: together {2 * size * rank:,} numbers, which are trained.",
    )


def accuracy_by_size(table: pd.DataFrame, dashed: float | None = None) -> None:
    """Show mean accuracy over the number of training sentences, a line for each method, over the range of its seeds.

    `table` has a row for each training, with the columns `method`, `size`, `seed` and `accuracy`. The x axis is
    logarithmic; `dashed` draws a horizontal line (say, at chance).
    """
    figure, axes = plt.subplots(figsize=(7, 3))
    sentences = []
    for colour, marker, (name, rows) in zip(COLOURS, "os^Dv", table.groupby("method", sort=False), strict=False):
        runs = rows.groupby("size")["accuracy"].agg(["mean", "min", "max"])
        axes.fill_between(runs.index, runs["min"], runs["max"], color=colour, alpha=0.2, linewidth=0)
        axes.semilogx(runs.index, runs["mean"], marker=marker, color=colour, label=name)
        sentences.append(f"{name} {', '.join(f'{mean:.2f}' for mean in runs['mean'])}")
    sizes = sorted(table["size"].unique())
    if dashed is not None:
        axes.axhline(dashed, color="black", linestyle="--")
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.set_xticks([], minor=True)
    axes.set(xlabel="training sentences" + (" (dashed: chance)" if dashed is not None else ""), ylabel="accuracy")
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    show(figure, f"Mean accuracy with {', '.join(f'{size:,}' for size in sizes)} sentences: {'; '.join(sentences)}.")


def rate_plan(rates: dict[int, float]) -> None:
    """Show the learning rate of each step."""
    figure, axes = plt.subplots(figsize=(6, 2.8))
    axes.plot(list(rates), list(rates.values()), "o-", markersize=4)
    axes.set(xlabel="step", ylabel="learning rate", ylim=(0, None))
    peak = max(rates, key=rates.get)
    first, last = min(rates), max(rates)
    show(
        figure,
        f"The learning rate goes from {rates[first]:g} at step {first} to {rates[peak]:g} at step {peak} and falls to "
        f"{rates[last]:.0e} at step {last}.",
    )


def memory_by_size(
    kept: dict[tuple[int, int], int],
    checkpointed: dict[tuple[int, int], int],
    formula: Callable[[int, int], int],
    texts: int,
    length: int,
) -> None:
    """Show how many MB a forward pass keeps: left over the number of texts in a batch, right over their length.

    Both tables map (texts, tokens of each) to bytes: `kept` as usual, `checkpointed` with gradient checkpointing, and
    `formula` takes the two numbers to the estimate. Left are the entries whose texts have `length` tokens, right those
    with `texts` texts.
    """
    figure, panels = plt.subplots(1, 2, figsize=(8.5, 3.2))
    sentences = []
    for axes, place, same, xlabel in (
        (panels[0], 0, length, f"texts in a batch, {length} tokens each"),
        (panels[1], 1, texts, f"tokens of each text, {texts} texts in a batch"),
    ):
        sizes = sorted(size for size in kept if size[1 - place] == same)
        x = [size[place] for size in sizes]
        lines = {
            "formula": ("-", "black", [formula(*size) / 1e6 for size in sizes]),
            "measured": ("o", COLOURS[0], [kept[size] / 1e6 for size in sizes]),
            "measured, checkpointing": ("s", COLOURS[4], [checkpointed[size] / 1e6 for size in sizes]),
        }
        for name, (style, colour, heights) in lines.items():
            axes.plot(x, heights, style, color=colour, label=name)
        axes.set(xlabel=xlabel, ylabel="MB kept for backward()", ylim=(0, None), xlim=(0, None), xticks=x)
        ends = "; ".join(f"{name} {heights[0]:.0f} to {heights[-1]:.0f} MB" for name, (_, _, heights) in lines.items())
        sentences.append(f"From {x[0]} to {x[-1]} {xlabel}: {ends}.")
    panels[0].legend(frameon=False, fontsize=10)
    show(figure, " ".join(sentences))
