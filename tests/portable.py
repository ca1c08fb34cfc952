"""Does every stored output hold on other processors? Each notebook in nbval, under the numerics of several machines.

    make portable                                               all variants, all notebooks
    python -m tests.portable --variant sse41 notebooks/03*      one variant, some notebooks

Prints a table of notebooks and variants, then every cell that differs or fails, with both outputs. How an author makes
a number hold stands in docs/portable.md.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import nbformat

from utils.data import ROOT

# What the libraries read when they choose their code: torch, oneDNN, OpenMP, numpy's OpenBLAS. Another choice sums in
# another order, and another order rounds differently, as another processor does. Nothing set: the machine as it is.
VARIANTS = {
    "sse41": {
        "ATEN_CPU_CAPABILITY": "default",
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_CORETYPE": "Prescott",
    },
    "avx2": {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "OPENBLAS_CORETYPE": "Haswell"},
    "4-threads": {"OMP_NUM_THREADS": "4", "MKL_DYNAMIC": "FALSE"},  # MKL would keep to the two cores
    "native": {},
}
NAMES = {name for variant in VARIANTS.values() for name in variant}
CELL_TIMEOUT = 600  # seconds; without vector instructions a cell takes two to four times as long


def everything() -> list[Path]:
    """All notebooks of the course, exercises among them."""
    found = (ROOT / "notebooks").rglob("*.ipynb")
    return sorted(path for path in found if not {".ipynb_checkpoints", "output"} & set(path.parts))


def readable(path: Path) -> Path:
    """The path, if a notebook of the course is there. SystemExit with one line that says what is wrong otherwise."""
    if not path.is_file():
        sys.exit(f"{path}: no such notebook")
    if not path.resolve().is_relative_to(ROOT):
        sys.exit(f"{path}: not in the course's folder, {ROOT}")
    try:
        nbformat.validate(nbformat.read(path, as_version=4))
    except Exception as problem:  # nbformat raises a dozen kinds
        sys.exit(f"{path}: not a notebook ({str(problem).strip().splitlines()[0]})")
    return path


def run(variant: str, notebooks: list[Path]) -> dict[Path, dict[str, str | None]]:
    """For each notebook and each of its cells ("Cell 3") what nbval has against it, None if nothing."""
    environment = {name: value for name, value in os.environ.items() if name not in NAMES} | VARIANTS[variant]
    environment["JUPYTER_PATH"] = ""  # no forks of a process that has other settings
    cores = os.cpu_count() or 1
    workers = max(1, cores // int(environment.get("OMP_NUM_THREADS", cores)))
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [sys.executable, "-m", "pytest", "--nbval", "--color=no", "-q", "-p", "no:cacheprovider",
                   f"--nbval-cell-timeout={CELL_TIMEOUT}", f"--junitxml={report}", f"--rootdir={ROOT}"]  # fmt: skip
        command += ["-n", str(workers), "--dist", "loadfile"] if workers > 1 else []
        command += map(str, notebooks)
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        if not report.is_file():
            sys.exit(f"pytest did not run under {variant}:\n{done.stdout}{done.stderr}")
        cells = [(case.get("classname"), case) for case in ET.parse(report).iter("testcase")]
    return {path: {case.get("name"): problem_of(case) for owner, case in cells if owner == of_junit(path)}
            for path in notebooks}  # fmt: skip


def of_junit(path: Path) -> str:
    """How pytest's report calls a notebook."""
    return path.resolve().relative_to(ROOT).as_posix().replace("/", ".")


def problem_of(case: ET.Element) -> str | None:
    for kind in ("failure", "error", "skipped"):
        if (found := case.find(kind)) is not None:
            text = re.sub(r"(\x1b|#x1B)\[[\d;]*m", "", found.text or found.get("message") or kind)
            return text.strip()
    return None


def main(arguments: list[str] | None = None) -> int:
    """Run, print; 0 if every cell of every notebook holds under every variant, else 1."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--variant", action="append", metavar="NAME", help=f"{', '.join(VARIANTS)}; default: all")
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all")
    options = parser.parse_args(arguments)
    for name in options.variant or []:
        if name not in VARIANTS:
            sys.exit(f"no variant has the name {name!r}; known: {', '.join(VARIANTS)}")
    notebooks = [readable(path) for path in options.notebooks] or everything()

    found, width = {}, max(len(path.stem) for path in notebooks)
    for variant in options.variant or VARIANTS:
        start = time.perf_counter()
        found[variant] = run(variant, notebooks)
        print(f"{variant}: {time.perf_counter() - start:.0f} s", flush=True)

    print(f"\n{'notebook':<{width}}", *(f"{variant:>10}" for variant in found))
    for path in notebooks:
        counts = []
        for cells in (found[variant][path] for variant in found):
            bad = sum(problem is not None for problem in cells.values())
            counts.append("nothing ran" if not cells else f"{bad} of {len(cells)}" if bad else "holds")
        print(f"{path.stem:<{width}}", *(f"{count:>10}" for count in counts))

    passed = failed = 0
    for variant, by_notebook in found.items():
        for path, cells in by_notebook.items():
            for cell, problem in cells.items():
                if problem is not None:
                    print(f"\n--- {path.stem}, {cell}, under {variant}\n{problem}")
            bad = not cells or any(cells.values())
            passed, failed = passed + (not bad), failed + bad
    print(f"\n{passed} passed, {failed} failed")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
