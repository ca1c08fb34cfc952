"""Train data/checkpoints/writer-age, and measure what helps to tell a writer's age from a line.

    python -m data.recipes.age.writer_age --threads 2      needs apt-get (Debian 12) for the German texts; draws 24,000
                                                       writers (ten minutes), then an hour and a half of training

Every stage is kept in .cache/recipes/writer_age: interrupted, it goes on where it was. After a change to the synthetic
writers, delete that folder. Tables go to data/results, and what it prints at the end is what data/README.md states:

    writer_age.csv          errors on 800 new writers by start, way to put the task, and number of training writers
    writer_age_layers.csv   what the mean states of each layer of an encoder say: who writes, and how old
    writer_age_writers.csv  the best model's answers for 1,600 new writers, five lines each
    writer_age_pens.csv     by how much these answers move if the same strokes come from another pen or scanner
"""

import argparse
import shutil
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import nn
from transformers import ViTModel

from data.recipes.age._age_training import (
    BATCH,
    HIDDEN,
    LAYERS,
    Groups,
    Hands,
    Numbers,
    Texts,
    Training,
    answers,
    encoder_of,
    layer_features,
    reader,
    ridge,
)
from data.recipes.common.scores import interval
from data.recipes.handwriting._reader import processor
from data.recipes.handwriting._writers import (
    HEIGHT,
    WIDTH,
    WORK,
    People,
    in_ways,
    sentences,
    training_writers,
    unseen_writers,
)
from utils.age.model import QUANTILES
from utils.checkpoints import TRAINED
from utils.data import DATA

BLOCKS = 24  # of 1,000 writers
STEPS = {250: 150, 2000: 300, 16_000: 500}  # of a training, by number of writers
SEEDS = {250: 2, 2000: 2, 16_000: 1}  # each with writers of its own
HANDS_STEPS, BEST_STEPS = 700, 10_000
TRIES = 6  # times in a training that the model is tried on writers to choose by; the best is kept
PROBED = 1500  # writers that a probe of the layers learns from, none of whom any encoder has seen; 500 are its test


def kept(name: str) -> Path:
    (WORK / "runs").mkdir(parents=True, exist_ok=True)
    return WORK / "runs" / name


def train(name: str, task: nn.Module, people: People, steps: int, seed: int, chosen_by: People | None = None,
          others: People | None = None) -> None:  # fmt: skip
    """Train `task` in place. With `chosen_by` it becomes what it was when its error on these people was smallest.
    With `others` on the same strokes by other pens, too."""
    training = Training(task, people, steps, seed, others)
    training.load(kept(f"{name}.pt"))
    best, losses, began = (np.inf, None), [], time.monotonic()
    tries = set(np.linspace(0, steps, TRIES + 1).astype(int))
    while True:
        if chosen_by is not None and training.step in tries:
            error = abs(answers(task, chosen_by)[..., 1].mean(1) - chosen_by.ages).mean()
            print(f"{name}, step {training.step:,} of {steps:,}: {error:.2f} years", flush=True)
            if error < best[0]:
                best = error, {key: value.clone() for key, value in task.state_dict().items()}
        if training.step == steps:
            break
        losses.append(training.advance())
        if training.step % 100 == 0:
            seconds, began = (time.monotonic() - began) / 100, time.monotonic()
            print(f"{name}, step {training.step:,}: loss {np.mean(losses):.4f}, {seconds:.2f} s a step", flush=True)
            losses = []
            if chosen_by is None:
                training.save(kept(f"{name}.pt"))
    if best[1]:
        task.load_state_dict(best[1])
    task.eval()


def hands_encoder(people: People) -> ViTModel:
    """The reader's first layers after they learned to tell hands apart."""
    encoder, file = encoder_of("reader"), kept("hands-encoder.pt")
    if not file.is_file():
        torch.manual_seed(0)
        train("hands", Hands(encoder), people, HANDS_STEPS, 0)
        torch.save(encoder.state_dict(), file)
    encoder.load_state_dict(torch.load(file, weights_only=True))
    return encoder


def task_for(way: str, start: str, people: People, everyone: People) -> nn.Module:
    if way == "text":
        return Texts(reader(), float(np.median(people.ages)))
    if start == "hands":
        encoder = hands_encoder(everyone)
    else:
        encoder = encoder_of(start.split()[0], len(reader().encoder.layers) if start == "reader whole" else LAYERS)
    return Groups(encoder) if way == "groups" else Numbers(encoder, people)


