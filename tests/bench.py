"""How long does the course take on this machine? Nothing here is asserted: a slow machine is not a fault.

    python -m tests.bench                              all lessons and exercises
    python -m tests.bench notebooks/03*                some of them
    python -m tests.bench --json bench.json            the same, also as JSON
    python -m tests.bench --picture docs/how_long.png  the same, and a picture of the lessons

Prints for each notebook its seconds and the peak memory of its kernel, one after the other and with all cores; then all
of them with two workers of one thread each; how long the first prediction of lesson 00 takes; which machine it was; and
how fast it trains (bench_speeds.py). How long grading takes, bench_grading.py says.
"""

import argparse
import json
import os
import platform
import time
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from utils.data import ROOT
from utils.environment import has_bfloat16

os.environ |= {"HF_HUB_OFFLINE": "1", "PYTHONHASHSEED": "0", "WORKBOOK_CHECKPOINTS": "local"}
FIRST = (ROOT / "notebooks" / "00_start_here.ipynb", "classifier(")
PEAK = "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"


def execute(path: Path, last: str | None = None, threads: int | None = None) -> dict[str, float]:
    """Execute the notebook in a fresh kernel: `seconds` with the kernel's start, `peak_mb` of memory.

    last: stop behind the first cell that holds this code; then the seconds count from the start of the first cell.
    """
    notebook = nbformat.read(path, as_version=4)
    if last:
        end = next(i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code" and last in cell.source)
        notebook.cells = notebook.cells[: end + 1]
    notebook.cells.append(nbformat.v4.new_code_cell(PEAK))
    if threads:
        os.environ["OMP_NUM_THREADS"] = str(threads)
    started: list[float] = []
    client = NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(path.parent)}})
    client.on_cell_execute = lambda cell, cell_index: started.append(time.perf_counter())
    begin = time.perf_counter()
    client.execute()
    seconds = time.perf_counter() - (started[0] if last else begin)
    kilobytes = int(notebook.cells[-1].outputs[0].text)  # bytes on a Mac
    return {"seconds": seconds, "peak_mb": kilobytes / (1000 if platform.system() != "Darwin" else 1e6)}


def machine() -> dict[str, str | int | float | bool]:
    """What the figures depend on."""
    import torch

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9 if hasattr(os, "sysconf") else 0
    return {
        "processor": torch.cpu.get_capabilities().get("cpu_name", platform.processor()),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "bfloat16": has_bfloat16(),
        "cores": os.cpu_count() or 1,
        "memory_gb": round(memory, 1),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": version("transformers"),
    }


def picture(notebooks: dict[str, dict[str, float]], file: Path) -> None:
    """Seconds and peak memory of each notebook, side by side."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(9, 1 + 0.25 * len(notebooks)), sharey=True, layout="constrained")
    names = [name.replace("_", " ") for name in notebooks]
    for one, key, label, limit in zip(
        axes, ("seconds", "peak_mb"), ("seconds", "peak memory, MB"), (60, 3000), strict=True
    ):
        one.barh(names, [row[key] for row in notebooks.values()], color="#0072B2")
        one.axvline(limit, color="black", linestyle="--", linewidth=1)
        one.set_xlabel(f"{label} (dashed: what we allow)")
        one.spines[["top", "right"]].set_visible(False)
    axes[0].invert_yaxis()
    figure.savefig(file, dpi=80)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw seconds and memory, as a PNG")
    options = parser.parse_args()
    exercises = sorted((ROOT / "notebooks").glob("*/**/[a-z0-9]*.ipynb"))
    notebooks = options.notebooks or sorted((ROOT / "notebooks").glob("*.ipynb")) + exercises

    figures: dict = {"machine": machine(), "notebooks": {}}
    print(*(f"{name}: {value}" for name, value in figures["machine"].items()), sep=" · ", end="\n\n")
    figures["first_prediction_seconds"] = execute(*FIRST)["seconds"]
    print(f"first prediction (lesson 00): {figures['first_prediction_seconds']:.1f} s\n")
    for path in notebooks:
        figures["notebooks"][path.stem] = measured = execute(path)
        print(f"{path.stem:<45}{measured['seconds']:>6.0f} s {measured['peak_mb']:>8,.0f} MB", flush=True)
    if options.picture:
        picture(figures["notebooks"], options.picture)
    from tests.bench_speeds import speeds  # torch: after the notebooks, whose kernels need the memory

    figures["speeds"] = speeds()
    print(*(f"{name}: {value:.3g}" for name, value in figures["speeds"].items()), sep="\n")
    figures["one_by_one_seconds"] = sum(row["seconds"] for row in figures["notebooks"].values())
    begin = time.perf_counter()
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(execute, notebooks, [None] * len(notebooks), [1] * len(notebooks)))
    figures["two_workers_seconds"] = time.perf_counter() - begin
    for name in ("one_by_one_seconds", "two_workers_seconds"):
        print(f"all, {name.removesuffix('_seconds').replace('_', ' ')}: {figures[name]:.0f} s")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
