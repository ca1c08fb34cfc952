"""The training of the age model as a script: its options, what it writes, and that a killed run ends the same."""

import json
import shutil
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest
import torch
from accelerate import Accelerator
from transformers import AutoModel

from utils.age.model import WriterAgeModel
from utils.age.train import check_same, options, train
from utils.data import DATA, ROOT

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


def test_a_killed_run_goes_on_and_ends_the_same(folder, tmp_path, capsys):
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
    train(options(arguments(folder, tmp_path / "killed")))

    metrics = [json.loads((tmp_path / name / "metrics.json").read_text()) for name in ("whole", "killed")]
    assert metrics[0] == metrics[1]
    assert metrics[0]["step"] == 3 * TRAIN * 2 // 4 and len(metrics[0]["epochs"]) == 3
    assert metrics[0]["epochs"][0]["writers"] == VALIDATION
    one, two = (AutoModel.from_pretrained(tmp_path / name / "model") for name in ("whole", "killed"))
    assert isinstance(one, WriterAgeModel)
    for a, b in zip(one.state_dict().values(), two.state_dict().values(), strict=True):
        assert torch.equal(a, b)
    assert not list((tmp_path / "killed").glob("state-*"))


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
