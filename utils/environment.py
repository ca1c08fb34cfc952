"""Is this machine ready for the course? If not, what to do."""

import re
import shutil
import sys
from importlib.metadata import PackageNotFoundError, version

from utils.checkpoints import REGISTRY, use_hub
from utils.data import ROOT

INSTALL = f'in a terminal, in the course\'s folder: "{sys.executable}" -m pip install -r requirements.txt'
FREE_GB = 1.0  # the checkpoints that are assembled on first use take a quarter of that


def check_environment() -> bool:
    """Print a line for each thing the course needs: fine, or what is off and what to do. True if all is fine."""
    checks = {
        "Python": _python(),
        "packages": _packages(),
        "free disk space": _disk(),
        "pretrained weights": _weights(),
    }
    for name, problem in checks.items():
        print(f"{name:<20}{'fine' if problem is None else problem}")
    if ready := not any(checks.values()):
        print("\nAll is ready.")
    return ready


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
    """Package name -> version, as requirements.txt pins them."""
    return dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "requirements.txt").read_text(), re.M))


def _packages() -> str | None:
    """A later patch of a package is no problem; a missing one, or another major or minor version, is."""
    off = []
    for name, wanted in pinned().items():
        try:
            found = version(name).split("+")[0]
        except PackageNotFoundError:
            off.append(f"{name} is missing")
            continue
        if found.split(".")[:2] != wanted.split(".")[:2]:
            off.append(f"{name} is {found}, not {wanted}")
    return f"{'; '.join(off)}\n{'':<20}{INSTALL}" if off else None


def _disk() -> str | None:
    free = shutil.disk_usage(ROOT).free / 1e9
    return f"{free:.1f} GB are too little: free {FREE_GB:.0f} GB" if free < FREE_GB else None


def _weights() -> str | None:
    if use_hub():
        return None  # transformers fetches and checks them
    for entry in REGISTRY.values():
        try:
            entry.source.path()
        except (FileNotFoundError, ValueError) as problem:
            return str(problem)
    return None
