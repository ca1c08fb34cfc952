"""How well names are found: precision, recall and F1 of whole names, as seqeval counts them, and examples."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from seqeval.metrics import f1_score, precision_score, recall_score
from seqeval.scheme import IOB2
from transformers import pipeline

from data.recipes.names._entities import TYPES
from data.recipes.names._entity_sentences import dictionary, looked_up
from utils.data import DATA

FIGURES = DATA / "results" / "ner.csv"
LECTURE = "My name is Sylvain and I work at Hugging Face in Brooklyn."
Spans = Sequence[tuple[int, int, str]]


def tags(text: str, names: Spans) -> list[str]:
    """A BIO tag for each character, so that a name counts only if it begins and ends where it should."""
    found = ["O"] * len(text)
    for start, end, kind in names:
        found[start:end] = [f"B-{kind}", *[f"I-{kind}"] * (end - start - 1)]
    return found


def counts(expected: list[Spans], found: list[Spans]) -> np.ndarray:
    """By sentence: names found rightly, names found, names that are there; shape (sentences, 3)."""
    pairs = [({tuple(n) for n in e}, {tuple(n) for n in f}) for e, f in zip(expected, found, strict=True)]
    return np.array([(len(e & f), len(f), len(e)) for e, f in pairs])


def f1_of(table: np.ndarray) -> np.ndarray:
    """F1 from `counts`, summed over the last axis but one."""
    right, found, there = np.moveaxis(table.sum(axis=-2), -1, 0)
    return 2 * right / np.maximum(found + there, 1)


def interval(table: np.ndarray, draws: int = 2000) -> tuple[float, float]:
    """95 % bootstrap interval of F1 over sentences."""
    picks = np.random.default_rng(0).integers(len(table), size=(draws, len(table)))
    return tuple(np.quantile(f1_of(table[picks]), (0.025, 0.975)))


def probability_above(one: np.ndarray, other: np.ndarray, draws: int = 2000) -> float:
    """Share of bootstrap samples of sentences in which the first has the higher F1."""
    picks = np.random.default_rng(0).integers(len(one), size=(draws, len(one)))
    return float(np.mean(f1_of(one[picks]) > f1_of(other[picks])))


def row_of(who: str, kind: str, texts: list[str], expected: list[Spans], found: list[Spans]) -> dict:
    """A line of the figures; kind: "all" or the type that alone is counted."""
    expected, found = ([[n for n in names if kind in ("all", n[2])] for names in part] for part in (expected, found))
    truth, said = ([tags(t, n) for t, n in zip(texts, part, strict=True)] for part in (expected, found))
    settings = {"mode": "strict", "scheme": IOB2, "zero_division": 0}
    low, high = interval(counts(expected, found))
    return {
        "who": who, "type": kind, "names": sum(map(len, expected)), "f1": f1_score(truth, said, **settings),
        "low": low, "high": high, "precision": precision_score(truth, said, **settings),
        "recall": recall_score(truth, said, **settings),
    }  # fmt: skip


def found_by(model, tokenizer, texts: list[str]) -> list[Spans]:
    """The names that the pipeline finds in each text."""
    ner = pipeline("token-classification", model=model, tokenizer=tokenizer, aggregation_strategy="simple")
    return [[(n["start"], n["end"], n["entity_group"]) for n in names] for names in ner(texts)]


def marked(text: str, names: Spans) -> str:
    """The text with its names in brackets, each with its type."""
    for start, end, kind in sorted(names, reverse=True):
        text = f"{text[:start]}[{kind} {text[start:end]}]{text[end:]}"
    return text


def report(models: dict, tokenizer, rows: dict[str, list[dict]], prepared: dict) -> None:
    """Print the figures that the card states and write those of the evaluation sentences to data/results/ner.csv.

    models: by the labels that they were trained on; "filled" is the kept one. rows: hand-labelled sentences, by file.
    """
    types = dictionary([(text, names) for _, text, names, _ in prepared["sentences"]])
    texts = {part: [row["text"] for row in there] for part, there in rows.items()}
    found = {part: {"dictionary": [looked_up(t, types) for t in there]} for part, there in texts.items()}
    for part, there in texts.items():
        said = prepared["evaluation"][part]
        found[part] |= {"teacher": said["teacher"], "teacher and rules": said["rules"]}
        for labels in ("teacher", "rules", "filled"):
            if labels in models:
                found[part][f"MiniLM, {labels}"] = found_by(models[labels], tokenizer, there)

    for part, there in rows.items():
        expected = [row["entities"] for row in there]
        figures = [row_of(who, "all", texts[part], expected, names) for who, names in found[part].items()]
        for who in ("teacher", "MiniLM, filled"):
            figures += [row_of(who, kind, texts[part], expected, found[part][who]) for kind in TYPES]
            for source in ("article", "review"):
                chosen = [i for i, row in enumerate(there) if row["source"] == source]
                pick = [[values[i] for i in chosen] for values in (texts[part], expected, found[part][who])]
                figures.append(row_of(who, "all", *pick) | {"type": f"all, {source}s"})
        table = pd.DataFrame(figures).round(3)
        print(f"\n{part}: {len(there)} sentences")
        print(table.to_string(index=False))
        if part == "ner":
            FIGURES.parent.mkdir(exist_ok=True)
            table.to_csv(FIGURES, index=False, lineterminator="\n")

    expected, kept = [row["entities"] for row in rows["ner"]], found["ner"]["MiniLM, filled"]
    ours, teachers = counts(expected, kept), counts(expected, found["ner"]["teacher"])
    print(f"\nabove its teacher in {probability_above(ours, teachers):.1%} of bootstrap samples")
    right = [i for i, e in enumerate(expected) if e and ours[i].min() == ours[i].max()]
    wrong = [i for i in range(len(expected)) if ours[i].min() != ours[i].max()]
    empty = [i for i, e in enumerate(expected) if not e]
    print(f"sentences with names, all right: {len(right)} of {len(expected) - len(empty)}; "
          f"without a name, none found: {sum(not kept[i] for i in empty)} of {len(empty)}")  # fmt: skip
    for title, chosen in (("right", right), ("wrong", wrong)):
        print(f"\nthe first ten that are {title}:")
        for i in chosen[:10]:
            print("  " + marked(texts["ner"][i], kept[i]))
            if title == "wrong":
                print("    by hand: " + marked(texts["ner"][i], expected[i]))
    print("\n" + marked(LECTURE, found_by(models["filled"], tokenizer, [LECTURE])[0]))
