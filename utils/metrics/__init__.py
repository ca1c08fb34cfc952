"""Metrics by name: modules of our own, since `evaluate.load("accuracy")` downloads its script from the Hub."""

from pathlib import Path
from typing import TYPE_CHECKING

from utils.checkpoints import use_hub
from utils.data import HF_HOME
from utils.hub import or_offline
from utils.whole import must_be_writable

if TYPE_CHECKING:
    from evaluate import EvaluationModule

HERE = Path(__file__).parent


def metric(name: str) -> "EvaluationModule":
    """Return the metric `name` as `evaluate.load` gives it: ours, or the Hub's with WORKBOOK_CHECKPOINTS=hub.

    Raises KeyError for an unknown name, OSError if the cache of `evaluate` cannot be written,
    ConnectionError if the Hub has trouble.
    """
    import evaluate

    known = sorted(path.parent.name for path in HERE.glob("*/*.py"))
    if name not in known:
        raise KeyError(f"no metric has the name {name!r}; known: {', '.join(known)}")
    must_be_writable(Path(evaluate.config.HF_EVALUATE_CACHE), HF_HOME)
    if not use_hub():
        return evaluate.load(str(HERE / name))
    with or_offline(f"the metric {name}"):
        return evaluate.load(name, module_type="metric")
