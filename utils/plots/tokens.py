"""Pictures of tokens: rows of a table, boxes for pieces, what a vocabulary costs."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from tokenizers import Encoding

from utils.plots.charts import COLOURS, show

LETTERS = 32  # colours that boxes and letters need


def lookup(words: Sequence[str], row_numbers: Mapping[str, int], table: np.ndarray) -> None:
    """Show words, their row numbers, and arrows to these rows of a table of shape (len(row_numbers), width)."""
    table = np.asarray(table)
    figure, axes = plt.subplots(figsize=(6.6, 0.4 * max(len(words), len(table)) + 0.5))
    for i, word in enumerate(words):
        axes.add_patch(plt.Rectangle((0, -i - 0.4), 2.2, 0.8, facecolor="#BFDFF3", edgecolor="white"))
        axes.text(1.1, -i, word, ha="center", va="center")
        axes.text(2.6, -i, str(row_numbers[word]), ha="center", va="center", weight="bold")
        axes.annotate("", (5.2, -row_numbers[word]), (2.9, -i), arrowprops={"arrowstyle": "-|>", "color": COLOURS[0]})
    used = {row_numbers[word] for word in words}
    for number, row in enumerate(table):
        axes.text(5.4, -number, str(number), ha="center", va="center", weight="bold")
        for j, value in enumerate(row):
            face = "#F9DFA6" if number in used else "#EEEEEE"
            axes.add_patch(plt.Rectangle((5.8 + j, -number - 0.4), 0.95, 0.8, facecolor=face, edgecolor="white"))
            axes.text(6.27 + j, -number, str(value), ha="center", va="center")
    for x, title in ((1.1, "token"), (2.6, "id"), (5.8 + table.shape[1] / 2, "table: a row for each id")):
        axes.text(x, 0.85, title, ha="center", va="center", style="italic")
    axes.set(xlim=(-0.1, 6.1 + table.shape[1]), ylim=(-max(len(words), len(table)) + 0.4, 1.2))
    axes.axis("off")
    pairs = ", ".join(f"{word} to row {row_numbers[word]}" for word in words)
    show(figure, f"Arrows from words to rows of a table with {len(table)} rows: {pairs}.", LETTERS)


def token_boxes(rows: dict[str, Encoding], title: str = "") -> None:
    """Show each row's tokens as boxes side by side, each as wide as its text; the colour changes from word to word.

    `rows` maps the row's name to an encoding (of a `tokenizers.Tokenizer`, or `tokenizer(texts)[i]`). A gap stands
    between words; special tokens are white, padding is grey. Long rows get smaller letters: the figure is at most 9
    inches wide.
    """
    gap = 0.5  # between words, in letters
    letters = {}  # where each row's boxes begin, and where the last one ends
    for name, encoding in rows.items():
        words = encoding.word_ids
        steps = [len(token) + 1 for token in encoding.tokens]
        for j in range(1, len(steps)):
            steps[j - 1] += 0 if words[j] == words[j - 1] is not None else gap
        letters[name] = np.cumsum([0, *steps])
    longest = max(starts[-1] for starts in letters.values())
    unit = min(0.105, 7.4 / longest)  # inches a letter
    names = 0.1 * max(len(name) for name in rows) + 0.1
    width = longest * unit
    figure, axes = plt.subplots(figsize=(names + width + 0.2, 0.45 * len(rows) + (0.4 if title else 0.1)))
    for i, (name, encoding) in enumerate(rows.items()):
        axes.text(-0.1, -i, name, ha="right", va="center", fontsize=10)
        for token, word, start in zip(encoding.tokens, encoding.word_ids, letters[name], strict=False):
            x, box = start * unit, (len(token) + 1) * unit
            padding = token == "[PAD]"
            face = "#E4E4E4" if padding else "white" if word is None else ("#BFDFF3", "#F9DFA6")[word % 2]
            edge = "#999999" if word is None and not padding else "white"
            axes.add_patch(plt.Rectangle((x, -i - 0.38), box, 0.76, facecolor=face, edgecolor=edge))
            axes.text(x + box / 2, -i, token, ha="center", va="center", family="monospace", fontsize=104 * unit,
                      color="#666666" if padding else "black")  # fmt: skip
    axes.set(xlim=(-names, width + 0.05), ylim=(-len(rows) + 0.45, 0.55))
    axes.set_title(title, loc="left", fontsize=11)
    axes.axis("off")
    texts = "; ".join(f"{name}: {_without_repeats(encoding.tokens)}" for name, encoding in rows.items())
    show(figure, f"Tokens as boxes in {len(rows)} rows. {texts}.", LETTERS)


def _without_repeats(tokens: Sequence[str]) -> str:
    """The tokens as a reader would say them: a b [PAD] [PAD] [PAD] -> "a b, 3 times [PAD]"."""
    text = " ".join(token for token in tokens if token != "[PAD]")
    padding = list(tokens).count("[PAD]")
    if not padding:
        return text
    return f"{padding} times [PAD], {text}" if tokens[0] == "[PAD]" else f"{text}, {padding} times [PAD]"


def vocabulary_curve(curve: dict[int, float], costs: dict[str, dict[str, float]]) -> None:
    """Show tokens per sentence against vocabulary size (logarithmic): a BPE curve, and where words and characters lie.

    `curve` maps a vocabulary size to tokens per sentence; `costs` has rows named "characters" and "words", each with
    the keys "vocabulary" and "tokens per sentence".
    """
    figure, axes = plt.subplots(figsize=(7, 3.6))
    axes.semilogx(list(curve), list(curve.values()), "o-", color=COLOURS[0])
    axes.text(900, 41, "BPE", color=COLOURS[0])
    points = {}
    for name in ("characters", "words"):
        points[name] = (costs[name]["vocabulary"], costs[name]["tokens per sentence"])
        axes.plot(*points[name], "D", markersize=9, color=COLOURS[4])
        axes.annotate(name, points[name], (9, -14), textcoords="offset points", color=COLOURS[4])
    axes.set_xticks(list(curve), [f"{size:,}" for size in curve], minor=False)
    axes.set_xticks([], minor=True)
    axes.set(xlabel="vocabulary size", ylabel="tokens per sentence", xlim=(50, 45000), ylim=(0, 120))
    steps = ", ".join(f"{tokens:.0f} with {size:,} pieces" for size, tokens in curve.items())
    ends = " and ".join(f"{name} ({tokens:.0f} with {size:,})" for name, (size, tokens) in points.items())
    show(figure, f"Tokens per sentence against vocabulary size. BPE: {steps}. It runs between {ends}.", LETTERS)
