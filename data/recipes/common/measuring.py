"""Run one measurement in a process of its own, so that the peak of its memory is its own too."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path


def in_own_process(function: Callable, *arguments):
    """What `function` returns for the arguments, run in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(function, *arguments).result()


def peak_memory() -> float:
    """Peak resident memory of this process, in megabytes (Linux)."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024