def measured(way: str, start: str, writers: int, seed: int, everyone: People, unseen: dict[str, People]) -> np.ndarray:
    """Answers (writers, lines of each) for the people of the floors after one training; kept."""
    name = f"{way}-{start.replace(' ', '_')}-{writers}-{seed}"
    file = kept(f"{name}.npy")
    if not file.is_file():
        torch.manual_seed(seed)
        people = everyone.part(seed * writers, writers)
        task = task_for(way, start, people, everyone)
        chosen_by = unseen["validation"].part(0, 150)
        train(name, task, people, STEPS[writers], seed, chosen_by)
        np.save(file, answers(task, unseen["floors"])[..., 1])
    return np.load(file)


def frozen(start: str, writers: int, seed: int, everyone: People, unseen: dict[str, People]) -> np.ndarray:
    """Answers of ridge regression on the mean states of all layers of an encoder that stays as it is."""
    known, new = (
        features_of(start, name, people) for name, people in (("train", everyone), ("floors", unseen["floors"]))
    )
    lines = slice(seed * writers * everyone.each, (seed + 1) * writers * everyone.each)
    fitted = ridge(known[lines].reshape(-1, known[0].size), everyone.part(0, 16_000).of_lines("ages")[lines])
    return fitted.predict(new.reshape(len(new), -1)).reshape(-1, unseen["floors"].each)


def features_of(start: str, name: str, people: People) -> np.ndarray:
    """`layer_features` of the first 16,000 writers, kept. The reader and the untrained encoder with all layers."""
    file = kept(f"features-{start}-{name}.npy")
    if not file.is_file():
        torch.manual_seed(0)
        encoder = hands_encoder(people) if start == "hands" else encoder_of(start, len(reader().encoder.layers))
        np.save(file, layer_features(encoder, people.part(0, 16_000).pictures).astype(np.float16))
    return np.load(file, mmap_mode="r").astype(np.float32)


def layers_table(people: People, encoders: dict[str, ViTModel]) -> pd.DataFrame:
    """How well each layer's mean states tell who writes and how old the writer is.

    Same writer: of 500 new writers' second lines, the one nearest to the first line is the same writer's. Distances
    are measured after what varies between lines of one writer is weighed down (learned from PROBED writers).
    """
    rows, known, ages = [], PROBED * people.each, people.of_lines("ages")
    for name, encoder in encoders.items():
        features = layer_features(encoder, people.pictures)
        for layer in range(features.shape[1]):
            x = features[:, layer]
            x = (x - x[:known].mean(0)) / (x[:known].std(0) + 1e-6)
            off = abs(ridge(x[:known], ages[:known]).predict(x[known:]) - ages[known:])
            within = np.cov((x[:known:2] - x[1:known:2]).T) + 0.1 * np.eye(HIDDEN)
            codes = x[known:] @ np.linalg.cholesky(np.linalg.inv(within))
            codes /= np.linalg.norm(codes, axis=1, keepdims=True)
            found = (codes[0::2] @ codes[1::2].T).argmax(1) == np.arange(500)
            rows.append({"encoder": name, "layer": layer, "same_writer": found.mean(), "error": off.mean()})
    return pd.DataFrame(rows).round({"same_writer": 3, "error": 2})


def row_of(way: str, start: str, writers: int, runs: list[np.ndarray], base: list[np.ndarray] | None,
           ages: np.ndarray) -> dict:  # fmt: skip
    """One row of the table: errors, the mean of the runs; `gain`: how much smaller than those of `base`, five lines."""
    five = np.mean([abs(run.mean(1) - ages) for run in runs], 0)
    one = np.mean([abs(run - ages[:, None]).mean(1) for run in runs], 0)
    row = {"way": way, "start": start, "writers": writers, "seeds": len(runs), "error_one_line": one.mean(),
           "error_five_lines": five.mean()}  # fmt: skip
    row["low"], row["high"] = interval(five)
    if base is not None:
        gain = np.mean([abs(run.mean(1) - ages) for run in base], 0) - five
        row["gain"] = gain.mean()
        row["gain_low"], row["gain_high"] = interval(gain)
    return row


def compare(everyone: People, unseen: dict[str, People]) -> pd.DataFrame:
    """All trainings, table after table: starts, frozen encoders, ways."""
    rows, ages = [], unseen["floors"].ages
    for writers in STEPS:
        seeds = range(SEEDS[writers])

        def runs(way: str, start: str, of=measured, writers=writers, seeds=seeds) -> list[np.ndarray]:
            how = (way,) if of is measured else ()
            return [of(*how, start, writers, seed, everyone, unseen) for seed in seeds]

        scratch = runs("number", "scratch")
        rows.append(row_of("number", "scratch", writers, scratch, None, ages))
        starts = ["reader", "hands"] + ["reader whole"] * (writers == 2000)
        rows += [row_of("number", start, writers, runs("number", start), scratch, ages) for start in starts]
        rows += [
            row_of("frozen", start, writers, runs("", start, frozen), scratch, ages)
            for start in ("scratch", "reader", "hands")
        ]
        if writers == 2000:
            rows += [row_of(way, "reader", writers, runs(way, "reader"), scratch, ages) for way in ("groups", "text")]
    return pd.DataFrame(rows).round(2)


