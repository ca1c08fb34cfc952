"""How far a trained WriterAgeModel is off, by age group, for writers whom it never saw.

python -m utils.age.report --model age/model --data lines    # the split "test"
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from datasets import Dataset
from transformers import AutoImageProcessor

from utils.age.model import WriterAgeModel
from utils.handwriting.lines import load_lines

GROUPS = (0, 20, 35, 50, 65, 80, 120)  # years: above the one, up to the next
BATCH = 16  # lines


@torch.inference_mode()
def answers(model: WriterAgeModel, processor, lines: Dataset) -> np.ndarray:
    """The model's three quantiles for each line, years: (lines, 3)."""
    found = []
    for start in range(0, len(lines), BATCH):
        pictures = [model.config.fit(picture) for picture in lines[start : start + BATCH]["image"]]
        found.append(model(processor(pictures, return_tensors="pt").pixel_values.to(model.device)).logits.cpu())
    return torch.cat(found).float().sort(dim=1).values.numpy()


def by_age_group(lines: Dataset, years: np.ndarray, guess: float) -> pd.DataFrame:
    """A row for each age group and one for all: how many `writers`, `error` of a writer's mean answer and of the
    `guess` given to everybody, how much `too_old` the answers are (all in years), and the share of lines whose range
    holds the age (`inside`; 0.8 is meant). `years` (lines, 3) as `answers` gives them."""
    told = pd.DataFrame({"writer": lines["writer"], "age": lines["age"], "answer": years[:, 1]})
    told["inside"] = (years[:, 0] <= told["age"]) & (told["age"] <= years[:, 2])
    people = told.groupby("writer").mean()
    people["too_old"] = people["answer"] - people["age"]
    people["error"], people["guess"] = abs(people["too_old"]), abs(guess - people["age"])
    columns = ["error", "guess", "too_old", "inside"]
    groups = people.groupby(pd.cut(people["age"], GROUPS, include_lowest=True), observed=True)
    table = groups[columns].mean()
    table.index = [f"{group.left:.0f} to {group.right:.0f}".replace("-0", "0") for group in table.index]
    table.loc["all"] = people[columns].mean()
    table.insert(0, "writers", [*groups.size(), len(people)])
    return table


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="folder that utils.age.train wrote: OUT/model")
    parser.add_argument("--data", type=Path, required=True, help="folder of lines with the splits train and test")
    given = parser.parse_args(arguments)
    if not (given.model / "config.json").is_file():
        raise ValueError(f"{given.model} holds no model: give OUT/model, which utils.age.train writes")
    lines = load_lines(given.data)
    if missing := {"train", "test"} - set(lines):
        raise ValueError(f"{given.data} has no lines in the split {', '.join(sorted(missing))}")
    model = WriterAgeModel.from_pretrained(given.model).eval()
    model.to("cuda" if torch.cuda.is_available() else "cpu")
    years = answers(model, AutoImageProcessor.from_pretrained(given.model), lines["test"])
    print(by_age_group(lines["test"], years, float(np.median(lines["train"]["age"]))).round(2).to_string())


if __name__ == "__main__":
    main()
