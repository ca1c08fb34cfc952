"""Pictures of one subject each: what a sentence, a picture or a recording goes through."""

import textwrap
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image, ImageDraw
from transformers import Pipeline

from utils.plots.charts import COLOURS, show


def transfer_learning_diagram() -> None:
    """Show pretraining and fine-tuning as boxes and arrows: what goes in, what comes out, what it costs."""
    boxes = [
        (0.0, "random\nnumbers", "knows nothing", "#DDDDDD"),
        (3.6, "pretrained\ncheckpoint", "knows English", COLOURS[5]),
        (7.2, "fine-tuned\ncheckpoint", "knows film critics", COLOURS[1]),
    ]
    steps = [(1.9, "pretraining", "a billion pairs\nof sentences,\nhardly any labels"),
             (5.5, "fine-tuning", "8,452 sentences\nwith labels, ten\nminutes on two cores")]  # fmt: skip
    figure, axes = plt.subplots(figsize=(9, 2.3))
    for x, name, meaning, colour in boxes:
        axes.add_patch(plt.Rectangle((x, 0), 1.8, 1.2, facecolor=colour, edgecolor="black"))
        axes.text(x + 0.9, 0.6, name, ha="center", va="center", fontsize=12)
        axes.text(x + 0.9, -0.28, meaning, ha="center", va="center", style="italic")
    for x, name, cost in steps:
        axes.annotate("", (x + 1.62, 0.6), (x, 0.6), arrowprops={"arrowstyle": "-|>", "lw": 2})
        axes.text(x + 0.8, 0.82, name, ha="center", fontsize=12, weight="bold")
        axes.text(x + 0.8, 0.42, cost, ha="center", va="top", fontsize=9.5)
    axes.set(xlim=(-0.1, 9.1), ylim=(-0.45, 1.3))
    axes.axis("off")
    show(
        figure,
        "Three boxes joined by arrows. Random numbers, which know nothing, become by pretraining (a billion pairs "
        "of sentences, hardly any labels) a pretrained checkpoint, which knows English; that becomes by fine-tuning "
        "(8,452 sentences with labels, ten minutes on two cores) a fine-tuned checkpoint, which knows film critics.",
    )


def distillation_diagram() -> None:
    """Show how a student ViT learns from a teacher: both see a drawing, and what they say of each place is compared."""
    drawing = Image.new("RGB", (112, 112), "white")
    pen = ImageDraw.Draw(drawing)
    pen.rectangle((26, 52, 86, 100), fill=COLOURS[6])
    pen.polygon([(16, 54), (56, 14), (96, 54)], fill=COLOURS[4])
    pen.rectangle((62, 70, 78, 100), fill="#7F4F24")
    pen.rectangle((34, 62, 50, 78), fill=COLOURS[5])
    pen.rectangle((0, 100, 112, 112), fill=COLOURS[2])
    picture = np.asarray(drawing) / 255
    places = picture.reshape(7, 16, 7, 16, 3).mean((1, 3))
    figure, axes = plt.subplots(figsize=(9, 4.2))
    arrow = {"arrowstyle": "-|>", "lw": 2}

    def squares(left: float, bottom: float, side: float, colours: np.ndarray) -> None:
        for i, row in enumerate(colours):
            for j, colour in enumerate(row):
                x, y = left + j * side, bottom + (len(colours) - 1 - i) * side
                axes.add_patch(plt.Rectangle((x, y), side, side, facecolor=colour, edgecolor="#666666", lw=0.7))

    axes.imshow(picture, extent=(0, 1.6, 1.2, 2.8), interpolation="nearest", zorder=0)
    axes.text(0.8, 3, "one drawing,\nno label", ha="center", va="bottom")
    rows = [
        (3.1, COLOURS[1], "teacher", "EfficientNet-Lite0,\ntrained on photographs,\nstays as it is", "the mean"),
        (0.0, COLOURS[5], "student", "ViT, starts with\nrandom numbers,\nlearns", "[CLS]"),
    ]
    for bottom, colour, name, meaning, summary in rows:
        middle = bottom + 0.55
        axes.annotate("", (2.75, middle), (1.75, 2 + (middle - 2) * 0.25), arrowprops=arrow)
        axes.add_patch(plt.Rectangle((2.8, bottom - 0.1), 2.2, 1.3, facecolor=colour, edgecolor="black"))
        axes.text(3.9, bottom + 0.95, name, ha="center", va="center", weight="bold")
        axes.text(3.9, bottom + 0.4, meaning, ha="center", va="center", fontsize=9.5)
        axes.annotate("", (5.65, middle), (5.05, middle), arrowprops=arrow)
        squares(5.75, bottom - 0.1, 1.3 / 7, places)
        squares(8.3, bottom + 0.4, 1.3 / 7, places.mean((0, 1), keepdims=True))
        axes.text(8.6, bottom + 0.49, summary, va="center", fontsize=10.5)
    axes.annotate("", (8.2, 3.6), (7.15, 3.6), arrowprops={"arrowstyle": "-|>", "lw": 1, "ls": "--"})
    for x, what in ((6.4, "at 7 × 7 places"), (8.4, "for the picture")):
        axes.annotate("", (x, 1.35), (x, 2.85), arrowprops={"arrowstyle": "<|-|>", "lw": 2, "color": COLOURS[4]})
        axes.text(x + 0.12, 2.1, f"be equal\n{what}", va="center", color=COLOURS[4], fontsize=10)
    axes.set(xlim=(-0.1, 9.9), ylim=(-0.2, 4.4), aspect="equal")
    axes.axis("off")
    show(
        figure,
        "A drawing of a house, without a label, goes to two networks. The teacher, EfficientNet-Lite0, was trained on "
        "photographs and stays as it is; it gives numbers for 7 by 7 places, and their mean. The student, a ViT that "
        "starts with random numbers and learns, gives numbers for its 49 patches, and [CLS]. Two arrows say 'be "
        "equal': between the places, and between the mean and [CLS].",
    )


