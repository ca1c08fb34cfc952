"""The training of the age model as a script: its options, what it writes, and that a killed run ends the same."""

import json
import resource
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
import torch
from accelerate import Accelerator
from kills import killed_at_every_change
from safetensors.torch import load_file
from transformers import AutoModel, ViTConfig, ViTImageProcessor

from utils.age.first_head import fit_head
from utils.age.model import WriterAgeConfig, WriterAgeModel
from utils.age.train import OTHER, Progress, check_same, keep_if_best, options, save_state, train
from utils.data import DATA, ROOT
from utils.whole import is_whole, restored, room_in

SOURCE = DATA / "handwriting"
TRAIN, VALIDATION = 12, 4  # writers


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two lines each of some of data/handwriting's writers."""
    folder = tmp_path_factory.mktemp("lines")
    table = pd.read_csv(SOURCE / "metadata.csv", keep_default_na=False)
    line = table["file"].str.split("-").str[1].str[0].astype(int)
    number = table["file"].str.split("/").str[1].str[:3].astype(int)
    split = table["file"].str.split("/").str[0]
    table = table[
        (line < 2) & (((split == "train") & (number < TRAIN)) | ((split == "validation") & (number < VALIDATION)))
    ]
    for file in table["file"]:
        (folder / file).parent.mkdir(exist_ok=True)
        shutil.copyfile(SOURCE / file, folder / file)
    table.to_csv(folder / "metadata.csv", index=False)
    return folder


def arguments(folder, out):
    return ["--data", str(folder), "--out", str(out), "--epochs", "3", "--batch-size", "4", "--layers", "3",
            "--save-every", "2"]  # fmt: skip


def test_help_tells_what_it_does(capsys):
    with pytest.raises(SystemExit, match="0"):
        options(["--help"])
    printed = capsys.readouterr().out
    assert "--mixed-precision" in printed and "metadata.csv" in printed


def test_a_killed_run_goes_on_and_ends_the_same(folder, tmp_path, capsys, monkeypatch):
    """With the layers and the head that it began with."""
    train(options(arguments(folder, tmp_path / "whole")))
    assert "training" in capsys.readouterr().err  # the progress bar

    command = [sys.executable, "-m", "utils.age.train", *arguments(folder, tmp_path / "killed")]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    limit = time.monotonic() + 600
    while not (tmp_path / "killed" / "state").is_dir() and process.poll() is None and time.monotonic() < limit:
        time.sleep(0.02)
    assert process.poll() is None, "it ended before it could be killed"
    process.send_signal(signal.SIGKILL)
    process.wait()
    monkeypatch.setattr("utils.age.train.fit_head", None)
    train(options(arguments(folder, tmp_path / "killed")))

    metrics = [json.loads((tmp_path / name / "metrics.json").read_text()) for name in ("whole", "killed")]
    assert metrics[0] == metrics[1]
    assert metrics[0]["step"] == 3 * TRAIN * 2 // 4 and len(metrics[0]["epochs"]) == 1 + 3  # the head alone comes first
    assert metrics[0]["epochs"][0]["writers"] == VALIDATION and metrics[0]["epochs"][0]["ahead"] == 0
    one, two = (AutoModel.from_pretrained(tmp_path / name / "model") for name in ("whole", "killed"))
    assert isinstance(one, WriterAgeModel)
    for a, b in zip(one.state_dict().values(), two.state_dict().values(), strict=True):
        assert torch.equal(a, b)
    assert sorted(path.name for path in (tmp_path / "killed").iterdir()) == [
        "metrics.json", "model", "settings.json", "state"
    ]  # fmt: skip


@pytest.mark.parametrize(("choose", "layers"), [(True, 2), (False, 3)])
def test_the_head_begins_as_ridge_regression_on_the_best_layer(choose, layers):
    """Of three layers the second says the age: it and those below are kept, and the answers are those of a line."""
    rng = np.random.default_rng(0)
    sizes = {"hidden_size": 8, "num_hidden_layers": 3, "num_attention_heads": 1, "intermediate_size": 8}
    model = WriterAgeModel(WriterAgeConfig(encoder=ViTConfig(**sizes).to_dict(), mean=40.0, spread=20.0))
    states = {"train": rng.normal(size=(200, 3, 8)), "validation": rng.normal(size=(100, 3, 8))}
    noise = {split: rng.normal(0, 2, len(values)) for split, values in states.items()}
    ages = {split: 40 + 10 * values[:, 1, 0] + noise[split] for split, values in states.items()}
    fit_head(model, states, ages, choose)
    assert len(model.encoder.layers) == model.config.encoder.num_hidden_layers == layers
    answers = model.head(torch.from_numpy(states["validation"][:, layers - 1]).float()).detach().numpy() * 20 + 40
    inside = (answers[:, 0] <= ages["validation"]) & (ages["validation"] <= answers[:, 2])
    assert 0.77 < inside.mean() < 0.83 and (np.diff(answers) > 0).all()
    error = abs(answers[:, 1] - ages["validation"]).mean()
    assert error < 2 if choose else error > 6


def test_a_folder_without_validation_is_a_clear_error(folder, tmp_path, monkeypatch, capsys):
    table = pd.read_csv(folder / "metadata.csv", keep_default_na=False)
    table = table[table["file"].str.startswith("train/")]
    shutil.copytree(folder / "train", tmp_path / "train")
    table.to_csv(tmp_path / "metadata.csv", index=False)
    monkeypatch.setattr("utils.age.train.has_bfloat16", lambda: False)
    with pytest.raises(ValueError, match="no lines in the split validation"):
        train(options(["--data", str(tmp_path), "--out", str(tmp_path / "out"), "--mixed-precision", "bf16"]))
    if not torch.cuda.is_available():
        assert "no instructions for bfloat16" in capsys.readouterr().out


