"""Is this machine ready for the course? If not, what to do."""

import glob
import os
import re
import shutil
import sys
import urllib.request
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.error import HTTPError

from utils import INSTALL
from utils.checkpoints import CACHE, ELSEWHERE, REGISTRY, use_hub
from utils.data import HF_HOME, ROOT
from utils.whole import must_be_writable

PROXIES = ("all_proxy", "http_proxy", "https_proxy")
FREE_GB = 1.0  # the checkpoints that are assembled on first use take a quarter of that


def check_environment() -> bool:
    """Print a line for each thing the course needs: fine, or what is off and what to do. True if all is fine."""
    checks = {
        "Python": _python(),
        "packages": _packages(),
        "free disk space": _disk(),
        "pretrained weights": _tried(_weights),
    }
    seldom = {"folder": _folder(), "cache": _tried(_cache), "proxy": _tried(_proxy)}  # named only if something is off
    checks |= {name: problem for name, problem in seldom.items() if problem}
    for name, problem in checks.items():
        print(f"{name:<20}{'fine' if problem is None else problem}")
    if ready := not any(checks.values()):
        print("\nAll is ready.")
    return ready


def _tried(check: Callable[[], str | None]) -> str | None:
    """What the check says, or which package it could not import."""
    try:
        return check()
    except ImportError as error:
        return f"{error}; {INSTALL}"


def _python() -> str | None:
    if sys.version_info < (3, 11):  # noqa: UP036 (an editable install does not keep an older Python out)
        found = f"{sys.version_info.major}.{sys.version_info.minor}"
        return f"{found} is too old: install Python 3.11 or later, then `make lab` again"
    return None


def has_bfloat16() -> bool:
    """True if this processor has instructions for bfloat16; without them it is slower than float32, up to tenfold."""
    import torch

    known = torch.cpu.get_capabilities()
    return any(known.get(name, False) for name in ("avx512_bf16", "amx_bf16", "bf16"))  # two of x86, one of Arm


def pinned() -> dict[str, str]:
    """Package name -> version, as requirements.txt pins them. FileNotFoundError or ValueError if it does not."""
    file, remedy = ROOT / "requirements.txt", "in a terminal, in the course's folder: git checkout -- requirements.txt"
    if not file.is_file():
        raise FileNotFoundError(f"{file} is missing; {remedy}")
    if not (found := re.findall(r"^([\w.-]+)==(\S+)", file.read_text(encoding="utf-8", errors="replace"), re.M)):
        raise ValueError(f"{file} is damaged, for it names no package; {remedy}")
    return dict(found)


def _packages() -> str | None:
    """A later patch of a package is no problem; a missing one, or another major or minor version, is."""
    off = []
    try:
        packages = pinned()
    except (FileNotFoundError, ValueError) as problem:
        return str(problem)
    for name, wanted in packages.items():
        try:
            found = (version(name) or "").split("+")[0]  # none: its installation stopped half-way
        except (PackageNotFoundError, KeyError):
            found = ""
        if not found:
            off.append(f"{name} is missing")
        elif found.split(".")[:2] != wanted.split(".")[:2]:
            off.append(f"{name} is {found}, not {wanted}")
    return f"{'; '.join(off)}\n{'':<20}{INSTALL}" if off else None


def _disk() -> str | None:
    free = shutil.disk_usage(ROOT).free / 1e9
    return f"{free:.1f} GB are too little: free {FREE_GB:.0f} GB" if free < FREE_GB else None


def _folder() -> str | None:
    if glob.escape(str(ROOT)) != str(ROOT):
        return f"{ROOT} has [ ] * or ? in it, and nbgrader finds no exercise there: rename the folder without them"
    return None


def _cache() -> str | None:
    """Both caches are tried: what the course assembles, and what `datasets` prepares."""
    from datasets import config

    if os.environ.get("HF_HOME") == "":
        return "the variable HF_HOME is set, and empty: unset it, or give it a folder, and start again"
    try:
        must_be_writable(CACHE, ELSEWHERE)
        must_be_writable(Path(config.HF_DATASETS_CACHE), HF_HOME)
    except OSError as problem:
        return str(problem)
    return None


def _proxy() -> str | None:
    """What fetches and serves (huggingface_hub, gradio) goes by httpx, which stops at a proxy that it cannot use."""
    names = [name for name, value in os.environ.items() if value and name.lower() in PROXIES]
    if not names:
        return None
    import httpx  # here: it takes a while

    listed = ", ".join(names)
    try:
        httpx.Client().close()
    except ImportError:  # as it says itself
        install = f'in a terminal "{sys.executable}" -m pip install socksio'
        return f"{listed}: a SOCKS proxy, at which the page and downloads stop: unset it, or {install}"
    except Exception as error:
        return f"{listed}: no proxy that can be used ({error}): correct it, or unset it"
    return None


def _weights() -> str | None:
    try:
        hub = use_hub()
    except ValueError as problem:
        return f"{problem}; unset the variable, or correct it"
    if hub:
        return _hub()  # transformers fetches and checks them
    for entry in REGISTRY.values():
        try:
            entry.source.path()
        except (FileNotFoundError, ValueError) as problem:
            return str(problem)
    return None


def _hub() -> str | None:
    from huggingface_hub import constants

    local = "unset WORKBOOK_CHECKPOINTS, and the course takes the models that it has"
    if constants.HF_HUB_OFFLINE:
        return f"WORKBOOK_CHECKPOINTS=hub, and HF_HUB_OFFLINE forbids it: unset one of the two; {local}"
    try:
        urllib.request.urlopen(constants.ENDPOINT, timeout=5).close()
    except HTTPError:
        pass  # it answers
    except OSError:
        return f"WORKBOOK_CHECKPOINTS=hub, and {constants.ENDPOINT} cannot be reached: mend the network, or {local}"
    return None
