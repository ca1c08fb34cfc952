"""What the library says of a loaded model: into the page, or nowhere; afterwards all is as before."""

import logging

import pytest
from transformers import AutoModelForSequenceClassification, BertConfig, BertModel

from utils.quiet import printed_messages, silent


@pytest.fixture(scope="module")
def body(tmp_path_factory):
    """A tiny body without head, as a folder."""
    folder = tmp_path_factory.mktemp("models") / "body"
    sizes = {"vocab_size": 9, "hidden_size": 4, "num_attention_heads": 2, "intermediate_size": 8}
    BertModel(BertConfig(num_hidden_layers=1, **sizes)).save_pretrained(folder)
    return folder


def test_a_load_report_is_printed_without_this_machines_folders(body, capsys):
    before = list(logging.getLogger("transformers").handlers)
    with printed_messages():
        AutoModelForSequenceClassification.from_pretrained(body)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "BertForSequenceClassification LOAD REPORT from: …"
    assert "classifier.weight | MISSING" in lines
    assert logging.getLogger("transformers").handlers == before


def test_silent_says_nothing(body):
    said = []
    recorder = logging.Handler()
    recorder.emit = said.append
    logger = logging.getLogger("transformers")
    logger.addHandler(recorder)
    try:
        with silent():
            AutoModelForSequenceClassification.from_pretrained(body)
        assert not said
        AutoModelForSequenceClassification.from_pretrained(body)
        assert len(said) == 1
    finally:
        logger.removeHandler(recorder)
