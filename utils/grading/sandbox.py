"""A kernel in a sandbox: no network, the course read-only, nothing else of this machine, limits on what it takes.

bubblewrap (Linux) makes a file system of its own for the kernel: Python, its packages, and of the course `utils`,
`data` and the assembled checkpoints, all read-only; the files that lie beside the submission, but no notebook, hence
no test before it runs. What it writes goes to memory of limited size and is gone with it. It talks to nbgrader through
Unix sockets in a folder made for it. A watcher ends it when it takes too much.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from functools import cache
from pathlib import Path

import psutil
import zmq
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from utils.checkpoints import CACHE
from utils.data import DATA, ROOT

MEMORY = 4 * 2**30  # bytes, of all processes of a kernel together
PROCESSES = 64
TASKS = 512  # processes and threads, beside those that the instructor has already (older systems count both together)
DISK = 2**29  # bytes, in each of the three places that can be written
MESSAGE = 2**26  # bytes of one message to nbgrader
WORK = "/tmp/work"  # where the kernel runs, in the sandbox
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/fonts", "/etc/alternatives")
COURSE = (ROOT / "utils", DATA, CACHE)


def missing() -> str | None:
    """Why there can be no sandbox on this machine, and what to do; None if there can."""
    if sys.platform != "linux":
        return "bubblewrap exists for Linux only"
    if not shutil.which("bwrap"):
        return "bubblewrap is not installed (sudo apt install bubblewrap)"
    return _refused()


@cache
def _refused() -> str | None:
    tried = subprocess.run([*bwrap([]), "true"], capture_output=True, text=True)
    return f"bubblewrap does not work here: {tried.stderr.strip()}" if tried.returncode else None


def bwrap(binds: list[str]) -> list[str]:
    """The command that a sandboxed command follows; `binds` are more of bubblewrap's arguments."""
    # A virtual environment's python is a link to the one that made it, maybe through further links.
    pythons = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parents[1]}
    readable = [*SYSTEM, *sorted(map(str, pythons)), *map(str, COURSE)]
    variables = {
        "HOME": "/tmp/home", "USER": "student", "PATH": f"{sys.prefix}/bin:/usr/bin:/bin", "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0",
        "HF_HUB_OFFLINE": "1", "WORKBOOK_CHECKPOINTS": "local", "NBGRADER_EXECUTION": "autograde",
    }  # fmt: skip
    variables |= {name: os.environ[name] for name in ("OMP_NUM_THREADS",) if name in os.environ}
    return [
        "bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv",
        *(word for name, value in variables.items() for word in ("--setenv", name, value)),
        "--proc", "/proc", "--dev", "/dev", "--size", str(DISK), "--tmpfs", "/dev/shm", "--remount-ro", "/dev",
        "--size", str(DISK), "--perms", "0700", "--tmpfs", "/tmp", "--dir", "/tmp/home",
        "--size", str(DISK), "--perms", "0700", "--tmpfs", WORK,
        *(word for path in readable for word in ("--ro-bind-try", path, path)), *binds,
        "--remount-ro", "/", "--chdir", WORK, "--",
    ]  # fmt: skip


def _own_tasks() -> int:
    own = [p.info for p in psutil.process_iter(["uids", "num_threads"]) if p.info["uids"]]
    return sum(info["num_threads"] or 1 for info in own if info["uids"].real == os.getuid())


class SandboxedKernelManager(AsyncKernelManager):
    """Starts ipykernel in the sandbox. `killed` says why the watcher ended it, or is None.

    `meeting` is a folder that the kernel can read, with the socket of the tests (testing.py).
    """

    killed: str | None = None
    meeting: str | None = None

    def __init__(self, **options):
        self._folder = tempfile.TemporaryDirectory(prefix="kernel-", dir="/tmp")  # a socket's path is short
        folder = self._folder.name
        super().__init__(transport="ipc", ip=f"{folder}/s", connection_file=f"{folder}/kernel.json", **options)

    @property
    def kernel_spec(self) -> KernelSpec:
        return self._kernel_spec

    async def start_kernel(self, **options):
        """Start it. `cwd` is the folder of the notebook, whose other files the kernel finds where it runs."""
        if problem := missing():
            raise RuntimeError(f"no sandbox: {problem}")
        folder, binds = Path(options.pop("cwd")).resolve(), ["--bind", self._folder.name, self._folder.name]
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink() and path.suffix != ".ipynb":
                binds += ["--ro-bind", str(path), f"{WORK}/{path.relative_to(folder)}"]
        if self.meeting:
            binds += ["--ro-bind", self.meeting, self.meeting]
        # The system's own limit stops a fork bomb at once; it does not bind root, whom only the watcher stops.
        limits = ["nice", "-n", "19", "prlimit", f"--nproc={_own_tasks() + TASKS}"]
        command = [*limits, sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        self._kernel_spec = KernelSpec(argv=bwrap(binds) + command, language="python", interrupt_mode="message")
        nowhere = subprocess.DEVNULL  # it must not write to the instructor's terminal
        await super().start_kernel(stdout=nowhere, stderr=nowhere, cwd=self._folder.name, **options)
        threading.Thread(target=self._watch, args=(self.provisioner.process,), daemon=True).start()

    def client(self, **options):
        client = super().client(**options)
        client.context.setsockopt(zmq.MAXMSGSIZE, MESSAGE)
        return client

    async def cleanup_resources(self, restart=False):
        await super().cleanup_resources(restart)
        self._folder.cleanup()

    def _watch(self, bwrap: subprocess.Popen) -> None:
        while bwrap.poll() is None and not self.killed:
            self.killed = self._excess(bwrap.pid)
            if self.killed:
                bwrap.kill()  # and all that is in the sandbox with it
            time.sleep(0.2)

    def _excess(self, pid: int) -> str | None:
        """What the kernel takes too much of, if anything."""
        try:
            processes = psutil.Process(pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return None
        if len(processes) > PROCESSES:
            return f"more than {PROCESSES} processes"
        memory = 0
        for process in processes:
            try:
                memory += process.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        if memory > MEMORY:
            return f"more than {MEMORY / 2**30:g} GiB of memory"
        try:
            written = sum(entry.stat(follow_symlinks=False).st_size for entry in os.scandir(self._folder.name))
        except FileNotFoundError:
            return None
        return "files in the folder of its sockets" if written > 2**20 else None
