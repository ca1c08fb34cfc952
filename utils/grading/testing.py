"""The tester, as the grading sees it: one process for an exercise, a fork of it for each submission (tester.py)."""

import contextlib
import json
import select
import socket
import subprocess
import sys
import tempfile
import time
from multiprocessing.util import Finalize
from pathlib import Path
from typing import ClassVar

from utils.grading.sandbox import bwrap

HERE = Path(__file__).parent
# In the student's namespace, and nothing of it is left there.
SERVE = """
def _answer_the_tests():
    import sys
    sys.path.insert(0, {folder!r})
    try:
        import agent
    finally:
        sys.path.remove({folder!r})
    agent.serve({socket!r}, globals())
try:
    _answer_the_tests()
finally:
    del _answer_the_tests
"""
SPARE = 20  # seconds that the tester may need beside what a test may take


class Testers:
    """The process that has run an exercise's own cells, and is forked for each submission."""

    running: ClassVar[dict[tuple, "Testers"]] = {}
    python: ClassVar[list[str]] = [sys.executable]  # what runs tester.py

    @classmethod
    def of(cls, sandbox: bool, setup: list[str]) -> "Testers":
        """The one of this exercise, started if it is not running."""
        key = (sandbox, *setup)
        if key not in cls.running or cls.running[key].process.poll() is not None:
            cls.running[key] = cls(sandbox, setup)
        return cls.running[key]

    def __init__(self, sandbox: bool, setup: list[str]):
        self.place = tempfile.TemporaryDirectory(prefix="tests-", dir="/tmp")  # a socket's path is short
        self.said = tempfile.TemporaryFile()  # noqa: SIM115  it lives as long as the process
        command = [*self.python, str(HERE / "tester.py"), self.place.name]
        if sandbox:
            command = bwrap(["--bind", self.place.name, self.place.name]) + command
        nowhere = subprocess.DEVNULL
        options = {"stdin": subprocess.PIPE, "stdout": nowhere, "stderr": self.said, "cwd": self.place.name}
        self.process = subprocess.Popen(command, **options)
        self.process.stdin.write(json.dumps(setup).encode() + b"\n")
        self.process.stdin.flush()
        Finalize(None, self.end, exitpriority=10)  # as atexit, but also in a process of multiprocessing

    def call(self) -> socket.socket:
        """A connection to a new fork, which answers when the exercise's own cells have run."""
        connection = socket.socket(socket.AF_UNIX)
        while connection.connect_ex(f"{self.place.name}/tester"):
            if self.process.poll() is not None:
                raise self.ended()
            time.sleep(0.01)
        return connection

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.place.cleanup()

    def ended(self) -> RuntimeError:
        self.end()
        self.said.seek(0)
        last = self.said.read().decode(errors="replace").strip().splitlines()[-1:]
        return RuntimeError("".join(last) or "the process that runs the tests was killed")


class Testing:
    """Context manager: a tester for one submission. `folder` is what the student's kernel must be able to read."""

    def __init__(self, sandbox: bool, setup: list[str], seconds: int):
        self._testers, self._seconds, self._read = Testers.of(sandbox, setup), seconds, b""
        self._is_ready = False

    def __enter__(self) -> "Testing":
        self._place = tempfile.TemporaryDirectory(prefix="", dir=self._testers.place.name)
        self.folder, self.socket = self._place.name, f"{self._place.name}/socket"
        self._connection = self._testers.call()
        self._connection.sendall(self.socket.encode() + b"\n")
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._place.cleanup()
        if sys.platform != "linux":  # it was not forked
            self._testers.end()

    def code(self) -> str:
        """What the student's kernel runs during a test."""
        return SERVE.format(folder=str(HERE), socket=self.socket)

    def ready(self) -> None:
        """Wait until the exercise's own cells have run. RuntimeError if one fails, as it would for everybody."""
        if not self._is_ready:
            self._is_ready = self._receive(self._seconds) == []

    def start(self, source: str, seconds: int) -> None:
        with contextlib.suppress(ConnectionError):  # which is told when it is to answer
            self._connection.sendall(json.dumps({"source": source, "seconds": seconds}).encode() + b"\n")

    def outputs(self, seconds: int) -> list[dict]:
        """What the tests wrote, when the student's kernel no longer answers or they have ended."""
        if not select.select([self._connection], [], [], 0.5)[0]:
            with socket.socket(socket.AF_UNIX) as nobody:  # it may still wait for a kernel that does not call
                nobody.connect_ex(self.socket)
        return self._receive(seconds)

    def _receive(self, seconds: int) -> list[dict]:
        while b"\n" not in self._read:
            waited = select.select([self._connection], [], [], seconds + SPARE)[0]
            try:
                part = self._connection.recv(2**16) if waited else b""
            except ConnectionError:
                part = b""
            if not part:
                raise self._testers.ended()
            self._read += part
        line, _, self._read = self._read.partition(b"\n")
        return json.loads(line)