def pipeline_steps(classifier: Pipeline, sentence: str) -> None:
    """Show what a text classifier's three steps make of a sentence: text, ids, logits, answer, in boxes with arrows."""
    inputs = classifier.preprocess(sentence)
    outputs = classifier.forward(dict(inputs))
    answer = classifier.postprocess(outputs)
    ids, logits = inputs["input_ids"][0].tolist(), outputs["logits"][0].tolist()
    steps = {
        "text": sentence,
        "ids": " ".join(map(str, ids)),
        "logits": "\n".join(f"{logit:+.3f}" for logit in logits),
        "answer": f"{answer['label']}\n{answer['score']:.2f}",
    }
    figure, axes = plt.subplots(figsize=(9, 2))
    for i, (name, text) in enumerate(steps.items()):
        x = 2.9 * i
        axes.add_patch(plt.Rectangle((x, 0), 1.75, 1.3, facecolor=("#BFDFF3", "#F9DFA6")[i % 2], edgecolor="black"))
        text = "\n".join(textwrap.fill(line, 18) for line in text.splitlines())
        axes.text(x + 0.875, 0.65, text, ha="center", va="center", family="monospace", fontsize=8.5)
        axes.text(x + 0.875, 1.4, name, ha="center", weight="bold", fontsize=11)
        if i > 0:
            axes.annotate("", (x - 0.06, 0.65), (x - 1.09, 0.65), arrowprops={"arrowstyle": "-|>", "lw": 2})
            step = ("preprocess", "forward", "postprocess")[i - 1]
            axes.text(x - 0.575, 0.73, step, ha="center", fontsize=9)
    axes.set(xlim=(-0.05, 2.9 * len(steps) - 1.1), ylim=(-0.05, 1.6))
    axes.axis("off")
    show(
        figure,
        f"Four boxes joined by arrows: preprocess makes {len(ids)} ids of the text, forward makes {len(logits)} logits "
        f"of the ids, postprocess makes the label {answer['label']} and its score of the logits.",
    )


def waveforms(panels: dict[str, tuple[np.ndarray, int]], alt: str) -> None:
    """Show recordings below each other on one axis of seconds; `panels`: title -> (samples, samples per second)."""
    figure, axes = plt.subplots(len(panels), 1, figsize=(8, 0.5 + 1.4 * len(panels)), sharex=True, squeeze=False)
    for panel, colour, (title, (samples, rate)) in zip(axes[:, 0], COLOURS, panels.items(), strict=False):
        panel.plot(np.arange(len(samples)) / rate, samples, color=colour, linewidth=0.6)
        panel.set_title(title, loc="left", fontsize=11)
        panel.set_yticks([])
    axes[-1, 0].set_xlabel("seconds")
    show(figure, alt)


def guesses(pictures: Sequence, results: Sequence[list[dict]]) -> None:
    """Show pictures in a row, and under each what an image-classification pipeline gave for it, as bars from 0 to 1."""
    figure, axes = plt.subplots(2, len(pictures), figsize=(9, 4), height_ratios=(2.4, 1), squeeze=False)
    for (above, below), picture, result in zip(axes.T, pictures, results, strict=True):
        above.imshow(picture)
        above.axis("off")
        names = [guess["label"] for guess in result]
        below.bar_label(
            below.barh(names, [guess["score"] for guess in result], color=COLOURS[0]), fmt="%.2f", padding=4
        )
        below.set(xlim=(0, 1), xlabel="score")
        below.invert_yaxis()
    labels = "; ".join(", ".join(guess["label"] for guess in result) for result in results)
    show(figure, f"{len(pictures)} pictures, under each the labels that it was given, the likeliest first: {labels}.")
