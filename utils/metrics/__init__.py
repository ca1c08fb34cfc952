"""Metrics by name: modules of our own, since `evaluate.load("accuracy")` downloads its script from the Hub."""

from pathlib import Path
from typing import TYPE_CHECKING

from utils.checkpoints import use_hub

if TYPE_CHECKING:
    from evaluate import EvaluationModule

HERE = Path(__file__).parent


def metric(name: str) -> "EvaluationModule":
    """Return the metric `name` as `evaluate.load` gives it: ours, or the Hub's with WORKBOOK_CHECKPOINTS=hub.

    Raises KeyError for an unknown name.
    """
    import evaluate

    known = sorted(path.parent.name for path in HERE.glob("*/*.py"))
    if name not in known:
        raise KeyError(f"no metric has the name {name!r}; known: {', '.join(known)}")
    return evaluate.load(name if use_hub() else str(HERE / name))
