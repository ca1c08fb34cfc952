"""Data sets that the workbook carries."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"


def dataset_path(name: str) -> str:
    """Return the folder of the data set `name`, as `datasets.load_dataset` takes it. KeyError for an unknown name.

    Loading takes a second, so the progress bars of `datasets` are switched off.
    """
    from datasets import disable_progress_bars

    known = sorted(
        path.name for path in DATA.iterdir() if path.is_dir() and path.name not in ("checkpoints", "recipes")
    )
    if name not in known:
        raise KeyError(f"no data set has the name {name!r}; known: {', '.join(known)}")
    disable_progress_bars()
    return str(DATA / name)
