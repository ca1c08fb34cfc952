"""Pictures of models: body and head, hidden states, where the parameters lie, who is changed by whom."""

import textwrap
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np

from utils.plots.charts import COLOURS, bars, show


def body_and_head_diagram() -> None:
    """Show a text classifier as boxes: tokenizer, body (layers and pooler), head, softmax, and what passes between."""
    boxes = [
        ("tokenizer", "text to ids", "#DDDDDD"),
        ("layers", "embedding\nand 6 layers", COLOURS[5]),
        ("pooler", "first token's\nvector to one\nfor the text", COLOURS[5]),
        ("classifier", "one row\nper class", COLOURS[1]),
        ("softmax", "shares that\nadd up to 1", "#DDDDDD"),
    ]
    between = [
        ("ids", "batch ×\nsequence"),
        ("hidden\nstates", "batch ×\nsequence ×\nhidden size"),
        ("pooled", "batch ×\nhidden\nsize"),
        ("logits", "batch ×\nclasses"),
    ]
    step, width = 2.45, 1.25
    figure, axes = plt.subplots(figsize=(9, 2.3))
    for first, last, name in ((1, 2, "body"), (3, 3, "head")):
        start, end = step * first - 0.08, step * last + width + 0.08
        axes.add_patch(plt.Rectangle((start, -0.12), end - start, 1.44, facecolor="none", edgecolor="#666666", ls="--"))
        axes.text((start + end) / 2, 1.4, name, ha="center", va="bottom", fontsize=12, weight="bold")
    for i, (name, content, colour) in enumerate(boxes):
        axes.add_patch(plt.Rectangle((step * i, 0), width, 1.2, facecolor=colour, edgecolor="black"))
        axes.text(step * i + width / 2, 0.95, name, ha="center", va="center", fontsize=11, weight="bold")
        axes.text(step * i + width / 2, 0.4, content, ha="center", va="center", fontsize=9)
    for i, (name, shape) in enumerate(between):
        start, end = step * i + width + 0.02, step * (i + 1) - 0.02
        axes.annotate("", (end, 0.6), (start, 0.6), arrowprops={"arrowstyle": "-|>", "lw": 2})
        axes.text((start + end) / 2, 0.68, name, ha="center", va="bottom", fontsize=9.5, weight="bold")
        axes.text((start + end) / 2, 0.5, shape, ha="center", va="top", fontsize=8.5)
    axes.set(xlim=(-0.05, 4 * step + width + 0.05), ylim=(-0.2, 1.65))
    axes.axis("off")
    show(
        figure,
        "Five boxes joined by arrows. The tokenizer makes ids (batch × sequence). In a frame named body the embedding "
        "and six layers make hidden states (batch × sequence × hidden size), and the pooler makes of the first token's "
        "one vector for the text (batch × hidden size). In a frame named head the classifier makes logits (batch × "
        "classes); softmax makes shares that add up to 1.",
    )


def hidden_state_maps(states: np.ndarray, texts: Sequence[str], mask: np.ndarray) -> None:
    """Show the vectors of each text's tokens as a picture: a row a token, a column a number, padding set off by a line.

    `states` has shape (texts, tokens, numbers), `mask` (texts, tokens): 1 for a token, 0 for padding, which stands at
    the end. One scale of colours for all, which ends at -1 and 1. Raises ValueError if the shapes do not fit.
    """
    states, lengths = np.asarray(states, dtype=float), np.asarray(mask).sum(axis=1)
    if states.shape[:2] != np.shape(mask) or len(states) != len(texts):
        raise ValueError(f"states {states.shape}, mask {np.shape(mask)} and {len(texts)} texts do not fit each other")
    figure, axes = plt.subplots(1, len(texts), figsize=(9, 3.6), sharey=True, squeeze=False)
    for panel, matrix, text, length in zip(axes[0], states, texts, lengths, strict=True):
        picture = panel.imshow(matrix, aspect="auto", vmin=-1, vmax=1)
        if length < len(matrix):
            panel.axhline(length - 0.5, color="white", linewidth=3)
            panel.text(matrix.shape[1] / 2, (length + len(matrix) - 1) / 2, "padding", ha="center", va="center",
                       bbox={"facecolor": "white", "edgecolor": "none"})  # fmt: skip
        panel.set_title(textwrap.fill(text, 36), fontsize=11)
        panel.set(xlabel="hidden size")
        panel.spines[:].set_visible(False)
    axes[0, 0].set_ylabel("sequence")
    figure.colorbar(picture, ax=axes, extend="both")
    tokens = ", ".join(str(length) for length in lengths)
    show(
        figure,
        f"{len(texts)} pictures, one for each text, of {states.shape[1]} rows (tokens) and {states.shape[2]} columns "
        f"(numbers). {tokens} rows belong to tokens, the others are padding and look much like each other.",
    )


def parameter_shares(sizes: dict[str, int]) -> None:
    """Show which share of a model's parameters each part has, as bars; `sizes` maps a part to its parameters."""
    shares = {part: size / sum(sizes.values()) for part, size in sizes.items()}
    told = ", ".join(f"{part} {share:.2f}" for part, share in shares.items())
    bars(shares, alt=f"Bars, shares of the parameters: {told}.", xlabel="share of the parameters")


def changed_tokens(changed: dict[str, np.ndarray], words: Sequence[str]) -> None:
    """Show for each model which tokens' vectors change (rows, bright: yes) if one token is replaced (columns).

    `changed` maps a model's name to a matrix (words, words) of 0 and 1. Raises ValueError if its shape does not fit.
    """
    figure, axes = plt.subplots(1, len(changed), figsize=(4 * len(changed), 3.6), squeeze=False)
    told = []
    for panel, (name, matrix) in zip(axes[0], changed.items(), strict=True):
        matrix = np.asarray(matrix, dtype=float)
        if matrix.shape != (len(words), len(words)):
            raise ValueError(f"a matrix of shape {matrix.shape} does not fit {len(words)} words")
        panel.pcolormesh(matrix, vmin=0, vmax=1, edgecolors="white", linewidth=1.5)
        panel.invert_yaxis()
        panel.set_xticks(np.arange(len(words)) + 0.5, words, rotation=45)
        panel.set_yticks(np.arange(len(words)) + 0.5, words)
        panel.set(title=name, xlabel="replaced token", ylabel="does it change? (bright: yes)")
        panel.tick_params(length=0)
        panel.spines[:].set_visible(False)
        if matrix.all():
            told.append(f"{name}: every field is bright, each token changes with each")
        elif np.array_equal(matrix, np.tril(np.ones_like(matrix))):
            told.append(f"{name}: only the diagonal and what lies below is bright, no token changes with a later one")
        else:
            told.append(f"{name}: {int(matrix.sum())} of {matrix.size} fields are bright")
    show(figure, f"Fields of {len(words)} by {len(words)} tokens. {'. '.join(told)}.")
