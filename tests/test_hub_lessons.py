"""A lesson from its first cell to its last with WORKBOOK_CHECKPOINTS=hub; `python -m tests.hub` runs them all."""

from hub import environment, execute, lessons, repositories
from hub_server import HubServer

from utils.data import ROOT


def test_a_lesson_reaches_its_end():
    """All that it loads comes from the server, and no assertion fails, for it is the course's own checkpoint."""
    with HubServer(repositories()) as server, environment(server):
        problem, notes = execute(ROOT / "notebooks" / "00_start_here.ipynb")
    assert problem is None and not notes
    fetched = {path.rpartition("/")[2] for path in server.asked if "/resolve/" in path}
    assert {"model.safetensors", "tokenizer.json", "accuracy.py"} <= fetched


def test_every_lesson_that_names_a_checkpoint_is_listed():
    assert len(lessons()) > 20 and not any("exercises" in path.parts for path in lessons())
