"""Metrics that evaluate.load takes offline, against their definitions."""

import evaluate
import pytest

from utils import metric


def test_accuracy_and_f1_by_hand():
    predictions, references = [1, 0, 1, 1], [1, 1, 1, 0]
    assert metric("accuracy").compute(predictions=predictions, references=references) == {"accuracy": 0.5}
    # precision 2/3, recall 2/3
    assert metric("f1").compute(predictions=predictions, references=references)["f1"] == pytest.approx(2 / 3)
    # class 0 is never right: its F1 is 0
    macro = metric("f1").compute(predictions=predictions, references=references, average="macro")
    assert macro["f1"] == pytest.approx(1 / 3)


def test_batches_add_up():
    accuracy = metric("accuracy")
    accuracy.add_batch(predictions=[1, 0], references=[1, 1])
    accuracy.add_batch(predictions=[1, 1], references=[1, 1])
    assert accuracy.compute() == {"accuracy": 0.75}


def test_metrics_combine():
    both = evaluate.combine([metric("accuracy"), metric("f1")])
    assert set(both.compute(predictions=[1, 0], references=[1, 0])) == {"accuracy", "f1"}


def test_word_error_rate_by_hand():
    # one word of two is wrong; then all right
    assert metric("wer").compute(predictions=["we're right"], references=["rear right"]) == 0.5
    assert metric("wer").compute(predictions=["rear right"], references=["rear right"]) == 0


def test_an_unknown_metric_lists_the_known_ones():
    with pytest.raises(KeyError, match="known: accuracy, f1, wer"):
        metric("acuracy")


def test_the_hub_switch_asks_for_the_hubs_metric(monkeypatch):
    asked = []
    monkeypatch.setenv("WORKBOOK_CHECKPOINTS", "hub")
    monkeypatch.setattr(evaluate, "load", lambda name, **options: asked.append((name, options)))
    metric("accuracy")
    assert asked == [("accuracy", {"module_type": "metric"})]
