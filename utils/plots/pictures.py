"""Figures of pictures: rows of them, cut into patches, under maps of numbers; and of what a ViT does with them."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from datasets import Dataset
from matplotlib.colors import to_rgba
from transformers import ViTConfig

from utils.plots.charts import COLOURS, bars, show

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


def show_patches(picture, size: int) -> None:
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
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 4))
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
    squares = values.reshape(rows, size, columns, size, -1).transpose(0, 2, 1, 3, 4).reshape(rows * columns, -1)
    white = [str(i) for i, square in enumerate(squares) if (square == 1).all()]
    show(
        figure,
        f"Left the picture under a grid of {rows} by {columns} squares, right the squares apart, counted row by row "
        f"from 0 to {rows * columns - 1}. Plain white: {', '.join(white) or 'none'}.",
    )


def show_unrolled(patch, number: int) -> None:
    """Show a patch as a square, and beside it as a line of all its numbers.

    `patch` holds 3 * size * size numbers from -1 to 1, first the red ones, row by row, then the green and the blue.
    """
    values = np.asarray(patch, dtype=float)
    size = round((len(values) / 3) ** 0.5)
    figure, (left, right) = plt.subplots(1, 2, figsize=(WIDTH, 2.4), width_ratios=[1, 4])
    left.imshow(values.reshape(3, size, size).transpose(1, 2, 0) / 2 + 0.5)
    left.set(title=f"patch {number}", xticks=[], yticks=[])
    right.plot(values, linewidth=1)
    ticks = [i * size * size for i in range(4)]
    right.set(title="the same, unrolled", xticks=ticks, xlabel="red | green | blue", ylabel="brightness")
    for tick in ticks[1:3]:
        right.axvline(tick, color="black", linewidth=0.8, linestyle=":")
    show(
        figure,
        f"Left patch {number}, right its {len(values)} numbers as a jagged line, a "
        f"third each for red, green and blue, from {values.min():.2f} to {values.max():.2f}.",
    )


def show_examples(rows: Dataset, names: Sequence[str], columns: int = 8) -> None:
    """Show the pictures of a data set (columns `image`, `label`), above each its class; `names` lists all classes."""
    titles = [names[label] for label in rows["label"]]
    show_pictures(list(rows["image"]), f"Pictures: {', '.join(titles)}.", titles=titles, columns=columns)


def side_by_side(pictures: dict[str, object], alt: str) -> None:
    """Show up to eight pictures (of a kind that `show_pictures` takes) in a row, above each its name."""
    show_pictures(list(pictures.values()), f"{', '.join(pictures)}: {alt}", titles=list(pictures))


def show_nearest(asked: Dataset, others: Dataset, nearest: Sequence[Sequence[int]], names: Sequence[str]) -> None:
    """Show in each row a picture of `asked`, then those of `others` whose rows `nearest` lists, above each its class.

    Both data sets have the columns `image` and `label`; `nearest` is (len(asked), k), `names` lists the classes.
    """
    found, lines = [], []
    for one, places in zip(asked, np.asarray(nearest).tolist(), strict=True):
        row = [one, *others.select(places)]
        found += row
        first, *rest = [names[picture["label"]] for picture in row]
        lines.append(f"{first}: {', '.join(rest)}")
    titles = [names[picture["label"]] for picture in found]
    alt = f"Rows of a picture and what is nearest to it. {'; '.join(lines)}."
    show_pictures([picture["image"] for picture in found], alt, titles=titles, columns=len(found) // len(lines))


def maps_over(pictures: Sequence, weights, titles: Sequence[str] = (), columns: int = 6) -> None:
    """Show pictures in grey, over each its map in blue: `weights` is (n, patches), the patches filling a square.

    The deeper the blue, the larger the weight; full blue is the largest of the map itself.
    """
    weights = np.asarray(weights, dtype=float)
    side = round(weights.shape[1] ** 0.5)
    names = [title.replace("\n", ", ") for title in titles] or [f"picture {i}" for i in range(len(pictures))]
    deepest = "; ".join(f"{name}: {i}" for name, i in zip(names, weights.argmax(axis=1), strict=True))
    alt = f"Grey pictures under blue maps of {side} by {side} patches. The deepest patch of each: {deepest}."
    show_pictures(pictures, alt, titles=titles, columns=columns, maps=weights.reshape(-1, side, side))


def head_maps(picture, weights) -> None:
    """Show for each attention head how much weight the patches get: `weights` is (layers, heads, patches).

    Above each map stands the sum of its weights, which is less than 1 if a token that is no patch gets some.
    """
    weights = np.asarray(weights, dtype=float)
    layers, heads, patches = weights.shape
    titles = [f"layer {i}, head {j}\n{weights[i, j].sum():.0%}" for i in range(layers) for j in range(heads)]
    maps_over([picture] * len(titles), weights.reshape(-1, patches), titles, columns=2 * heads)


def value_bars(values: dict[str, float], xlabel: str, dashed: float | None = None) -> None:
    """Show named values between 0 and 1 as bars, as `bars` does, which are also what the description lists."""
    bars(values, f"{xlabel}: {', '.join(f'{name} {value:.2f}' for name, value in values.items())}.", xlabel, dashed)


def place_maps(rows: dict[str, np.ndarray], places: Sequence[int]) -> None:
    """Show how similar all places of a square are to some of them, which are marked by a cross.

    `rows` maps a name to similarities of shape (n, n), n being a square number: a row of maps each, a map for each
    of `places`. All maps share one scale of colours, so that the rows can be compared.
    """
    matrices = {name: np.asarray(matrix, dtype=float)[list(places)] for name, matrix in rows.items()}
    low, high = min(m.min() for m in matrices.values()), max(m.max() for m in matrices.values())
    side = min(WIDTH / (len(places) + 0.8), 2.0)
    size = (side * (len(places) + 0.8), side * len(rows) + 0.3)
    figure, panels = plt.subplots(len(rows), len(places), figsize=size, squeeze=False)
    figure.get_layout_engine().set(w_pad=0.08)
    for i, (line, (name, maps)) in enumerate(zip(panels, matrices.items(), strict=True)):
        for panel, place, values in zip(line, places, maps, strict=True):
            edge = round(len(values) ** 0.5)
            drawn = panel.imshow(values.reshape(edge, edge), vmin=low, vmax=high)
            panel.plot(place % edge, place // edge, "x", color=COLOURS[4], markersize=8, markeredgewidth=2.5)
            panel.set(xticks=[], yticks=[])
            panel.spines[:].set_visible(False)
            if i == 0:
                panel.set_title(f"place {place}", fontsize=10)
        line[0].set_ylabel(name, fontsize=10.5)
    figure.colorbar(drawn, ax=panels, shrink=0.85, pad=0.02)
    ranges = "; ".join(f"{name} from {m.min():.1f} to {m.max():.1f}" for name, m in matrices.items())
    show(figure, f"Maps of the similarity to places {', '.join(map(str, places))}, on one scale of colours: {ranges}.")


def vit_steps(config: ViTConfig) -> None:
    """Show the way of a picture through a ViT as boxes and arrows, with the shapes that `config` makes."""
    side, size, width = config.image_size, config.patch_size, config.hidden_size
    patches, colours = (side // size) ** 2, config.num_channels
    boxes = [
        ("picture", f"{colours} × {side} × {side}", "#DDDDDD"),
        ("patches", f"{patches} × {colours * size * size}", "#DDDDDD"),
        ("vectors", f"{patches} × {width}", COLOURS[5]),
        ("with [CLS]", f"{patches + 1} × {width}", COLOURS[5]),
        ("with places", f"{patches + 1} × {width}", COLOURS[5]),
        ("states", f"{patches + 1} × {width}", COLOURS[1]),
    ]
    steps = ["1\ncut", "2\nmatrix", "3\nadd a\ntoken", "4\nadd\nplaces", f"5\n{config.num_hidden_layers}\nlayers"]
    step, box = 2.05, 1.42
    figure, axes = plt.subplots(figsize=(WIDTH, 1.5))
    for i, (name, shape, colour) in enumerate(boxes):
        axes.add_patch(plt.Rectangle((step * i, 0), box, 1, facecolor=colour, edgecolor="black"))
        axes.text(step * i + box / 2, 0.68, name, ha="center", va="center", fontsize=10, weight="bold")
        axes.text(step * i + box / 2, 0.28, shape, ha="center", va="center", fontsize=9)
    for i, name in enumerate(steps):
        start, end = step * i + box + 0.02, step * (i + 1) - 0.02
        axes.annotate("", (end, 0.5), (start, 0.5), arrowprops={"arrowstyle": "-|>", "lw": 1.5})
        number, what = name.split("\n", 1)
        axes.text((start + end) / 2, 0.62, number, ha="center", va="bottom", fontsize=10, weight="bold")
        axes.text((start + end) / 2, 0.4, what, ha="center", va="top", fontsize=9)
    axes.set(xlim=(-0.03, 5 * step + box + 0.03), ylim=(-0.15, 1.05))
    axes.axis("off")
    shapes = ", ".join(f"{name} ({shape})" for name, shape, _ in boxes)
    show(figure, f"Boxes joined by arrows: {shapes}. The arrows: {', '.join(' '.join(s.split()[1:]) for s in steps)}.")


def layer_orders() -> None:
    """Show a layer of BERT above one of ViT: the same parts, LayerNorm after each addition or before each step."""
    rows = {
        "BERT": ["attention", "+", "LayerNorm", "feed-forward", "+", "LayerNorm"],
        "ViT": ["LayerNorm", "attention", "+", "LayerNorm", "feed-forward", "+"],
    }
    figure, axes = plt.subplots(figsize=(WIDTH, 2.6))
    arrow = {"arrowstyle": "-|>", "lw": 1.5}
    for y, (name, parts) in zip((1.9, 0), rows.items(), strict=True):
        axes.text(-0.1, y, name, ha="right", va="center", fontsize=12, weight="bold")
        branch, x = 0.2, 0.6  # where the way around begins, and where the next box does
        axes.plot([0, 0.3], [y, y], color="black", lw=1.5)
        for part in parts:
            width = 0.4 if part == "+" else 1.5
            axes.annotate("", (x, y), (x - 0.4, y), arrowprops=arrow)
            if part == "+":
                axes.add_patch(plt.Circle((x + 0.2, y), 0.2, facecolor="white", edgecolor="black"))
                axes.plot([branch, branch, x + 0.2], [y, y + 0.75, y + 0.75], color=COLOURS[0], lw=2)
                axes.annotate("", (x + 0.2, y + 0.2), (x + 0.2, y + 0.78), arrowprops=arrow | {"color": COLOURS[0]})
            else:
                colour = COLOURS[1] if part == "LayerNorm" else COLOURS[5]
                axes.add_patch(plt.Rectangle((x, y - 0.35), width, 0.7, facecolor=colour, edgecolor="black"))
            axes.text(x + width / 2, y, part, ha="center", va="center", fontsize=10)
            if part == ("LayerNorm" if name == "BERT" else "+"):
                branch = x + width + 0.2
            x += width + 0.4
        axes.annotate("", (x, y), (x - 0.4, y), arrowprops=arrow)
    axes.set(xlim=(-0.8, x + 0.05), ylim=(-0.45, 2.75), aspect="equal")
    axes.axis("off")
    orders = "; ".join(f"{name}: {', '.join(parts)}" for name, parts in rows.items())
    show(figure, f"Two rows of boxes joined by arrows, with ways around that lead to each plus. {orders}.")
