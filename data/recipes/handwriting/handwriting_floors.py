"""Measure how well age can be told at all from utils.handwriting.writers, and what of it a picture keeps.

    python -m data.recipes.handwriting.handwriting_floors            a quarter of an hour on one core
    python -m data.recipes.handwriting.handwriting_floors quick      two minutes: fewer writers, two heights

Gradient boosting learns to tell a writer's age, once from the writer's true parameters, once from measurements of the
pen path of one line, once from measurements of the same line's picture at several heights, always for new writers.
Nothing that sees less can be expected to do better than the first two: they are the floors. The table gives mean
absolute errors in years and how often one line tells "under 40" from "over 65"; it goes to
data/results/handwriting_floors.csv.
"""

import sys
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from data.recipes.handwriting._line_texts import english, snippet
from data.recipes.handwriting._measures import of_path, of_picture
from utils.data import DATA
from utils.handwriting.ink import draw
from utils.handwriting.motor import motor_at
from utils.handwriting.writers import Writer

FILE = DATA / "results" / "handwriting_floors.csv"
LINES = 5  # of each writer that is tested


@dataclass(frozen=True)
class Sizes:
    """Writers that are learned from, one line each; writers that are tested; heights of the pictures in pixels."""

    parameters: int
    path: int
    pictures: int
    new: int
    heights: tuple[int, ...]


FULL = Sizes(parameters=40_000, path=24_000, pictures=8_000, new=800, heights=(32, 48, 64, 96))
QUICK = Sizes(parameters=20_000, path=2_000, pictures=2_000, new=240, heights=(32, 64))
TREES = {"max_iter": 400, "learning_rate": 0.05, "max_leaf_nodes": 15, "early_stopping": True, "random_state": 0}
YOUNG, OLD = 40, 65


def parameters(writer: Writer) -> list[float]:
    """All that the writer has, but for the age itself and the shape of single letters."""
    motor = motor_at(writer.hand_age, writer.own)
    return [*astuple(motor), writer.slant, writer.width, writer.spacing, writer.word_gap, writer.reach, writer.joined,
            writer.bend, writer.pen.width, writer.pen.ink]  # fmt: skip


def measure(seed: int, count: int, lines: int, texts: list[str], path: int = 0, heights: tuple[int, ...] = (),
            pictures: int = 0) -> dict[str, np.ndarray]:  # fmt: skip
    """`count` writers of `lines` lines: age, parameters, and measurements of the first writers' paths and pictures."""
    found = {name: [] for name in ("age", "parameters", "pen path", *map(str, heights))}
    for i in range(count):
        rng = np.random.default_rng([seed, i])
        writer = Writer.random(rng)
        found["age"].append(writer.age)
        found["parameters"].append(parameters(writer))
        for _ in range(lines * (i < path)):
            line = writer.path(snippet(texts, rng), rng)
            found["pen path"].append(of_path(line))
            for height in heights if i < pictures else ():
                found[str(height)].append(of_picture(draw(line, writer.pen, height, rng)))
    return {name: np.array(values) for name, values in found.items()}


def compare(what: str, size: int, known: dict, new: dict, column: str) -> dict:
    """Learn from `size` writers, test on all of `new`: one row of the table."""
    x, age = known[column][:size], known["age"][:size]
    lines = len(new[column]) // len(new["age"])
    predict = HistGradientBoostingRegressor(loss="absolute_error", **TREES).fit(x, age).predict
    answers = predict(new[column]).reshape(len(new["age"]), lines)
    sides = (age < YOUNG) | (age > OLD), (new["age"] < YOUNG) | (new["age"] > OLD)
    classify = HistGradientBoostingClassifier(**TREES).fit(x[sides[0]], age[sides[0]] > OLD).predict
    guesses = classify(new[column]).reshape(len(new["age"]), lines)[sides[1]]
    return {
        "seen": what, "writers": size,
        "error_one_line": abs(answers - new["age"][:, None]).mean(),
        "error_five_lines": abs(answers.mean(1) - new["age"]).mean(),
        "two_classes": (guesses == (new["age"][sides[1]] > OLD)[:, None]).mean(),
    }  # fmt: skip


def main(sizes: Sizes) -> None:
    known = measure(1, sizes.parameters, 1, english("train"), sizes.path, sizes.heights, sizes.pictures)
    new = measure(2, sizes.new, LINES, english("test"), sizes.new, sizes.heights, sizes.new)
    guess = abs(new["age"] - np.median(known["age"])).mean()
    young, old = (new["age"] < YOUNG).mean(), (new["age"] > OLD).mean()
    row = {"error_one_line": guess, "error_five_lines": guess, "two_classes": max(young, old) / (young + old)}
    rows = [{"seen": "nothing (the median age)", "writers": sizes.parameters, **row}]
    rows.append(compare("true parameters", sizes.parameters, known, new, "parameters"))
    rows.append(compare("pen path", sizes.path, known, new, "pen path"))
    if sizes.path != sizes.pictures:  # what the pictures have to be compared with
        rows.append(compare("pen path, fewer writers", sizes.pictures, known, new, "pen path"))
    rows += [compare(f"picture, {h} pixels", sizes.pictures, known, new, str(h)) for h in sizes.heights]
    table = pd.DataFrame(rows).round({"error_one_line": 2, "error_five_lines": 2, "two_classes": 3})
    Path(FILE).parent.mkdir(exist_ok=True)
    table.to_csv(FILE, index=False, lineterminator="\n")
    print(table.to_string(index=False))


if __name__ == "__main__":
    main(QUICK if sys.argv[1:] == ["quick"] else FULL)
