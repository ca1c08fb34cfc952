"""The tester's process, as the grading sees it: started for a notebook, fed with cells, ended with it (tester.py)."""

import json
import os
import select
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from utils.grading.sandbox import bwrap

HERE = Path(__file__).parent
SERVE = """
import sys
sys.path.insert(0, {folder!r})
try:
    import agent
finally:
    sys.path.remove({folder!r})
agent.serve({socket!r}, get_ipython().user_ns)
del agent
"""
SPARE = 20  # seconds that the tester may need beside what a test may take


class Testing:
    """Context manager. `folder` is what the student's kernel must be able to read."""

    def __init__(self, sandbox: bool, setup: list[str], seconds: int):
        self.sandbox, self.setup, self.seconds = sandbox, setup, seconds

    def __enter__(self) -> "Testing":
        self._place = tempfile.TemporaryDirectory(prefix="tests-", dir="/tmp")  # a socket's path is short
        self.folder, self.socket = self._place.name, f"{self._place.name}/socket"
        self._said, self._read = tempfile.TemporaryFile(), b""
        command = [sys.executable, str(HERE / "tester.py"), self.socket]
        if self.sandbox:
            command = bwrap(["--bind", self.folder, self.folder]) + command
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=self._said, cwd=self.folder)
        for source in self.setup:  # while the student's kernel starts
            self._send({"source": source})
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()
        self._said.close()
        self._place.cleanup()

    def ready(self) -> None:
        """RuntimeError if a cell of the exercise's own fails, as it would for everybody."""
        while self.setup:
            for error in self._receive(self.seconds):
                raise RuntimeError(f"the exercise's own cell fails: {error['ename']}: {error['evalue']}")
            self.setup = self.setup[1:]

    def code(self) -> str:
        """What the student's kernel runs during a test."""
        return SERVE.format(folder=str(HERE), socket=self.socket)

    def start(self, source: str, seconds: int) -> None:
        self._send({"source": source, "seconds": seconds})

    def outputs(self, seconds: int) -> list[dict]:
        """What the tests wrote, when the student's kernel no longer answers or they have ended."""
        if not select.select([self._process.stdout], [], [], 0.5)[0]:
            with socket.socket(socket.AF_UNIX) as nobody:  # it may still wait for a kernel that does not call
                nobody.connect_ex(self.socket)
        return self._receive(seconds)

    def _send(self, request: dict) -> None:
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            raise self._ended() from None

    def _receive(self, seconds: int) -> list[dict]:
        while b"\n" not in self._read:
            if not select.select([self._process.stdout], [], [], seconds + SPARE)[0]:
                self._process.kill()
            part = os.read(self._process.stdout.fileno(), 2**16)
            if not part:
                raise self._ended()
            self._read += part
        line, _, self._read = self._read.partition(b"\n")
        return json.loads(line)

    def _ended(self) -> RuntimeError:
        self._process.kill()
        self._process.wait()
        self._said.seek(0, os.SEEK_SET)
        last = self._said.read().decode(errors="replace").strip().splitlines()[-1:]
        return RuntimeError(f"the process that runs the tests has ended: {''.join(last) or 'it was killed'}")
