"""Data sets that the workbook carries, and tables that its recipes measured."""

import glob
import shutil
import tempfile
from functools import cache
from pathlib import Path

import pandas as pd

from utils.whole import must_be_writable, sha256

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"
SUMS = DATA / "sha256.txt"  # as sha256sum writes it; by data/recipes/common/sums.py
SUMMED = ("*/*.parquet", "*/*.wav")
HF_HOME = "set the variable HF_HOME to a folder where you may write, and start again"
NO_DATA_SET = ("checkpoints", "recipes", "results", "text_evaluation")


def dataset_path(name: str) -> str:
    """Return the folder of the data set `name`, as `datasets.load_dataset` takes it. KeyError for an unknown name.

    Loading takes a second, so the progress bars of `datasets` are switched off. It looks for files by a pattern: where
    the course's own path has [ ] * or ?, it gets a copy of the folder, which lasts as long as this process.
    FileNotFoundError or ValueError if a file of the data set is missing or damaged, OSError if the cache of `datasets`
    cannot be written.
    """
    from datasets import config, disable_progress_bars

    known = sorted(path.name for path in DATA.iterdir() if path.is_dir() and path.name not in NO_DATA_SET)
    if name not in known:
        raise KeyError(f"no data set has the name {name!r}; known: {', '.join(known)}")
    disable_progress_bars()
    if not config.HF_CACHE_HOME:  # HF_HOME is set, and empty: the cache would be where the notebook is
        config.HF_DATASETS_CACHE = Path.home() / ".cache" / "huggingface" / "datasets"
    must_be_writable(Path(config.HF_DATASETS_CACHE), HF_HOME)
    _check(name)
    return str(DATA / name) if glob.escape(str(DATA)) == str(DATA) else str(Path(_copies().name) / _copied(name))


def _check(name: str) -> None:
    for expected, file in map(str.split, SUMS.read_text().splitlines()):
        if file.startswith(f"{name}/"):
            remedy = f"in a terminal, in the course's folder: git checkout -- data/{file}"
            if not (path := DATA / file).is_file():
                raise FileNotFoundError(f"{path} is missing; {remedy}")
            if sha256(path) != expected:
                raise ValueError(f"{path} is damaged; {remedy}")


@cache
def _copies() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory(prefix="workbook-")


@cache
def _copied(name: str) -> str:
    shutil.copytree(DATA / name, Path(_copies().name) / name)
    return name


def results(name: str) -> pd.DataFrame:
    """Return the table that the recipe `name` measured, from data/results. KeyError for an unknown name."""
    if not (path := DATA / "results" / f"{name}.csv").is_file():
        known = sorted(path.stem for path in (DATA / "results").glob("*.csv"))
        raise KeyError(f"no results have the name {name!r}; known: {', '.join(known)}")
    return pd.read_csv(path)
