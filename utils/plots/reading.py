"""Figures of lines of handwriting: what a reader read, where it looked, and a page as a student would photograph it."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from utils.handwriting.writers import Writer
from utils.plots.charts import COLOURS, show

WIDTH = 9  # inches


def show_lines(
    pictures: Sequence, read: Sequence[str], alt: str, written: Sequence[str] | None = None, columns: int = 2
) -> None:
    """Show lines of handwriting in rows of `columns`, all on one scale of pixels; above each what was read.

    Where `written` is given, it stands above what was read. A picture is a PIL image or an array (height, width), from
    black to white. Raises ValueError if the numbers of pictures and texts differ.
    """
    if len(pictures) != len(read) or (written is not None and len(written) != len(read)):
        raise ValueError(f"{len(pictures)} pictures and {len(read)} texts: not the same")
    titles = read if written is None else [f"{a}\n{b}" for a, b in zip(written, read, strict=True)]
    arrays = [np.asarray(picture) for picture in pictures]
    width, height = max(array.shape[1] for array in arrays), max(array.shape[0] for array in arrays)
    columns = min(columns, len(arrays))
    rows, lines = -(-len(arrays) // columns), 1 if written is None else 2
    row_height = WIDTH / columns * height / width + 0.19 * lines + 0.12
    figure, panels = plt.subplots(rows, columns, figsize=(WIDTH, row_height * rows), squeeze=False)
    for panel in panels.flat:
        panel.axis("off")
    for panel, array, title in zip(panels.flat, arrays, titles, strict=False):
        panel.imshow(array, cmap="gray", vmin=0, vmax=255, aspect="equal")
        panel.set(xlim=(0, width), ylim=(array.shape[0], 0), anchor="W")
        panel.set_title(title, loc="left", fontsize=10, family="monospace")
    show(figure, alt, colours=64)


def compare_lines(pictures: Sequence, written: Sequence[str], read: Sequence[str], columns: int = 2) -> None:
    """Show lines of handwriting in rows of `columns`; above each what was written, and below that what was read.

    Raises ValueError if the numbers of pictures and texts differ.
    """
    pairs = "; ".join(f"{text!r} is read as {answer!r}" for text, answer in zip(written, read, strict=False))
    show_lines(pictures, read, f"Lines of handwriting. {pairs}.", written, columns)


def attention_over_line(picture: Image.Image, letters: Sequence[str], weights: np.ndarray) -> None:
    """Show a line and below it, one row for each letter, which places of the picture were looked at for it.

    `weights` has shape (letters, strips): strips of equal width from left to right. Raises ValueError if the number
    of rows is another one.
    """
    weights = np.asarray(weights, dtype=float)
    if len(weights) != len(letters):
        raise ValueError(f"{len(weights)} rows of weights for {len(letters)} letters")
    width, height = picture.size
    heights = (WIDTH * height / width, 0.21 * len(letters))
    figure, (above, below) = plt.subplots(2, 1, figsize=(WIDTH, sum(heights) + 0.5), sharex=True, height_ratios=heights)
    above.imshow(picture, cmap="gray", aspect="auto", extent=(0, width, height, 0))
    above.set_yticks([])
    below.imshow(weights, aspect="auto", extent=(0, width, len(letters), 0), interpolation="nearest")
    below.set_yticks(np.arange(len(letters)) + 0.5, ["space" if letter == " " else letter for letter in letters])
    below.tick_params(axis="y", length=0)
    below.set(xlabel="pixels from the left", ylabel="letter that is written")
    for panel in (above, below):
        panel.spines[:].set_visible(False)
    first, last = (weights[[0, -1]].argmax(axis=1) + 0.5) * width / weights.shape[1]
    show(
        figure,
        f"The line; below it a row for each letter, in which the strips that were looked at are bright. The brightest "
        f"lies at pixel {first:.0f} for {letters[0]!r}, the first, and at {last:.0f} for {letters[-1]!r}, the last.",
    )


def rates_by_age(ages: Sequence[float], rates: Sequence[float]) -> None:
    """Show error rates against the writers' ages as dots; the (first) highest one has a ring and says so."""
    ages, rates = np.asarray(ages), np.asarray(rates)
    worst = rates.argmax()
    figure, axes = plt.subplots(figsize=(7, 3.2))
    axes.plot(ages, rates, "o", alpha=0.8)
    axes.plot(ages[worst], rates[worst], "o", markersize=14, fillstyle="none", color=COLOURS[4], markeredgewidth=2)
    side = 1 if ages[worst] < 50 else -1
    axes.annotate("worst", (ages[worst], rates[worst]), (12 * side, -4), textcoords="offset points",
                  ha="left" if side > 0 else "right", color=COLOURS[4])  # fmt: skip
    axes.set(xlabel="age of the writer (years)", ylabel="character error rate", ylim=(0, None))
    show(
        figure,
        f"A dot for each of {len(ages)} writers: error rate against age. The lowest is {rates.min():.2f}, the highest "
        f"{rates[worst]:.2f}, at {ages[worst]:.0f} years.",
    )


