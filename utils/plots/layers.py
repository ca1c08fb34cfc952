"""What transformers are built of, as boxes and arrows: attention, its heads, a layer, encoder and decoder."""

from collections.abc import Sequence
from itertools import pairwise

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from utils.plots.charts import COLOURS, show

GREY, BLUE, ORANGE, GREEN = "#E4E4E4", "#BFDFF3", "#F9DFA6", "#BFE5D6"


def query_key_value_diagram(words: Sequence[str], asking: str) -> None:
    """Show how one word's new vector comes about: its query meets all keys, softmax makes shares, values are mixed."""
    figure, axes = plt.subplots(figsize=(9, 1.7 + 0.62 * len(words)))
    top = len(words)
    columns = [(0, "word", GREY), (1.9, "key", BLUE), (3.6, "score", "white"), (5.3, "share", "white"),
               (7, "value", GREEN)]  # fmt: skip
    for x, name, colour in columns:
        axes.text(x + 0.6, top - 0.05, name, ha="center", va="bottom", weight="bold")
        for row, word in enumerate(words):
            y = top - 0.85 - row
            _box(axes, x, y, 1.2, 0.6, word if name == "word" else f"{name}", colour)
            if x:
                _arrow(axes, (x - (0.68 if x == 1.9 else 0.48), y + 0.3), (x - 0.03, y + 0.3))
            if name == "value":
                axes.text(6.68, y + 0.34, "×", ha="center", va="bottom", fontsize=13)
                _arrow(axes, (8.23, y + 0.3), (9.05, top / 2 - 0.1))
    under = {1.9: "what am I\nfound by?", 3.6: "query · key", 5.3: "softmax", 7: "what do I\nhand over?"}
    for x, text in under.items():
        axes.text(x + 0.6, -0.05, text, ha="center", va="top", style="italic", fontsize=10)

    _box(axes, 2.95, top + 0.75, 2.5, 0.6, f"query of {asking}", ORANGE)
    axes.text(5.6, top + 1.05, f"what does {asking} look for?", style="italic", va="center", fontsize=10)
    _arrow(axes, (4.2, top + 0.72), (4.2, top + 0.34))
    _box(axes, 9.1, top / 2 - 0.5, 1.3, 0.8, f"new\n{asking}", ORANGE)
    axes.text(9.75, top / 2 - 0.58, "the sum", ha="center", va="top", style="italic", fontsize=10)
    axes.set(xlim=(-0.1, 10.5), ylim=(-0.75, top + 1.45))
    axes.axis("off")
    show(
        figure,
        f"Boxes and arrows. Each of the words {', '.join(words)} has a key (what am I found by?) and a value (what do "
        f"I hand over?). The query of {asking} (what does it look for?) and each key make a score; softmax turns the "
        f"scores into shares; the values, each times its share, add up to the new {asking}.",
    )


def heads_diagram(width: int = 384, heads: int = 12) -> None:
    """Show how the columns of queries, keys and values are split into heads, worked on one by one, and joined."""
    figure, axes = plt.subplots(figsize=(9, 3))
    small = width // heads

    def strips(x: float, y: float, height: float) -> None:
        for head in range(heads):
            colour = ORANGE if head == 0 else GREEN if head == heads - 1 else (BLUE, "#DDEFF9")[head % 2]
            axes.add_patch(plt.Rectangle((x + 1.8 * head / heads, y), 1.8 / heads, height, facecolor=colour, lw=0.6,
                                         edgecolor="#666666"))  # fmt: skip

    _box(axes, 0, 1, 1.1, 0.9, f"x\n{width}", GREY)
    for y, name in ((2.1, "query"), (1.1, "key"), (0.1, "value")):
        _arrow(axes, (1.15, 1.45), (2.05, y + 0.35))
        strips(2.1, y, 0.7)
        axes.text(3, y + 0.73, name, ha="center", va="bottom", fontsize=10)
    for y, name, colour in ((2.1, "0", ORANGE), (1.25, "1", BLUE), (0.1, str(heads - 1), GREEN)):
        _arrow(axes, (3.95, 1.45), (4.75, y + 0.3))
        _box(axes, 4.8, y, 1.75, 0.6, f"head {name}:\nattention", colour)
        _arrow(axes, (6.6, y + 0.3), (7.35, 1.45))
    axes.text(5.68, 0.97, "…", ha="center", va="center", fontsize=16)
    axes.text(5.68, -0.02, f"{small} numbers\neach", ha="center", va="top", style="italic", fontsize=10)
    strips(7.4, 1.1, 0.7)
    axes.text(8.3, 1.83, "joined", ha="center", va="bottom", fontsize=10)
    axes.text(8.3, 1.05, str(width), ha="center", va="top", style="italic", fontsize=10)
    _arrow(axes, (9.25, 1.45), (9.6, 1.45))
    _box(axes, 9.65, 1, 1.3, 0.9, "output\nprojection", GREY)
    axes.text(0.55, 0.92, "times three\nmatrices", ha="center", va="top", style="italic", fontsize=10)
    axes.set(xlim=(-0.1, 11.05), ylim=(-0.65, 3.1))
    axes.axis("off")
    show(
        figure,
        f"From left to right: x, {width} numbers a word; three matrices make queries, keys and values of it, each cut "
        f"into {heads} strips of {small} columns. Head 0 does its attention with the first strip of each, head 1 with "
        f"the second, head {heads - 1} with the last. Their results lie side by side again, {width} numbers, and go "
        "through the output projection.",
    )


