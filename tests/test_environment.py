"""The environment check names what is off and what to do."""

import shutil
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import datasets
import pytest
import torch

from data.recipes.common.optimizers import Muon
from data.recipes.common.training import autocast
from utils import environment
from utils.checkpoints import REGISTRY


def test_all_is_fine_here(capsys):
    assert environment.check_environment()
    assert "All is ready." in capsys.readouterr().out


@pytest.mark.parametrize(("instructions", "known"), [("avx512_bf16", True), ("amx_bf16", True), ("avx512_f", False)])
def test_bfloat16_only_where_the_processor_has_it(monkeypatch, instructions, known):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {instructions: True, "avx2": True})
    assert environment.has_bfloat16() == known
    with autocast():
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == (torch.bfloat16 if known else torch.float32)


@pytest.mark.parametrize("known", [True, False])
def test_muon_takes_the_same_step_with_and_without_bfloat16(monkeypatch, known):
    """The orthogonalized gradient of a diagonal matrix is near the unit matrix, whatever it is computed in."""
    monkeypatch.setattr("data.recipes.common.optimizers.has_bfloat16", lambda: known)
    weight = torch.nn.Parameter(torch.zeros(8, 8))
    weight.grad = torch.diag(torch.arange(1.0, 9))
    Muon([weight], lr=1.0, weight_decay=0).step()
    assert torch.equal(weight, weight.bfloat16().float()) == known
    assert ((-weight.diag() > 0.5) & (-weight.diag() < 1.5)).all()
    assert (weight - torch.diag(weight.diag())).abs().max() < 0.05


@pytest.mark.parametrize(
    ("installed", "message"),
    [("2.13.0", "torch is 2.13.0, not 2.14.1"), (None, "torch is missing")],
)
def test_a_wrong_package_is_named(monkeypatch, capsys, installed, message):
    real = environment.version

    def version(name):
        if name == "torch" and installed is None:
            raise environment.PackageNotFoundError(name)
        return installed if name == "torch" else real(name)

    monkeypatch.setattr(environment, "version", version)
    assert not environment.check_environment()
    printed = capsys.readouterr().out
    assert message in printed and "pip install -r requirements.txt" in printed and "All is ready" not in printed


@pytest.mark.parametrize("found", [None, ""])
def test_a_package_whose_installation_stopped_half_way_is_missing(monkeypatch, capsys, found):
    real = environment.version
    monkeypatch.setattr(environment, "version", lambda name: found if name == "torch" else real(name))
    assert "torch is missing" in said(capsys)


@pytest.mark.parametrize("name", ["datasets", "httpx"])
def test_a_package_that_cannot_be_imported_is_named_with_the_rest(monkeypatch, capsys, name):
    """All lines are printed, where a check needs the package itself."""
    monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    printed = said(capsys)
    assert "pretrained weights  fine" in printed
    assert f"import of {name} halted" in printed and "pip install -r requirements.txt" in printed


@pytest.mark.parametrize(
    ("text", "message"),
    [(None, "missing"), ("", "damaged, for it names no package"), ("<!DOCTYPE html>", "damaged, for it names no")],
)
def test_a_damaged_list_of_packages_is_named(monkeypatch, capsys, tmp_path, text, message):
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    if text is not None:
        (tmp_path / "requirements.txt").write_text(text)
    printed = said(capsys)
    assert f"{tmp_path / 'requirements.txt'} is {message}" in printed and "git checkout -- requirements.txt" in printed


def test_another_python_than_the_courses_is_told_what_to_install(tmp_path):
    """One that has none of the packages."""
    command = [sys.executable, "-S", "-c", "import utils"]
    done = subprocess.run(command, cwd=environment.ROOT, capture_output=True, text=True, env={"PATH": ""})
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ModuleNotFoundError: No module named '") and f'{sys.executable}" -m pip install' in last


def test_a_cpu_build_of_the_pinned_version_is_fine(monkeypatch):
    real = environment.version
    monkeypatch.setattr(environment, "version", lambda name: "2.14.1+cpu" if name == "torch" else real(name))
    assert environment.check_environment()


class OldPython(tuple):
    """Like sys.version_info: a tuple whose first two entries have names."""

    major = property(lambda self: self[0])
    minor = property(lambda self: self[1])


def test_an_old_python_is_named(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", OldPython((3, 9)))
    assert not environment.check_environment()
    assert "3.9 is too old" in capsys.readouterr().out


def test_a_full_disk_is_named(monkeypatch, capsys):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=2e8))
    assert not environment.check_environment()
    assert "0.2 GB are too little" in capsys.readouterr().out


def test_damaged_weights_are_named(monkeypatch, capsys):
    entry = REGISTRY["speech"]
    monkeypatch.setitem(REGISTRY, "speech", replace(entry, source=replace(entry.source, sha256="0" * 64)))
    assert not environment.check_environment()
    assert "damaged" in capsys.readouterr().out


def said(capsys):
    assert not environment.check_environment()
    return capsys.readouterr().out


@pytest.mark.parametrize("name", ["CACHE", "HF_DATASETS_CACHE"])
def test_a_cache_that_cannot_be_written_is_named(monkeypatch, capsys, tmp_path, name):
    (tmp_path / "file").write_text("a folder cannot be here")
    monkeypatch.setattr(environment if name == "CACHE" else datasets.config, name, tmp_path / "file" / "cache")
    printed = said(capsys)
    assert f"{tmp_path / 'file' / 'cache'} cannot be written" in printed and "where you may write" in printed


def test_an_empty_hf_home_is_named(monkeypatch, capsys):
    monkeypatch.setenv("HF_HOME", "")
    assert "HF_HOME is set, and empty: unset it" in said(capsys)


def test_a_misspelt_switch_is_named_and_an_empty_one_is_none(monkeypatch, capsys):
    monkeypatch.setenv("WORKBOOK_CHECKPOINTS", "Hub")
    assert "'Hub'" in (printed := said(capsys)) and "unset the variable, or correct it" in printed
    monkeypatch.setenv("WORKBOOK_CHECKPOINTS", "")
    assert environment.check_environment()


def test_the_hub_without_a_network_is_named(monkeypatch, capsys):
    def unreachable(*arguments, **options):
        raise OSError("no network")

    monkeypatch.setenv("WORKBOOK_CHECKPOINTS", "hub")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert "HF_HUB_OFFLINE forbids it: unset one" in said(capsys)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("urllib.request.urlopen", unreachable)
    assert "cannot be reached: mend the network, or unset WORKBOOK_CHECKPOINTS" in said(capsys)


def test_brackets_in_the_courses_path_are_named(monkeypatch, capsys, tmp_path):
    (folder := tmp_path / "WS24 [Gruppe 1]").mkdir()
    monkeypatch.setattr(environment, "ROOT", folder)
    monkeypatch.setattr(environment, "pinned", dict)
    assert "nbgrader finds no exercise there: rename the folder" in said(capsys)


@pytest.mark.parametrize("name", ["all_proxy", "HTTPS_PROXY"])
def test_a_proxy_that_stops_the_page_is_named(monkeypatch, capsys, name):
    monkeypatch.setitem(sys.modules, "socksio", None)  # as where it is not installed
    monkeypatch.setenv(name, "socks5://127.0.0.1:9")
    assert f"{name}: a SOCKS proxy, at which" in (printed := said(capsys)) and "-m pip install socksio" in printed
    monkeypatch.setenv(name, "ftp://127.0.0.1:9")
    assert f"{name}: no proxy that can be used (" in said(capsys)
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert environment.check_environment()
