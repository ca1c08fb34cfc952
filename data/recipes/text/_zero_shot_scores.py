"""How well zero-shot classification does on data/text_evaluation/topics.jsonl, beside ways that need no training."""

import json
from collections.abc import Callable

import numpy as np
import pandas as pd
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import average_precision_score

from utils.data import DATA

TOPICS = ["education", "politics", "business", "sports", "health"]
EXAMPLE = "This is a course about the Transformers library"  # the lecture's
FIGURES = DATA / "results" / "zero_shot.csv"


def evaluation(*parts: str) -> list[dict]:
    """Rows of topics.jsonl: text and topics. parts: "one" topic, "two" topics, "tuning" (other topics)."""
    lines = (DATA / "text_evaluation" / "topics.jsonl").read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["part"] in parts]


def truth(rows: list[dict], topics: list[str]) -> np.ndarray:
    """Which topics are right: booleans of shape (texts, topics)."""
    return np.array([[topic in row["topics"] for topic in topics] for row in rows])


@torch.no_grad()
def logits(model: torch.nn.Module, tokenizer, texts: list[str], topics: list[str], template: str) -> np.ndarray:
    """Contradiction and entailment of each topic, as the pipeline computes them. Shape (texts, topics, 2)."""
    hypotheses = [template.format(topic) for topic in topics]
    found = []
    for start in range(0, len(texts), 16):
        pairs = [(text, hypothesis) for text in texts[start : start + 16] for hypothesis in hypotheses]
        batch = tokenizer(pairs, padding=True, truncation="only_first", max_length=256, return_tensors="pt")
        found.append(model(**batch.to(model.device)).logits.float().cpu().numpy())
    return np.concatenate(found).reshape(len(texts), len(topics), 2)


def tuning_accuracy(model: torch.nn.Module, tokenizer) -> float:
    """Accuracy on the tuning texts that have one topic; six topics, none of them among TOPICS."""
    rows = [row for row in evaluation("tuning") if len(row["topics"]) == 1]
    topics = sorted({topic for row in rows for topic in row["topics"]})
    entailed = logits(model, tokenizer, [row["text"] for row in rows], topics, "This text is about {}.")[..., 1]
    return float(truth(rows, topics)[np.arange(len(rows)), entailed.argmax(1)].mean())


def word_scores(train: list[str], texts: list[str], topics: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """TF-IDF likeness of text and topic, twice: to the topic's name; to the mean of training texts with that name."""
    tfidf = TfidfVectorizer(sublinear_tf=True, stop_words="english").fit(train)
    table, measured = tfidf.transform(train), tfidf.transform(texts)
    holding = [np.array([topic in text.lower() for text in train]) for topic in topics]
    means = np.stack([np.asarray(table[which].mean(0)).ravel() for which in holding])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    return (measured @ tfidf.transform(topics).T).toarray(), measured @ means.T


def interval(right: np.ndarray, seed: int = 0, repeats: int = 10_000) -> tuple[float, float]:
    """The 95 % interval of the mean, by drawing the texts anew."""
    draws = np.random.default_rng(seed).integers(len(right), size=(repeats, len(right)))
    return tuple(np.quantile(right[draws].mean(1), [0.025, 0.975]))


def f1(said: np.ndarray, right: np.ndarray) -> float:
    """F1 of the pairs that are said to fit; both booleans of one shape."""
    return 2 * (said & right).sum() / max(1, said.sum() + right.sum())


def accuracy(scores: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Whether the topic with the highest score is right, as shares of 1: of topics with equal scores one is drawn."""
    best = scores >= scores.max(1, keepdims=True) - 1e-12
    return (best & right).sum(1) / best.sum(1)


def row(way: str, scores: np.ndarray, right: np.ndarray, said: np.ndarray) -> dict:
    """A row of the table. scores, right, said (which topics are given with multi_label): (texts, topics)."""
    one, two = right.sum(1) == 1, right.sum(1) == 2
    hits = accuracy(scores[one], right[one])
    low, high = interval(hits)
    precision = np.mean([average_precision_score(r, s) for r, s in zip(right[two], scores[two], strict=True)])
    return {"way": way, "accuracy": hits.mean(), "low": low, "high": high, "two_topics_map": precision,
            "multi_label_f1": f1(said, right)}  # fmt: skip


def cosine_rows(vectors: Callable, rows: list[dict], right: np.ndarray) -> list[dict]:
    """The cosine way with the bare topic and two templates; the border for several topics is the tuning texts'."""
    tuning = evaluation("tuning")
    others = sorted({topic for r in tuning for topic in r["topics"]})
    found = []
    for template in ("{}", "This text is about {}.", "This example is {}."):

        def cosines(of: list[dict], topics: list[str], template: str = template) -> np.ndarray:
            labels = vectors([template.format(topic) for topic in topics])
            return (vectors([r["text"] for r in of]) @ labels.T).cpu().numpy()

        tuned = cosines(tuning, others)
        border = max(np.arange(0, 0.6, 0.01), key=lambda b: f1(tuned > b, truth(tuning, others)))
        scores = cosines(rows, TOPICS)
        found.append(row(f"cosine, {template}", scores, right, scores > border))
    return found


def measure(model: torch.nn.Module, vectors: Callable, train: list[str]) -> pd.DataFrame:
    """Print and write the table, ten texts that came out right and ten wrong ones, and the lecture's example."""
    from transformers import AutoTokenizer

    from utils import checkpoint

    tokenizer = AutoTokenizer.from_pretrained(checkpoint("encoder"))
    rows = evaluation("one", "two")
    texts, right = [r["text"] for r in rows], truth(rows, TOPICS)
    everything = np.ones_like(right)
    by_name, by_words = word_scores(train, texts, TOPICS)
    table = [
        row("chance", np.zeros(right.shape), right, everything),
        row("TF-IDF, the name", by_name, right, by_name > 0),
        row("TF-IDF, texts that hold the name", by_words, right, by_words > np.median(by_words)),
        *cosine_rows(vectors, rows, right),
    ]
    for template in ("This example is {}.", "This text is about {}."):
        found = logits(model, tokenizer, texts, TOPICS, template)
        scores, said = found[..., 1], found[..., 1] > found[..., 0]
        table.append(row(f"zero-shot, {template}", scores, right, said))
    table = pd.DataFrame(table).round(3)
    FIGURES.parent.mkdir(exist_ok=True)
    table.to_csv(FIGURES, index=False)
    print(table.to_string(index=False))
    print_examples(rows, scores)
    entailed = logits(model, tokenizer, [EXAMPLE], TOPICS[:3], "This example is {}.")[0, :, 1]
    shares = np.exp(entailed) / np.exp(entailed).sum()
    print(EXAMPLE, {topic: round(float(s), 3) for topic, s in zip(TOPICS, shares, strict=False)})
    return table


def print_examples(rows: list[dict], scores: np.ndarray) -> None:
    """Ten texts with one topic that came out right and ten that did not, the first in an order drawn by lot."""
    order = np.random.default_rng(0).permutation(len(rows))
    order = [i for i in order if len(rows[i]["topics"]) == 1]
    for name, wanted in (("right", True), ("wrong", False)):
        which = [i for i in order if (TOPICS[scores[i].argmax()] in rows[i]["topics"]) == wanted][:10]
        for i in which:
            print(f"{name}: {rows[i]['text'][:110]} | {rows[i]['topics'][0]} | {TOPICS[scores[i].argmax()]}")