def calibrate(task: Numbers, people: People) -> None:
    """Move each quantile by so many years that the right share of these people's lines lies below it."""
    off = people.ages[:, None, None] - answers(task, people)
    years = [np.quantile(off[..., i], share) for i, share in enumerate(QUANTILES)]
    with torch.no_grad():
        task.model.head.bias += torch.tensor(years).float() / task.model.config.spread


def best_model(start: str, everyone: People, validation: People) -> Numbers:
    """The model that becomes the checkpoint: all writers, each line by two pens and scanners, many steps; calibrated on
    writers that it has not seen."""
    torch.manual_seed(0)
    task, file = task_for("number", start, everyone, everyone), kept("best-model.pt")
    if not file.is_file():
        train("best", task, everyone, BEST_STEPS, 0, others=training_writers(BLOCKS, other_pens=True))
        torch.save(task.state_dict(), file)
    task.load_state_dict(torch.load(file, weights_only=True))
    calibrate(task, validation)
    return task.eval()


def writers_table(task: Numbers, unseen: dict[str, People]) -> pd.DataFrame:
    """A row for each writer of both tests: age, language, the median of each line, the mean of both quantiles."""
    rows = []
    for test in ("floors", "languages"):
        people = unseen[test]
        years = answers(task, people)
        table = pd.DataFrame({"test": test, "language": people.languages, "age": people.ages})
        for line in range(people.each):
            table[f"line{line + 1}"] = years[:, line, 1]
        inside = (years[..., 0] <= people.ages[:, None]) & (people.ages[:, None] <= years[..., 2])
        table["inside"] = inside.mean(1)
        table["width"] = (years[..., 2] - years[..., 0]).mean(1)
        rows.append(table)
    return pd.concat(rows).round(2)


def pens_table(task: Numbers) -> pd.DataFrame:
    """What the same strokes by another pen, on other paper, out of another scanner do to the answer.

    A row a way: by how many years older and by how many years it moves, error, share of the ages inside.
    """
    rows, ways = [], in_ways([11], 800, sentences("test")["en"])
    usual = answers(task, ways["usual"])[:, 0, 1]
    for way, people in ways.items():
        years = answers(task, people)[:, 0]
        moved = years[:, 1] - usual
        inside = (years[:, 0] <= people.ages) & (people.ages <= years[:, 2])
        rows.append({"way": way, "older_by": moved.mean(), "moved_by": abs(moved).mean(),
                     "error": abs(years[:, 1] - people.ages).mean(), "inside": inside.mean()})  # fmt: skip
    return pd.DataFrame(rows).round(2)


def write(table: pd.DataFrame, name: str) -> None:
    table.to_csv(DATA / "results" / f"{name}.csv", index=False, lineterminator="\n")


def export(task: Numbers) -> None:
    folder = TRAINED / "writer-age"
    shutil.rmtree(folder, ignore_errors=True)
    task.model.half().save_pretrained(folder)
    processor(HEIGHT, WIDTH).image_processor.save_pretrained(folder)
    task.model.float()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    everyone, unseen = training_writers(BLOCKS), unseen_writers()
    best = best_model("reader", everyone, unseen["validation"])
    export(best)
    table = writers_table(best, unseen)
    write(table, "writer_age_writers")
    lines, median = table.filter(regex="line").to_numpy(), np.median(everyone.ages)
    for test, rows in table.groupby("test").indices.items():
        ages, years = table["age"].to_numpy()[rows], lines[rows]
        off = abs(years.mean(1) - ages)
        print(f"best model, {test}: one line {abs(years - ages[:, None]).mean():.2f}, five {off.mean():.2f} years "
              f"({interval(off)[0]:.2f} to {interval(off)[1]:.2f}), median {abs(ages - median).mean():.2f}; "
              f"inside {table['inside'].to_numpy()[rows].mean():.3f}", flush=True)  # fmt: skip
    pens = pens_table(best)
    write(pens, "writer_age_pens")
    print(pens.to_string(index=False), flush=True)
    torch.manual_seed(0)
    whole = len(reader().encoder.layers)
    encoders = {"untrained": encoder_of("scratch", whole), "reader": encoder_of("reader", whole),
                "hands": hands_encoder(everyone), "age": best.model.encoder}  # fmt: skip
    layers = layers_table(unseen["probe"], encoders)
    write(layers, "writer_age_layers")
    print(layers.to_string(index=False), flush=True)
    results = compare(everyone, unseen)
    write(results, "writer_age")
    print(results.to_string(index=False))
    print(f"{sum(p.numel() for p in best.model.parameters()):,} parameters, {BATCH} lines a step")


if __name__ == "__main__":
    main()
