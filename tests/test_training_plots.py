"""The pictures of training show what they are given, and say it."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from utils.plots import training


@pytest.fixture
def shown(monkeypatch):
    """The figures that were shown, still open, with their descriptions."""
    figures = []
    monkeypatch.setattr(training, "show", lambda figure, alt: figures.append((figure, alt)))
    yield figures
    plt.close("all")


LOG = [
    {"step": 0, "eval_loss": 0.7, "eval_accuracy": 0.5},
    {"step": 5, "loss": 0.69, "learning_rate": 1e-4},
    {"step": 10, "loss": 0.3},
    {"step": 10, "eval_loss": 0.4, "eval_accuracy": 0.8},
    {"step": 15, "loss": 0.1},
    {"step": 15, "eval_loss": 0.6, "eval_accuracy": 0.75},
    {"step": 15, "train_runtime": 1.0},
]


def test_a_diary_becomes_two_panels(shown):
    training.training_curves(LOG, dashed=0.5)
    ((figure, alt),) = shown
    left, right = figure.axes
    assert [list(line.get_ydata()) for line in left.lines] == [[0.69, 0.3, 0.1], [0.7, 0.4, 0.6]]
    assert list(right.lines[0].get_xdata()) == [0, 10, 15] and len(right.lines) == 2
    assert "The training loss goes from 0.69 at step 5 to 0.10 at step 15." in alt
    assert "validation loss goes from 0.70 at step 0 to 0.60 at step 15, lowest 0.40 at step 10." in alt
    assert "validation accuracy goes from 0.50 at step 0 to 0.75 at step 15, highest 0.80 at step 10." in alt


def test_without_evaluations_there_is_one_panel(shown):
    training.training_curves([{"step": 5, "loss": 0.7}])
    ((figure, alt),) = shown
    assert len(figure.axes) == 1 and alt == "The training loss goes from 0.70 at step 5 to 0.70 at step 5."


def test_a_diary_without_a_loss_is_refused(shown):
    with pytest.raises(ValueError, match="no loss"):
        training.training_curves([{"step": 3, "train_runtime": 1.0}])


def test_four_ways(shown):
    training.ways_diagram()
    ((figure, alt),) = shown
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts.count("head") == texts.count("body") == 4
    assert all(name.lower() in alt.lower() for name in ("frozen features", "LoRA", "full fine-tuning", "from scratch"))


def test_lora_says_its_shapes_and_counts(shown):
    training.lora_diagram(100, 4)
    ((figure, alt),) = shown
    texts = " ".join(text.get_text() for text in figure.axes[0].texts)
    assert all(word in texts for word in ("100 x 100", "100 x 4", "4 x 100", "10,000", "800"))
    assert "800 numbers, which are trained" in alt


def test_every_method_has_its_line_and_its_range(shown):
    rows = [("a", 10, 0, 0.5), ("a", 10, 1, 0.7), ("a", 100, 0, 0.8), ("b", 10, 0, 0.4), ("b", 100, 0, 0.6)]
    training.accuracy_by_size(pd.DataFrame(rows, columns=["method", "size", "seed", "accuracy"]), dashed=0.5)
    ((figure, alt),) = shown
    axes = figure.axes[0]
    assert [list(line.get_ydata()) for line in axes.lines[:2]] == [[0.6, 0.8], [0.4, 0.6]]
    corners = axes.collections[0].get_paths()[0].vertices.round(6).tolist()
    assert [10, 0.5] in corners and [10, 0.7] in corners
    assert alt == "Mean accuracy with 10, 100 sentences: a 0.60, 0.80; b 0.40, 0.60."


def test_memory_over_texts_and_over_their_length(shown):
    kept = {(2, 64): 20_000_000, (4, 64): 40_000_000, (4, 128): 80_000_000}
    few = {size: kept[size] // 10 for size in kept}
    training.memory_by_size(kept, few, lambda texts, length: texts * length * 100_000, texts=4, length=64)
    ((figure, alt),) = shown
    left, right = ([list(line.get_ydata()) for line in axes.lines] for axes in figure.axes)
    assert left == [[12.8, 25.6], [20, 40], [2, 4]] and right == [[25.6, 51.2], [40, 80], [4, 8]]
    assert [list(axes.lines[0].get_xdata()) for axes in figure.axes] == [[2, 4], [64, 128]]
    assert "From 2 to 4 texts in a batch, 64 tokens each: formula 13 to 26 MB; measured 20 to 40 MB" in alt
    assert "From 64 to 128 tokens of each text, 4 texts in a batch:" in alt
