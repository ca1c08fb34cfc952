"""Measure how well lines of handwriting can be told from pictures that are none, and what "writer-age" says of both.

    python -m data.recipes.age.strange_pictures        two minutes on one core

_strange_pictures.py makes them from data/handwriting: lines as scanners and cameras show them, and no lines, with other
writers to choose limits by (train) than to test with (test). Tables go to data/results:

    strange_pictures.csv            what the pipeline does with each tested picture: an answer, a warning, a refusal
    strange_pictures_measures.csv   single measures, and the rule of utils.handwriting.complaint that joins two of them
"""

import numpy as np
import pandas as pd
import torch
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import NearestNeighbors
from transformers import pipeline

from data.recipes.age._strange_pictures import LINES, lines_of, pictures
from utils import checkpoint
from utils.age.pipeline import TASK, WriterAgePipeline
from utils.data import DATA
from utils.handwriting.complaint import HEIGHT, WIDTH, looks, sureness
from utils.handwriting.lines import fit_line

CHOSEN_BY, TESTED = (1, 10), (2, 20)  # seed, pictures of each kind
FALSE_ALARMS = 0.02  # share of the lines of other writers that a limit may take for none
DONE = ("answered", "warned", "refused")
GROUPS = {  # rows of docs/your_own_data.md
    "a line as scanners and cameras show it, light on dark, on ruled paper, one word, …": tuple(LINES),
    "empty paper, plain, ruled or squared": ("empty paper", "empty ruled paper", "empty squared paper"),
    "a drawing or a photograph of an animal, or a strip of it": (
        "drawing of an animal", "photograph of an animal", "strip of a photograph"),
    "noise, printed bars": ("noise", "soft noise", "printed bars"),
    "a line upside down": ("upside down",),
    "a line on its side": ("on its side",),
    "two lines, three, a page": ("two lines", "three lines", "a page of eight lines"),
    "a line that is far too long, too small, or lost in much paper": (
        "four lines in a row", "tiny, 9 to 13 pixels high", "lost in much paper"),
}  # fmt: skip
BATCH = 32
NEIGHBOURS = 5


def batches(items: list):
    return (items[i : i + BATCH] for i in range(0, len(items), BATCH))


@torch.inference_mode()
def states_and_quantiles(tell_age: WriterAgePipeline, fitted: list) -> tuple[np.ndarray, np.ndarray]:
    """The mean states of the age model's encoder (n, width), and its quantiles of the age (n, 3), years."""
    states, years = [], []
    for part in batches(fitted):
        pixels = tell_age.image_processor([line.convert("RGB") for line in part], return_tensors="pt").pixel_values
        states.append(tell_age.model.encoder(pixels).last_hidden_state[:, 1:].mean(1).numpy())
        years.append(tell_age.model(pixels).logits.sort(1).values.numpy())
    return np.concatenate(states), np.concatenate(years)


def far(known: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Squared Mahalanobis distance of the rows of `new` from those of `known`."""
    spread = np.cov(known.T)
    inverse = np.linalg.inv(spread + 1e-3 * spread.trace() / len(spread) * np.eye(len(spread)))
    off = new - known.mean(0)
    return ((off @ inverse) * off).sum(1)


def measures(tell_age: WriterAgePipeline, chosen_by: pd.DataFrame, tested: pd.DataFrame) -> pd.DataFrame:
    """A row for each measure: area under the curve, and errors on the tested pictures at a limit chosen before."""
    known = states_and_quantiles(tell_age, [fit_line(line, HEIGHT, WIDTH) for line in lines_of("train")[0][::5]])[0]
    scale = known.std(0)
    near = NearestNeighbors(n_neighbors=NEIGHBOURS).fit(known / scale)
    scores = []  # higher: more like a line
    for table in (chosen_by, tested):
        fitted = [fit_line(picture, HEIGHT, WIDTH) for picture in table["picture"]]
        states = states_and_quantiles(tell_age, fitted)[0]
        seen = pd.DataFrame(map(looks, fitted), columns=["height", "rows", "blots"])
        scores.append({
            "the reader's mean probability, 8 letters": np.concatenate([*map(sureness, batches(fitted))]),
            "Mahalanobis distance of the states": -far(known, states),
            "distance to the 5 nearest states": -near.kneighbors(states / scale)[0].mean(1),
            "height of the ink's pieces": seen["height"].to_numpy(),
            "height, rows and blots, trees": seen.to_numpy(),
        })  # fmt: skip
    before, now = scores
    trees = HistGradientBoostingClassifier(random_state=0)
    name = "height, rows and blots, trees"
    trees.fit(before[name], chosen_by["line"])
    before[name], now[name] = (trees.decision_function(x[name]) for x in scores)
    rows = []
    for name, score in now.items():
        limit = np.quantile(before[name][chosen_by["line"]], FALSE_ALARMS)
        is_line = tested["line"].to_numpy()
        rows.append((name, roc_auc_score(is_line, score), *errors(is_line, score < limit)))
    return pd.DataFrame(rows, columns=["measure", "auc", "false_alarms", "missed"])


def errors(is_line: np.ndarray, complained: np.ndarray) -> tuple[float, float]:
    """The share of the lines that are complained about, and of what is none that is not."""
    return complained[is_line].mean(), (~complained[~is_line]).mean()


def answer(tell_age: WriterAgePipeline, picture) -> tuple[str, str, float, float]:
    """What is done (answered, warned, refused), the sentence, and the interval, years."""
    try:
        found = tell_age(picture)
    except ValueError as error:
        return "refused", str(error), np.nan, np.nan
    return "warned" if "warning" in found else "answered", found.get("warning", ""), found["low"], found["high"]


def rows_for_the_page(tested: pd.DataFrame) -> list[str]:
    """How many pictures of each of GROUPS there are, and what was done with them: rows of a table in markdown."""
    rows = []
    for name, kinds in GROUPS.items():
        done = tested["done"][tested["kind"].isin(kinds)]
        rows.append(f"| {name} | {len(done)} | {' | '.join(str((done == way).sum()) for way in DONE)} |")
    return rows


def main() -> None:
    torch.set_num_threads(1)
    tell_age = pipeline(TASK, model=checkpoint("writer-age"))
    chosen_by, tested = pictures("train", *CHOSEN_BY), pictures("test", *TESTED)
    table = measures(tell_age, chosen_by, tested)

    years = states_and_quantiles(tell_age, [fit_line(picture, HEIGHT, WIDTH) for picture in tested["picture"]])[1]
    answers = [answer(tell_age, picture) for picture in tested.pop("picture")]
    tested[["done", "sentence", "low", "high"]] = answers
    tested["model_low"], tested["model_high"] = years[:, 0], years[:, 2]
    tested = tested.round(1)
    tested.to_csv(DATA / "results" / "strange_pictures.csv", index=False, lineterminator="\n")

    complained = (tested["done"] != "answered").to_numpy()
    table.loc[len(table)] = "the rule", np.nan, *errors(tested["line"].to_numpy(), complained)
    table = table.round(3)
    table.to_csv(DATA / "results" / "strange_pictures_measures.csv", index=False, lineterminator="\n")
    print(table.to_string(index=False))
    print(pd.crosstab(tested["kind"], tested["done"]).loc[tested["kind"].unique()].to_string())
    print(*rows_for_the_page(tested), sep="\n")
    warned = tested[(tested["done"] == "warned") & (tested["age"].notna())]
    for low, high in (("model_low", "model_high"), ("low", "high")):
        print(low, high, warned["age"].between(warned[low], warned[high]).mean().round(3), "of", len(warned))


if __name__ == "__main__":
    main()