@pytest.mark.parametrize("option", ["--save-every", "--batch-size", "--epochs", "--layers", "--learning-rate"])
@pytest.mark.parametrize("value", ["0", "-3", "many"])
def test_numbers_that_cannot_be_are_refused(option, value, capsys):
    with pytest.raises(SystemExit):
        options(["--out", "age", f"{option}={value}"])
    assert f"argument {option}: '{value}' is no number above 0" in capsys.readouterr().err


@pytest.mark.parametrize(("option", "value", "before"), [("--batch-size", "8", "4"), ("--layers", "2", "3")])
def test_other_options_than_the_state_has_are_refused(folder, tmp_path, option, value, before):
    given = arguments(folder, tmp_path)
    check_same(options(given), Accelerator())
    (tmp_path / "state").mkdir()
    check_same(options(given), Accelerator())
    with pytest.raises(ValueError, match=f"state began with {option} {before}, and now it is {value}: go on with the"):
        train(options([*given, option, value]))


@pytest.fixture(scope="module")
def tiny():
    """A model of some hundred weights, and what the training has beside it."""
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 8}
    encoder = ViTConfig(**sizes, image_size=32, patch_size=16).to_dict()
    accelerator, progress = Accelerator(cpu=True), Progress()
    model = accelerator.prepare(WriterAgeModel(WriterAgeConfig(encoder=encoder, mean=40.0, spread=20.0)))
    accelerator.register_for_checkpointing(progress)
    return accelerator, model, ViTImageProcessor(), progress


def bias(folder) -> float:
    return load_file(folder / "model.safetensors")["head.bias"][0].item()


def test_a_state_killed_at_any_change_is_the_one_before_or_the_next(tiny, tmp_path):
    accelerator, model, _, _ = tiny
    state = tmp_path / "state"

    def save(value):
        torch.nn.init.constant_(model.head.bias, value)
        save_state(accelerator, state)

    save(1.0)
    for _ in killed_at_every_change(lambda: save(2.0)):
        assert restored(state) and is_whole(state) and bias(state) in (1.0, 2.0)
    assert bias(state) == 2.0 and [path.name for path in tmp_path.iterdir()] == ["state"]


def test_a_model_killed_at_any_change_is_the_one_before_or_the_better(tiny, tmp_path):
    accelerator, model, processor, progress = tiny
    folder = tmp_path / "model"

    def keep(value):
        torch.nn.init.constant_(model.head.bias, value)
        progress.errors = [{"writer": 9.0}, {"writer": 10.0 - value, "ahead": 2.0}]
        keep_if_best(accelerator, model, processor, progress, tmp_path)

    keep(1.0)
    for _ in killed_at_every_change(lambda: keep(2.0)):
        assert restored(folder) and bias(folder) in (1.0, 2.0)
        assert {path.name for path in folder.iterdir()} == {
            "config.json", "model.safetensors", "preprocessor_config.json"
        }  # fmt: skip
        assert json.loads((tmp_path / "metrics.json").read_text())["epochs"]
    assert bias(folder) == 2.0


def test_what_is_ahead_by_chance_is_not_kept():
    progress, rng = Progress(), np.random.default_rng(0)
    alone = rng.uniform(5, 15, 50)
    kept = []
    for gain, noise in ((0, 0), (0.2, 5), (-1, 1), (2, 1), (1, 1), (3, 1)):
        progress.add(10.0, alone - gain - noise * rng.permutation(np.linspace(-1, 1, 50)))
        kept.append(progress.best())
    assert kept == [True, False, False, True, False, True]
    assert progress.errors[0] == {"line": 10.0, "writer": alone.mean(), "writers": 50, "ahead": 0.0}


def test_a_damaged_state_is_named_and_not_loaded(folder, tmp_path, tiny):
    save_state(tiny[0], tmp_path / "state")
    weights = tmp_path / "state" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"?")
    with pytest.raises(ValueError, match=r"state is damaged: delete it, and the same command starts anew"):
        train(options(arguments(folder, tmp_path)))


def test_a_state_without_its_model_is_named(folder, tmp_path, tiny):
    save_state(tiny[0], tmp_path / "state")
    with pytest.raises(ValueError, match=r"model is missing: delete .*state, too, and the same command starts anew"):
        train(options(arguments(folder, tmp_path)))


@pytest.mark.parametrize("what", ["state", "model"])
def test_a_full_disk_is_one_sentence(tiny, tmp_path, what):
    """Files may have 100 bytes here: what torch and safetensors then raise."""
    accelerator, model, processor, progress = tiny
    progress.errors = [{"writer": 1.0}]
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        with (
            pytest.raises(OSError, match=r" cannot be written \(.+\): make room on that disk, or take"),
            room_in(tmp_path, OTHER),
        ):
            if what == "state":
                save_state(accelerator, tmp_path / "state")
            else:
                keep_if_best(accelerator, model, processor, progress, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_the_training_says_where_it_cannot_write(folder, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(
        OSError, match=r"file/age cannot be written \(.+\): see that you may write there, or take another"
    ):
        train(options(arguments(folder, tmp_path / "file" / "age")))
