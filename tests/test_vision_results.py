"""Tables over folds and seeds: means as they should be, photographs apart."""

import pandas as pd
import pytest

from utils.vision.results import by_seed, folds_ahead

ROWS = [("a", 0, 0, 0.5), ("a", 0, 1, 0.7), ("a", 0, -1, 0.1), ("b", 0, 0, 0.4), ("b", 0, 1, 0.8), ("b", 0, -1, 0.0)]
MEASURED = pd.DataFrame(ROWS, columns=["method", "seed", "fold", "accuracy"])


def test_the_folds_are_averaged_and_the_photographs_stand_apart():
    seeds = by_seed(MEASURED)
    assert list(seeds.columns) == ["unseen styles", "photographs"]
    assert seeds.loc[("a", 0)].tolist() == pytest.approx([0.6, 0.1])


def test_folds_are_counted_without_the_photographs():
    assert folds_ahead(MEASURED, "a", "b") == 1 and folds_ahead(MEASURED, "b", "a") == 1
