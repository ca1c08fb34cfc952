"""Data sets that the workbook carries, and tables that its recipes measured."""

from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"
NO_DATA_SET = ("checkpoints", "recipes", "results", "text_evaluation")


def dataset_path(name: str) -> str:
    """Return the folder of the data set `name`, as `datasets.load_dataset` takes it. KeyError for an unknown name.

    Loading takes a second, so the progress bars of `datasets` are switched off.
    """
    from datasets import disable_progress_bars

    known = sorted(path.name for path in DATA.iterdir() if path.is_dir() and path.name not in NO_DATA_SET)
    if name not in known:
        raise KeyError(f"no data set has the name {name!r}; known: {', '.join(known)}")
    disable_progress_bars()
    return str(DATA / name)


def results(name: str) -> pd.DataFrame:
    """Return the table that the recipe `name` measured, from data/results. KeyError for an unknown name."""
    if not (path := DATA / "results" / f"{name}.csv").is_file():
        known = sorted(path.stem for path in (DATA / "results").glob("*.csv"))
        raise KeyError(f"no results have the name {name!r}; known: {', '.join(known)}")
    return pd.read_csv(path)