def layer_diagram() -> None:
    """Show one encoder layer: attention, add, norm, feed-forward, add, norm, with the two ways around."""
    figure, axes = plt.subplots(figsize=(9, 2.5))
    boxes = [(0, 0.7, "x", GREY), (1.5, 1.7, "attention\nof 12 heads", ORANGE), (3.75, 0.5, "+", "white"),
             (4.8, 1.35, "Layer-\nNorm", BLUE), (6.95, 1.35, "feed-\nforward", GREEN), (8.85, 0.5, "+", "white"),
             (9.9, 1.35, "Layer-\nNorm", BLUE)]  # fmt: skip
    for x, width, text, colour in boxes:
        _box(axes, x, 0, width, 0.9, text, colour)
    for (x, width, *_), (following, *_) in pairwise(boxes):
        _arrow(axes, (x + width + 0.03, 0.45), (following - 0.03, 0.45))
    _arrow(axes, (11.28, 0.45), (11.8, 0.45))
    axes.text(11.85, 0.45, "to the\nnext\nlayer", va="center", fontsize=10)
    for start, end in ((1.1, 4), (6.55, 9.1)):  # the residual connections
        axes.plot([start, start, end], [0.45, 1.45, 1.45], color=COLOURS[4], lw=2)
        _arrow(axes, (end, 1.45), (end, 0.95), colour=COLOURS[4])
        axes.text((start + end) / 2, 1.52, "as it was", ha="center", va="bottom", color=COLOURS[4], fontsize=10)
    for x, text in ((2.35, "words look at\neach other"), (7.6, "each word\nfor itself")):
        axes.text(x, -0.08, text, ha="center", va="top", style="italic", fontsize=10)
    axes.set(xlim=(-0.1, 12.7), ylim=(-0.75, 1.95))
    axes.axis("off")
    show(
        figure,
        "From left to right: x, attention of 12 heads (words look at each other), plus, LayerNorm, feed-forward (each "
        "word for itself), plus, LayerNorm, to the next layer. Two residual connections lead around attention and "
        "around feed-forward: what went in is added to what comes out.",
    )


def encoder_decoder_diagram() -> None:
    """Show a layer of an encoder beside one of a decoder, and the way from the one to the other."""
    figure, axes = plt.subplots(figsize=(8.4, 4))
    stacks = [
        (1.2, "encoder", "a text, a picture, a recording", "a vector for each place", "looks at\neverything",
         [("attention", ORANGE, 1.2), ("feed-forward", GREEN, 2.7)]),
        (6.6, "decoder", "what is written so far", "the next token", "looks\nback only",
         [("attention,\ncausal mask", ORANGE, 0.95), ("cross-attention", "#F2C9A1", 2), ("feed-forward", GREEN, 3.05)]),
    ]  # fmt: skip
    for x, name, below, above, note, parts in stacks:
        axes.add_patch(plt.Rectangle((x - 0.2, 0.75), 2.6, 3.25, facecolor="none", edgecolor="#666666", ls="--"))
        axes.text(x - 0.3, 3.95, f"{name}\nlayer", weight="bold", ha="right", va="top")
        axes.text(x + 1.1, 0.15, below, ha="center", va="center", style="italic")
        axes.text(x + 1.1, 4.6, above, ha="center", va="center", style="italic")
        axes.text(x + 2.5, parts[0][2] + 0.37, note, va="center", fontsize=10)
        bottom = 0.3
        for text, colour, y in parts:
            _box(axes, x, y, 2.2, 0.75, text, colour)
            _arrow(axes, (x + 1.1, bottom), (x + 1.1, y - 0.03))
            bottom = y + 0.78
        _arrow(axes, (x + 1.1, bottom), (x + 1.1, 4.4))
    axes.plot([2.3, 4.4, 4.4], [4.2, 4.2, 2.37], color=COLOURS[0], lw=2)
    _arrow(axes, (4.4, 2.37), (6.57, 2.37), colour=COLOURS[0])
    axes.text(4.5, 2.45, "keys, values", color=COLOURS[0], va="bottom", fontsize=10)
    axes.set(xlim=(-0.3, 10.5), ylim=(-0.05, 4.8))
    axes.axis("off")
    show(
        figure,
        "Two stacks of boxes. An encoder layer: attention that looks at everything, then feed-forward; in goes a text, "
        "a picture or a recording, out comes a vector for each place. A decoder layer: attention with a causal mask, "
        "which looks back only, then cross-attention, then feed-forward; in goes what is written so far, out comes the "
        "next token. An arrow from the encoder's vectors to the cross-attention says keys, values.",
    )


def _box(axes: Axes, x: float, y: float, width: float, height: float, text: str, colour: str) -> None:
    axes.add_patch(plt.Rectangle((x, y), width, height, facecolor=colour, edgecolor="black", zorder=2))
    axes.text(x + width / 2, y + height / 2, text, ha="center", va="center", zorder=3)


def _arrow(axes: Axes, start: tuple, end: tuple, colour: str = "black") -> None:
    look = {"arrowstyle": "-|>", "lw": 1.8, "color": colour, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", end, start, arrowprops=look)
