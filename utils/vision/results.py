"""Tables of accuracies over folds and seeds, as `results("exotic_animals")` has them, summed up."""

import pandas as pd


def by_seed(measured: pd.DataFrame) -> pd.DataFrame:
    """Accuracies of each method and seed (the index): on "unseen styles", the mean of the folds, and "photographs".

    `measured` has the columns `method`, `seed`, `fold` (-1: photographs) and `accuracy`.
    """
    tests = measured["fold"].map(lambda fold: "photographs" if fold < 0 else "unseen styles").rename("test")
    seeds = measured.groupby(["method", "seed", tests])["accuracy"].mean().unstack()
    return seeds[["unseen styles", "photographs"]].rename_axis(columns=None)


def folds_ahead(measured: pd.DataFrame, one: str, other: str) -> int:
    """In how many folds method `one` is better than `other`, by the mean of its seeds; photographs don't count."""
    folds = measured[measured["fold"] >= 0].pivot_table("accuracy", "fold", "method")
    return int((folds[one] > folds[other]).sum())
