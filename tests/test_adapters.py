"""What recipes keep of an adapter: read and written again, a kept one is the same to the last byte."""

import json
import shutil

import pytest
from peft import PeftModel
from transformers import (
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
)

from data.recipes.common.adapters import save_adapter, tidy
from utils import checkpoint
from utils.checkpoints import TRAINED

HEADS = {
    "ner": AutoModelForTokenClassification,
    "question-answering": AutoModelForQuestionAnswering,
    "sentiment": AutoModelForSequenceClassification,
    "zero-shot": AutoModelForSequenceClassification,
}


@pytest.mark.parametrize("role", HEADS)
def test_a_kept_adapter_is_written_as_it_lies_there(role, tmp_path):
    kept = TRAINED / role
    labels = json.loads((kept / "labels.json").read_text()) if (kept / "labels.json").is_file() else None
    settings = {"num_labels": len(labels)} if labels else {}
    model = PeftModel.from_pretrained(HEADS[role].from_pretrained(checkpoint("encoder"), **settings), kept)
    save_adapter(model, tmp_path, labels)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in kept.iterdir()}
    for name in ("adapter_model.safetensors", "labels.json"):
        if (kept / name).is_file():
            assert (tmp_path / name).read_bytes() == (kept / name).read_bytes()
    written = json.loads((tmp_path / "adapter_config.json").read_text())
    assert written["base_model_name_or_path"] == "sentence-transformers/all-MiniLM-L6-v2"
    assert written["target_modules"] == json.loads((kept / "adapter_config.json").read_text())["target_modules"]


def test_a_configuration_names_no_folder_of_this_machine(tmp_path):
    shutil.copy(TRAINED / "ner" / "adapter_config.json", tmp_path)
    file = tmp_path / "adapter_config.json"
    config = json.loads(file.read_text())
    file.write_text(json.dumps(config | {"base_model_name_or_path": str(tmp_path), "target_modules": ["b", "a"]}))
    tidy(tmp_path)
    assert str(tmp_path) not in file.read_text()
    assert json.loads(file.read_text())["target_modules"] == ["a", "b"]
