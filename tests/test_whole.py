"""Folders that are there whole or not at all: killed at every change, on a full disk, on one that is read-only."""

import os
import shutil
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from kills import killed_at_every_change

from utils import checkpoint, checkpoints
from utils.checkpoints import REGISTRY
from utils.grading.sandbox import missing
from utils.whole import is_whole, put_in_place, restored, seal, write_text


def fill(folder: Path, content: str) -> None:
    folder.mkdir(parents=True)
    for name in ("config.json", "model.safetensors"):
        (folder / name).write_text(content)


def test_a_folder_is_the_one_before_or_the_new_one(tmp_path):
    folder, part = tmp_path / "state", tmp_path / "state-part"
    fill(folder, "before")
    seal(folder)

    def work():
        shutil.rmtree(part, ignore_errors=True)
        fill(part, "after")
        seal(part)
        put_in_place(part, folder)

    for _ in killed_at_every_change(work):
        assert restored(folder) and is_whole(folder)
        contents = {(folder / name).read_text() for name in ("config.json", "model.safetensors")}
        assert contents in ({"before"}, {"after"})
    assert contents == {"after"} and [path.name for path in tmp_path.iterdir()] == ["state"]


def test_a_text_is_the_one_before_or_the_new_one(tmp_path):
    write_text(tmp_path / "metrics.json", "before")
    for _ in killed_at_every_change(lambda: write_text(tmp_path / "metrics.json", "after")):
        text = (tmp_path / "metrics.json").read_text()
        assert text in ("before", "after")
    assert text == "after"


@pytest.mark.parametrize("harm", ["cut", "flipped", "gone", "page", "no manifest"])
def test_what_is_damaged_is_not_whole(tmp_path, harm):
    fill(folder := tmp_path / "model", "some bytes of weights")
    seal(folder)
    weights = folder / "model.safetensors"
    assert is_whole(folder)
    {
        "cut": lambda: weights.write_text("some bytes"),
        "flipped": lambda: weights.write_text("some bytes of weighus"),
        "gone": weights.unlink,
        "page": lambda: weights.write_text("<!DOCTYPE html>"),
        "no manifest": (folder / "manifest.json").unlink,
    }[harm]()
    assert not is_whole(folder)


@pytest.fixture
def small(tmp_path, monkeypatch):
    """The cache in an empty folder, and a checkpoint `vit` that is assembled in a moment."""
    entry = REGISTRY["vit"]
    monkeypatch.setattr(checkpoints, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(checkpoints, "quiet", lambda: None)
    monkeypatch.setattr(checkpoints, "silent", nullcontext)  # without transformers
    monkeypatch.setitem(
        REGISTRY,
        "vit",
        replace(entry, assemble=lambda source, folder: fill(folder / "x", "y") or fill(folder / "z", "y")),
    )
    return tmp_path / "cache" / "vit"


def test_an_assembly_killed_at_any_change_is_never_loaded(small):
    for _ in killed_at_every_change(lambda: checkpoint("vit")):
        for folder in [path for path in small.glob("*") if path.is_dir() and "building" not in path.name]:
            assert is_whole(folder)
    assert is_whole(Path(checkpoint("vit"))) and len([path for path in small.iterdir() if path.is_dir()]) == 1


IN_A_SMALL_PLACE = """
import os
import shutil
import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from utils import checkpoints
from utils.checkpoints import REGISTRY
checkpoints.CACHE, checkpoints.quiet, checkpoints.silent = Path(sys.argv[1]), nullcontext, nullcontext
REGISTRY["vit"] = replace(REGISTRY["vit"], assemble=shutil.copy)
try:
    print(checkpoints.checkpoint("vit"))
except OSError as error:
    print(error)
"""


@pytest.mark.skipif(missing() is not None, reason=f"needs bubblewrap: {missing()}")
@pytest.mark.parametrize(
    ("mount", "reason"),
    [
        (
            ["--size", "1000000", "--tmpfs"],
            "(No space left on device): make room on that disk, or move the course to a folder",
        ),
        (
            ["--ro-bind", "/usr"],
            "(Read-only file system): see that you may write there, or move the course to a folder",
        ),
    ],
    ids=["full", "read-only"],
)
def test_a_cache_that_cannot_be_written_is_one_sentence(tmp_path, mount, reason):
    """On a disk of one megabyte, and on one that is read-only."""
    command = ["bwrap", "--dev-bind", "/", "/", *mount, tmp_path, sys.executable, "-c", IN_A_SMALL_PLACE, tmp_path]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout.strip() == f"{tmp_path} cannot be written {reason} where you may write", done.stderr


AT_HOME = """
from utils import dataset_path
try:
    print(dataset_path("title_pairs"))
except OSError as error:
    print(error)
"""


@pytest.mark.skipif(missing() is not None, reason=f"needs bubblewrap: {missing()}")
def test_a_home_that_is_read_only_is_one_sentence(tmp_path):
    settings = {name: value for name, value in os.environ.items() if name not in ("HF_HOME", "XDG_CACHE_HOME")}
    command = ["bwrap", "--dev-bind", "/", "/", "--ro-bind", "/usr", tmp_path, sys.executable, "-c", AT_HOME]
    done = subprocess.run(command, env=settings | {"HOME": str(tmp_path)}, capture_output=True, text=True)
    said = f"{tmp_path}/.cache/huggingface/datasets cannot be written (Read-only file system): see that you may write "
    said += "there, or set the variable HF_HOME to a folder where you may write, and start again"
    assert done.stdout.strip() == said, done.stderr
