"""Pictures of attention: who looks at whom, and what comes of it."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes

from utils.plots.charts import COLOURS, line_panels, show


def attention_map(
    weights: np.ndarray, tokens: Sequence[str], title: str = "", rows: Sequence[str] = (), row_title: str = "looks from"
) -> None:
    """Show attention weights as cells with their numbers: rows look, columns are looked at, dark 0, bright 1.

    `weights` has shape (len(rows), len(tokens)) (array, tensor or nested list); without `rows` the rows are the tokens,
    too. Raises ValueError if the shape does not fit.
    """
    rows = rows or tokens
    weights = np.asarray(weights, dtype=float)
    if weights.shape != (len(rows), len(tokens)):
        raise ValueError(f"weights of shape {weights.shape} do not fit {len(rows)} rows and {len(tokens)} tokens")
    figure, axes = plt.subplots(figsize=(1.8 + 0.54 * len(tokens), 1.2 + 0.4 * len(rows)))
    _map(axes, weights, tokens, rows)
    axes.set(title=title, xlabel="looks at", ylabel=row_title)
    for (i, j), weight in np.ndenumerate(weights):
        colour = "black" if weight > 0.5 else "white"
        axes.text(j, i, f"{weight:.2f}", ha="center", va="center", color=colour, fontsize=10)
    most = "; ".join(
        f"{row} most at {tokens[j]} ({line[j]:.2f})"
        for row, line, j in zip(rows, weights, weights.argmax(axis=1), strict=True)
    )
    show(figure, f"Attention weights{': ' * bool(title)}{title}. {most}.")


def attention_maps(maps: dict[str, np.ndarray], tokens: Sequence[str]) -> None:
    """Show square tables of attention weights side by side, with one scale: rows look, dark 0, bright 1."""
    width = min(9, 3.4 * len(maps) + 0.9)
    figure, axes = plt.subplots(1, len(maps), figsize=(width, 0.9 + 0.85 * width / len(maps)), squeeze=False)
    for panel, (title, weights) in zip(axes[0], maps.items(), strict=True):
        picture = _map(panel, np.asarray(weights, dtype=float), tokens, tokens, rotation=90)
        panel.set_title(title, fontsize=11)
        panel.set(xlabel="looks at", ylabel="looks from" if panel is axes[0, 0] else "")
    figure.colorbar(picture, ax=axes, label="weight", shrink=0.8)
    say = []
    for title, weights in maps.items():
        most = [tokens[j] for j in np.asarray(weights, dtype=float).argmax(axis=1)]
        say.append(f"{title}: {', '.join(f'{a} most at {b}' for a, b in zip(tokens, most, strict=True))}")
    show(figure, f"{len(maps)} attention maps. {'. '.join(say)}.")


def _map(axes: Axes, weights: np.ndarray, columns: Sequence[str], rows: Sequence[str], rotation: int = 45):
    picture = axes.imshow(weights, aspect="auto", vmin=0, vmax=1)
    place = {"ha": "right", "va": "center" if rotation == 90 else "top", "rotation_mode": "anchor"}
    axes.set_xticks(range(len(columns)), columns, rotation=rotation, **place)
    axes.set_yticks(range(len(rows)), rows)
    axes.spines[:].set_visible(False)
    return picture


def looking_back(sentences: dict[str, tuple[str, str]]) -> None:
    """Show sentences below each other, in each an arrow from one word to another: sentence -> (from, to).

    ValueError if one of the two is not a word of its sentence (punctuation left out).
    """
    longest = max(map(len, sentences))
    size = 9 / longest * 72 / 0.602 * 0.95  # points: a letter of the monospaced font is 0.602 of its size wide
    figure, axes = plt.subplots(figsize=(9, 0.85 * len(sentences)))
    arrow = {"arrowstyle": "-|>", "lw": 2, "color": COLOURS[0], "connectionstyle": "arc3,rad=0.16"}
    for row, (sentence, (start, end)) in enumerate(sentences.items()):
        words = sentence.split()
        firsts = np.cumsum([0, *(len(word) + 1 for word in words)])  # the place of each word's first letter
        bare = [word.strip(".,") for word in words]
        if not {start, end} <= set(bare):
            raise ValueError(f"{start!r} or {end!r} is not a word of {sentence!r}")
        for word, first in zip(words, firsts, strict=False):
            marked = word.strip(".,") in (start, end)
            axes.text(first, -row, word, family="monospace", fontsize=size, va="center",
                      weight="bold" if marked else "normal", color=COLOURS[0] if marked else "black")  # fmt: skip
        tail, tip = (firsts[bare.index(word)] + len(word) / 2 for word in (start, end))
        axes.annotate("", (tip, 0.16 - row), (tail, 0.16 - row), arrowprops=arrow)
    axes.set(xlim=(0, longest), ylim=(-len(sentences) + 0.7, 0.75))
    axes.axis("off")
    said = " ".join(f"'{sentence}' From {start} to {end}." for sentence, (start, end) in sentences.items())
    show(figure, f"An arrow in each sentence: {said}")


def arrows(ends: dict[str, Sequence[float]], xlabel: str, ylabel: str) -> None:
    """Show vectors of two numbers as named arrows from the origin."""
    figure, axes = plt.subplots(figsize=(4.2, 3.6))
    ends = {name: (float(x), float(y)) for name, (x, y) in ends.items()}
    for colour, (name, (x, y)) in zip(COLOURS, ends.items(), strict=False):
        axes.annotate("", (x, y), (0, 0), arrowprops={"arrowstyle": "-|>", "lw": 2.5, "color": colour})
        axes.text(x + 0.05, y + 0.05, name, color=colour, weight="bold")
    largest = max(max(end) for end in ends.values())
    axes.set(xlim=(0, 1.35 * largest), ylim=(0, 1.2 * largest), xlabel=xlabel, ylabel=ylabel)
    tips = "; ".join(f"{name} ({x:.2f}, {y:.2f})" for name, (x, y) in ends.items())
    show(figure, f"Arrows from the origin, {xlabel} to the right and {ylabel} upwards: {tips}.")


def largest_weight_curves(largest: dict[str, dict[int, torch.Tensor]]) -> None:
    """Show how large the largest attention weight gets: name of a line -> {numbers per vector: one weight a query}.

    Left the mean over the queries, right the share of them that give more than 0.99 to one word.
    """
    panels = {
        "mean of the largest weight": lambda weights: weights.mean().item(),
        "share of queries with a weight over 0.99": lambda weights: (weights > 0.99).float().mean().item(),
    }
    curves = {
        title: {name: {d: measure(weights) for d, weights in line.items()} for name, line in largest.items()}
        for title, measure in panels.items()
    }
    say = [
        f"{title}, {name}: {', '.join(f'{value:.2f} at {d}' for d, value in line.items())}"
        for title, lines in curves.items()
        for name, line in lines.items()
    ]
    line_panels(curves, alt=f"Two panels. {'; '.join(say)}.", xlabel="numbers per vector", log="x")
