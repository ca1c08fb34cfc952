"""How well lines were read: character error rates over lines, writers, hands and letters; intervals over people."""

from collections import defaultdict

import jiwer
import numpy as np
import pandas as pd

from utils.handwriting.reading import by_letter

RESAMPLES = 2000


def by_writer(wanted: list[str], read: list[str], who: list[str]) -> dict[str, float]:
    """The character error rate of each writer (or hand)."""
    lines = defaultdict(lambda: ([], []))
    for text, answer, name in zip(wanted, read, who, strict=True):
        lines[name][0].append(text)
        lines[name][1].append(answer)
    return {name: jiwer.cer(*pair) for name, pair in lines.items()}


def worst_tenth(rates: dict[str, float]) -> float:
    """The mean over the tenth of the writers who are read worst."""
    worst = sorted(rates.values())[-max(1, len(rates) // 10) :]
    return float(np.mean(worst))


def interval(wrong: np.ndarray, of: np.ndarray | None = None) -> tuple[float, float]:
    """The middle 95 % of sum(wrong) / sum(of) over people drawn anew with replacement; both (people,), `of` 1 each."""
    of = np.ones(len(wrong)) if of is None else of
    drawn = np.random.default_rng(0).integers(len(of), size=(RESAMPLES, len(of)))
    return tuple(np.quantile(wrong[drawn].sum(1) / of[drawn].sum(1), [0.025, 0.975]))


def letter_table(wanted: list[str], read: list[str]) -> pd.DataFrame:
    """A row for each character, the most often missed first: how often it was written, which share of that was
    missed, and what it was taken for most often, with counts."""
    written, missed, taken_for = by_letter(wanted, read)
    rows = []
    for letter in sorted(written, key=lambda c: (-missed[c] / written[c], c)):
        wrong = [f"{b or 'nothing'} {n}" for (a, b), n in taken_for.most_common() if a == letter][:3]
        rows.append((letter, written[letter], round(missed[letter] / written[letter], 4), ", ".join(wrong)))
    return pd.DataFrame(rows, columns=["letter", "written", "missed", "taken_for"])
