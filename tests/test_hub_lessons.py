"""A lesson from its first cell to its last with WORKBOOK_CHECKPOINTS=hub; `python -m tests.hub` runs them all."""

import nbformat
from hub import environment, execute, lessons, repositories
from hub_server import HubServer

from utils.data import DATA, ROOT

BY_NAME = """
from datasets import load_dataset
from transformers import AutoModelForSequenceClassification
named = AutoModelForSequenceClassification.from_pretrained("distilbert/distilbert-base-uncased-finetuned-sst-2-english")
assert named.config.id2label[1] == "POSITIVE"
assert load_dataset("lecture/pairs", split="test").num_rows == 1000
try:
    metric("wer")
except ConnectionError as error:
    assert str(error).startswith("the metric wer could not be fetched from http://127.0.0.1:")
    assert str(error).endswith("unset WORKBOOK_CHECKPOINTS, start anew, and the course takes the models that it has")
    print("and it said so")
"""


def test_a_lesson_reaches_its_end():
    """All that it loads comes from the server, and no assertion fails, for it is the course's own checkpoint.

    Then the libraries ask for a model and a data set by their names, and for a metric that is not there.
    """
    path = ROOT / "notebooks" / "00_start_here.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(BY_NAME))
    served = repositories() | {"datasets/lecture/pairs": DATA / "title_pairs"}
    del served["spaces/evaluate-metric/wer"]
    with HubServer(served) as server, environment(server):
        problem, notes = execute(notebook, path.parent)
    assert problem is None and not notes
    assert notebook.cells[-1].outputs[-1].text.endswith("and it said so\n")
    fetched = {path.rpartition("/")[2] for path in server.asked if "/resolve/" in path}
    assert {"model.safetensors", "tokenizer.json", "accuracy.py", "test.parquet"} <= fetched


def test_every_lesson_that_names_a_checkpoint_is_listed():
    assert len(lessons()) > 20 and not any("exercises" in path.parts for path in lessons())