def show_page(page: Image.Image, box: tuple[int, int, int, int]) -> None:
    """Show a page with its pixels counted along both sides, and a frame at `box` (left, top, right, bottom)."""
    figure, axes = plt.subplots(figsize=(7, 7 * page.height / page.width))
    axes.imshow(page)
    left, top, right, bottom = box
    axes.add_patch(plt.Rectangle((left, top), right - left, bottom - top, fill=False, color=COLOURS[4], linewidth=2))
    axes.set(xlabel="pixels from the left", ylabel="pixels from the top")
    show(
        figure,
        f"A photograph of a page. A frame runs from pixel {left} to {right} across and from {top} to {bottom} down.",
    )


def page_photograph(writer: Writer, texts: Sequence[str], seed: int = 0) -> Image.Image:
    """A colour photograph (900 pixels wide) of ruled paper with `texts` on it, one a line, by lamplight, with a shadow.

    Lines lie 100 pixels apart, the first ruling 110 pixels from the top. The paper is turned a little, the light
    comes from one side, a shadow falls over a corner, the lens is a little blurred and the sensor grainy.
    Raises ValueError if a line does not fit.
    """
    rng = np.random.default_rng(seed)
    width, gap = 900, 100
    height = gap * (len(texts) + 1)
    ink = np.ones((height, width))
    for i, text in enumerate(texts):
        line = writer.draw(text, 96, rng) / 255
        if line.shape[1] > width - 60:
            raise ValueError(f"{text!r} is {line.shape[1]} pixels long: at most {width - 60} fit")
        line = np.minimum(1, line / np.quantile(line, 0.8))
        place = np.s_[10 + i * gap + 14 : 10 + i * gap + 14 + 96, 40 : 40 + line.shape[1]]
        ink[place] = np.minimum(ink[place], line)
    across, down = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    rows = np.arange(height)[:, None]
    ruled = 0.25 * ((rows % gap - 5) // 2 == 0) * (rows > gap / 2)
    paper = np.array([0.95, 0.93, 0.86]) - ruled[..., None] * np.array([0.9, 0.5, 0.1])
    photo = paper * ink[..., None]
    light = 0.82 + 0.13 * across - 0.06 * down
    shadow = 1 - 0.3 / (1 + np.exp(-14 * (0.55 * down - across - 0.75)))
    photo = np.clip(photo * (light * shadow)[..., None], 0, 1)
    photo = gaussian_filter(photo, (0.8, 0.8, 0)) + rng.normal(0, 0.012, photo.shape)
    image = Image.fromarray(np.uint8(np.clip(photo, 0, 1) * 255))
    return image.rotate(0.5, Image.Resampling.BICUBIC, fillcolor=image.getpixel((5, height // 2)))


def adaptation_curves(runs: dict[str, dict[str, dict[int, float]]]) -> None:
    """Show error rates over training steps, a panel for each run, on one scale; `runs`: name -> who -> {step: rate}."""
    figure, panels = plt.subplots(1, len(runs), figsize=(WIDTH, 3.2), sharey=True, squeeze=False)
    for panel, (title, curves) in zip(panels[0], runs.items(), strict=True):
        for style, (who, curve) in zip(("o-", "s--"), curves.items(), strict=True):
            panel.plot(list(curve), list(curve.values()), style, label=who)
        panel.set_title(title, fontsize=11)
        panel.set(xlabel="training steps")
    panels[0, 0].set(ylabel="character error rate", ylim=(0, None))  # of all panels: they share it
    panels[0, 0].legend(frameon=False, fontsize=10)
    ends = [
        f"{name}, {who}: from {next(iter(curve.values())):.2f} to {list(curve.values())[-1]:.2f}"
        for name, curves in runs.items()
        for who, curve in curves.items()
    ]
    show(figure, f"Error rates over the steps of training. {'; '.join(ends)}.")


def cover_map(letters: Sequence[str], changed: np.ndarray) -> None:
    """Show which letters change (bright) when the place of one is covered: a row for each that is covered.

    `changed` is square, of 0 and 1. Raises ValueError if its size is another one than the number of letters.
    """
    changed = np.asarray(changed, dtype=float)
    if changed.shape != (len(letters), len(letters)):
        raise ValueError(f"a map of shape {changed.shape} for {len(letters)} letters")
    names = ["space" if letter == " " else letter for letter in letters]
    figure, axes = plt.subplots(figsize=(1.2 + 0.3 * len(letters), 0.9 + 0.27 * len(letters)))
    axes.pcolormesh(changed, vmin=0, vmax=1, edgecolors="white", linewidth=1.5)
    axes.invert_yaxis()
    axes.set_xticks(np.arange(len(names)) + 0.5, names, rotation=90)
    axes.set_yticks(np.arange(len(names)) + 0.5, names)
    axes.set(xlabel="is written differently (bright)", ylabel="its place is covered")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    show(
        figure,
        f"A square of fields, a row for each of {len(letters)} letters whose place is covered. Of the fields on the "
        f"diagonal {np.diag(changed).mean():.0%} are bright, of all fields {changed.mean():.0%}.",
    )


def encoder_decoder_diagram() -> None:
    """Show a TrOCR as boxes: a picture goes through the encoder once, the decoder writes one letter after the other."""
    figure, axes = plt.subplots(figsize=(9, 3))
    arrow = {"arrowstyle": "-|>", "lw": 2}

    def box(x: float, y: float, name: str, content: str, colour: str) -> None:
        axes.add_patch(plt.Rectangle((x, y), 1.7, 1.05, facecolor=colour, edgecolor="black"))
        axes.text(x + 0.85, y + 0.78, name, ha="center", va="center", weight="bold")
        axes.text(x + 0.85, y + 0.34, content, ha="center", va="center", fontsize=9)

    line = np.asarray(Image.fromarray(Writer.random(np.random.default_rng(4), age=35).draw("hello", 64)))
    axes.imshow(line, cmap="gray", extent=(0, 1.5, 2.05, 2.75), aspect="auto", zorder=0)
    for x in np.linspace(0, 1.5, 13):
        axes.plot((x, x), (2.05, 2.75), color=COLOURS[0], linewidth=0.8)
    axes.text(0.75, 1.95, "strips of the picture", ha="center", va="top", fontsize=9)
    box(2.4, 1.87, "encoder", "reads all strips\nat once, once", COLOURS[5])
    box(6.2, 1.87, "decoder", "looks at what\nis written, then\nat the picture", COLOURS[1])
    box(6.2, 0.1, "largest score", "one score for\neach token", "#DDDDDD")
    axes.annotate("", (2.35, 2.4), (1.55, 2.4), arrowprops=arrow)
    axes.annotate("", (6.15, 2.4), (4.15, 2.4), arrowprops=arrow)
    axes.text(5.15, 2.5, "a vector per strip", ha="center", fontsize=9)
    axes.text(5.15, 2.28, "(cross-attention\nlooks at them)", ha="center", va="top", fontsize=9)
    axes.annotate("", (7.05, 1.2), (7.05, 1.82), arrowprops=arrow)
    for i, token in enumerate(("<s>", "h", "e", "l")):
        last = i == 3
        axes.text(3.1 + 0.62 * i, 0.62, token, ha="center", va="center", family="monospace", fontsize=12,
                  bbox={"facecolor": COLOURS[6] if last else "white", "edgecolor": "black", "pad": 4})  # fmt: skip
    axes.text(2.75, 0.62, "written:", ha="right", va="center", fontsize=10)
    axes.annotate("", (5.25, 0.62), (6.15, 0.62), arrowprops=arrow)
    axes.text(5.7, 0.74, "append", ha="center", fontsize=9)
    axes.annotate("", (6.3, 1.82), (4.2, 0.88), arrowprops=arrow)
    axes.text(4.85, 1.35, "and again", ha="right", fontsize=9)
    axes.set(xlim=(-0.1, 8.1), ylim=(0, 3))
    axes.axis("off")
    show(
        figure,
        "A line of handwriting, cut into strips, goes to the encoder, which reads all strips at once, and only once. "
        "The decoder looks at what is written so far, then (by cross-attention) at the encoder's vectors, one for each "
        "strip. It gives a score for each token; the one with the largest score is appended to what is written, and "
        "the decoder runs again.",
    )
