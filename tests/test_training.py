"""Trainings to compare with, on a tiny model."""

import shutil
import subprocess
import sys

import pytest
import torch
from datasets import Dataset
from kills import killed_at_every_change
from safetensors.torch import load_file
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    PrinterCallback,
    Trainer,
    TrainingArguments,
    default_data_collator,
)

from utils.data import ROOT
from utils.plots import training
from utils.training import kept_for_backward, random_batch, trainer_log, trainer_losses

ROWS = Dataset.from_dict({"input_ids": [[1, 2, 3], [3, 2, 1], [4, 5, 6], [6, 5, 4]], "labels": [0, 1, 0, 1]})


def model():
    torch.manual_seed(0)
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    return BertForSequenceClassification(BertConfig(vocab_size=10, **sizes, hidden_dropout_prob=0.0))


def test_each_step_is_logged_and_rows_come_in_order():
    log = trainer_log(model(), ROWS, default_data_collator, per_device_train_batch_size=2, max_steps=2)
    first = model()(input_ids=torch.tensor(ROWS["input_ids"][:2]), labels=torch.tensor(ROWS["labels"][:2])).loss
    assert len(log) == 2 and log[0]["loss"] == pytest.approx(first.item(), abs=1e-4) and log[0]["grad_norm"] > 0
    again = trainer_losses(model(), ROWS, default_data_collator, per_device_train_batch_size=2, max_steps=2)
    assert again == [entry["loss"] for entry in log]


def test_a_larger_batch_keeps_more_and_inference_nothing():
    def batch(rows):
        return {"input_ids": torch.ones(rows, 3, dtype=torch.long)}

    small, large = kept_for_backward(model(), batch(2)), kept_for_backward(model(), batch(20))
    assert 5 < large / small < 10.5
    with torch.inference_mode():
        assert kept_for_backward(model(), batch(2)) == 0


def test_a_random_batch_has_the_size_asked_for_and_runs():
    batch = random_batch(model(), rows=3, length=5)
    assert batch["input_ids"].shape == batch["attention_mask"].shape == (3, 5) and batch["attention_mask"].all()
    assert batch["input_ids"].max() < 10 and model()(**batch).loss > 0


def test_own_memory_feels_what_is_allocated():
    """In a process of its own: here freed memory may be lent again, and none comes from the system."""
    code = "import torch; from utils.training import own_memory; before = own_memory()\n"
    code += "held = torch.ones(25_000_000); print(own_memory() - before)"
    printed = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert 90e6 < int(printed) < 130e6


def test_the_plan_says_its_peak(monkeypatch):
    shown = []
    monkeypatch.setattr(training, "show", lambda figure, alt: shown.append(alt))
    training.rate_plan({1: 0.0, 2: 0.1, 3: 0.01})
    assert shown == ["The learning rate goes from 0 at step 1 to 0.1 at step 2 and falls to 1e-02 at step 3."]


WRITTEN_LAST = "trainer_state.json"


def test_a_checkpoint_of_the_trainer_killed_at_any_change_is_whole_or_refused(tmp_path):
    """What tells that one is whole is written last; without it the Trainer does not go on."""

    def trainer(**settings):
        arguments = TrainingArguments(
            str(tmp_path), max_steps=2, per_device_train_batch_size=2, use_cpu=True, report_to="none",
            disable_tqdm=True, logging_strategy="no", **settings,
        )  # fmt: skip
        made = Trainer(model(), arguments, train_dataset=ROWS, data_collator=default_data_collator)
        made.remove_callback(PrinterCallback)
        return made

    first = trainer(save_strategy="no")
    first.train()
    refused = 0
    for _ in killed_at_every_change(lambda: first._save_checkpoint(first.model, None)):
        found = tmp_path / "checkpoint-2"
        names = {path.name for path in found.glob("*")}
        try:
            trainer(save_strategy="no").train(resume_from_checkpoint=str(found))
        except (OSError, ValueError):  # no folder, no weights, no state; a state that is half there
            refused += 1
        else:
            assert names >= {"model.safetensors", "optimizer.pt", "scheduler.pt", "rng_state.pth", WRITTEN_LAST}
            for name, value in load_file(found / "model.safetensors").items():
                assert torch.equal(value, first.model.state_dict()[name])
        shutil.rmtree(found, ignore_errors=True)
    assert refused > 4
