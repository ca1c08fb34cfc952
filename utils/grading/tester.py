"""The process that runs the tests. No code of a student ever runs in it: it asks for values (proxies.py).

    python tester.py FOLDER      reads the exercise's own cells from standard input, a line of JSON

It runs these cells once, and is forked for each submission that calls at FOLDER/tester: a line of JSON a request and an
answer. It ends when its standard input is closed, or when nobody has called for a while.

The exercise's own cells (locked, without points) run here as they do in the student's kernel, unless they use a name
that no such cell made: those belong to the student. A name that a test uses and that none of these cells made is
looked up in the student's kernel, which calls at the socket for each test.
"""

import contextlib
import io
import json
import os
import select
import signal
import socket
import sys
import types

from IPython.core.interactiveshell import InteractiveShell
from names import names
from proxies import Student
from traitlets.config import Config

IDLE = 3600  # seconds; longer than a notebook may take


class CellTimeoutError(BaseException):
    """Not to be caught by a test."""


class Shell(InteractiveShell):
    """IPython, whose errors are collected."""

    errors = ()

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        self.errors.append((etype.__name__, str(evalue), stb))


class Tester:
    def __init__(self):
        main = types.ModuleType("__main__")
        sys.modules["__main__"] = main
        config = Config({"HistoryManager": {"enabled": False}})
        self.shell = Shell.instance(config=config, user_module=main, user_ns=vars(main))
        self.own, self.setup = {*dir(main), *self.shell.user_ns}, {}

    def set_up(self, source: str) -> list[dict]:
        """Run a cell of the exercise unless it is about the student's names; what it raised, if anything."""
        used, made = names(self.shell.transform_cell(source))
        if used <= self.own:
            outputs = self._run(source)
            self.own |= made
            self.setup |= {name: self.shell.user_ns[name] for name in made if name in self.shell.user_ns}
            return [output for output in outputs if output["output_type"] == "error"]
        return []

    def serve(self, connection: socket.socket) -> None:
        """Run what is asked for, until nobody asks any more."""
        requests = connection.makefile("r", encoding="utf-8")
        self.student = Student(requests.readline().strip(), self.setup)
        connection.sendall(b"[]\n")  # ready
        for line in requests:
            outputs = self.test(**json.loads(line))
            connection.sendall(json.dumps(outputs).encode() + b"\n")

    def test(self, source: str, seconds: int) -> list[dict]:
        """What the tests in this code wrote, and their error if one failed."""
        used, made = names(self.shell.transform_cell(source))
        signal.alarm(seconds)
        fetched = {}
        try:
            self.student.meet()
            for name in sorted(used - self.own):
                with contextlib.suppress(Exception):  # it fails where it is used
                    fetched[name] = self.student.ask({"do": "name", "name": name})
            self.shell.user_ns |= fetched
            return self._run(source)
        except CellTimeoutError as error:
            return [_error("CellTimeoutError", str(error), [])]
        finally:
            signal.alarm(0)
            self.student.leave()
            self.own |= made

    def _run(self, source: str) -> list[dict]:
        written, self.shell.errors = io.StringIO(), []
        with contextlib.redirect_stdout(written), contextlib.redirect_stderr(io.StringIO()):
            self.shell.run_cell(source, store_history=False)
        text = written.getvalue()
        stream = [{"output_type": "stream", "name": "stdout", "text": text}] if text else []
        return stream + [_error(*error) for error in self.shell.errors]


def _error(name: str, text: str, trace: list[str]) -> dict:
    return {"output_type": "error", "ename": name, "evalue": text, "traceback": trace}


def _late(number: int, frame: object) -> None:
    raise CellTimeoutError("it took too long")


def main(folder: str) -> None:
    del sys.path[0]  # the folder of this file
    os.environ |= {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}  # threads do not survive a fork
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{folder}/tester")
        server.listen(64)
        cells = json.loads(sys.stdin.readline())
        tester = Tester()
        for source in cells:
            for error in tester.set_up(source):
                sys.exit(f"the exercise's own cell fails: {error['ename']}: {error['evalue']}")
        signal.signal(signal.SIGALRM, _late)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system forgets those that ended
        while select.select([server, sys.stdin], [], [], IDLE)[0] == [server]:
            connection, _ = server.accept()
            if sys.platform != "linux" or os.fork() == 0:  # elsewhere libraries may not survive a fork
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                server.close()
                tester.serve(connection)
                os._exit(0)
            connection.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
