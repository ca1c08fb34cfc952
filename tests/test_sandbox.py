"""Students' code in the sandbox: it attacks what it should not reach, and takes without end."""

import os
import re
import socket
from types import SimpleNamespace

import psutil
import pytest
from exercise_cells import changed, filled_in, tiny
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.utils import determine_grade

from utils.data import ROOT
from utils.grading import sandbox
from utils.grading.execute import ExecuteFairly
from utils.grading.feedback import HideTests

pytestmark = pytest.mark.skipif(bool(sandbox.missing()), reason=f"needs a sandbox: {sandbox.missing()}")
SOLVED = filled_in(tiny(), tiny())


def run(notebook, folder, **limits):
    """Run the notebook in this folder, as nbgrader's autograde does."""
    execute = ExecuteFairly(enabled=True, **limits)
    return execute.preprocess(notebook, {"metadata": {"path": str(folder)}})[0]


def command(process: psutil.Process) -> str:
    """What it was started with; nothing if it has just ended."""
    try:
        return str(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def said(cell) -> str:
    texts = (o.text if o.output_type == "stream" else f"{o.ename}: {o.evalue}" for o in cell.outputs)
    return "".join(texts).strip()


# --- what it may not reach


@pytest.fixture(scope="module")
def secrets(tmp_path_factory):
    """An instructor's folder, a service on this machine, a secret in the environment; one attack on each, run."""
    course = tmp_path_factory.mktemp("course")
    own, other = (course / "autograded" / student / "tiny" for student in ("anna", "bea"))
    for folder in (own, other):
        folder.mkdir(parents=True)
        (folder / "tiny.ipynb").write_text("hidden tests")
        (folder / "lines.txt").write_text("lines")
    (course / "gradebook.db").write_text("points")
    server = socket.create_server(("127.0.0.1", 0))
    abstract = socket.socket(socket.AF_UNIX)
    abstract.bind(f"\0grading-{os.getpid()}")
    abstract.listen()
    attacks = {
        "print(open('lines.txt').read())": "lines",  # its own files are there
        "print(os.listdir('.'))": "['lines.txt']",  # and no notebook
        f"open({str(own / 'tiny.ipynb')!r})": "FileNotFoundError",
        f"open({str(other / 'tiny.ipynb')!r})": "FileNotFoundError",
        f"open({str(course / 'gradebook.db')!r}, 'a')": "FileNotFoundError|Read-only",
        f"os.listdir({str(ROOT / 'notebooks')!r})": "FileNotFoundError",
        f"os.listdir({str(ROOT / 'tests')!r})": "FileNotFoundError",
        f"open({str(ROOT / 'utils' / 'metrics' / '__init__.py')!r}, 'a')": "Read-only",
        f"open({str(ROOT / 'data' / 'README.md')!r}, 'a')": "Read-only",
        f"open({os.__file__!r}, 'a')": "Read-only",
        "open('/etc/shadow')": "FileNotFoundError",
        "open('/new', 'w')": "Read-only",
        "open('/dev/new', 'w')": "Read-only",
        "open('lines.txt', 'a')": "Read-only",
        f"socket.create_connection(('127.0.0.1', {server.getsockname()[1]}), 2)": "ConnectionRefusedError",
        f"socket.socket(socket.AF_UNIX).connect({abstract.getsockname()!r})": "ConnectionRefusedError",
        "socket.create_connection(('192.0.2.1', 80), 2)": "OSError",
        "socket.getaddrinfo('example.org', 80)": "gaierror",
        f"os.kill({os.getpid()}, 0)": "ProcessLookupError",
        "print([line for line in open('/proc/self/status') if 'CapEff' in line][0])": "CapEff:\t0000000000000000",
        "print(os.environ.get('TOKEN'), os.environ['HOME'])": "None /tmp/home",
        f"os.symlink({str(course)!r}, 'link'); print(os.path.exists('link'))": "False",
        "open('large', 'wb').write(bytes(2**30))": "No space left",
        "open('/dev/shm/large', 'wb').write(bytes(2**30))": "No space left",
    }
    os.environ["TOKEN"] = "secret"
    try:
        cells = [new_code_cell("import os, socket"), *map(new_code_cell, attacks)]
        notebook = run(new_notebook(cells=cells), own)
    finally:
        del os.environ["TOKEN"]
        server.close(), abstract.close()
    return SimpleNamespace(course=course, attacks=attacks, said=[said(cell) for cell in notebook.cells[1:]])


def test_it_reaches_nothing_that_it_should_not(secrets):
    for (attack, expected), found in zip(secrets.attacks.items(), secrets.said, strict=True):
        assert any(text in found for text in expected.split("|")), f"{attack}: {found}"


def test_nothing_of_it_is_left(secrets):
    files = sorted(str(path.relative_to(secrets.course)) for path in secrets.course.rglob("*") if path.is_file())
    folders = ("autograded/anna/tiny", "autograded/bea/tiny")
    assert files == [f"{folder}/{name}" for folder in folders for name in ("lines.txt", "tiny.ipynb")] + [
        "gradebook.db"
    ]
    assert (secrets.course / "gradebook.db").read_text() == "points"


# --- what it may not take


FORKS = """
import os, time
for _ in range(500):
    if os.fork() == 0:
        time.sleep(60)
        os._exit(0)
time.sleep(60)"""
STUBBORN = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
GREEDY = {
    "processes": (FORKS, {}, "more than 20 processes|GiB of memory"),
    "memory": ("large = bytearray(2**30)\nfor i in range(0, 2**30, 4096): large[i] = 1", {}, "GiB of memory"),
    "output": ("while True: print('x' * 1000)", {"max_output": 10**5}, "more than 100,000 characters of output"),
    "time": (STUBBORN, {"timeout": 2}, "took longer than 2 s|took too long"),
    "all the time": ("import time; time.sleep(60)", {"total_timeout": 3}, "took longer than"),
    "end": ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", {}, "the kernel ended"),
}


@pytest.mark.parametrize("what", GREEDY)
def test_what_takes_without_end_is_stopped_and_left_to_a_person(tmp_path, monkeypatch, what):
    monkeypatch.setattr(sandbox, "PROCESSES", 20)
    monkeypatch.setattr(sandbox, "MEMORY", 2**29)
    code, limits, expected = GREEDY[what]
    notebook = run(changed(SOLVED, double=code), tmp_path, **limits)
    assert any(text in notebook.metadata.stopped for text in expected.split("|")), notebook.metadata.stopped
    assert determine_grade(notebook.cells[2])[0] == 0 and notebook.cells[2].metadata.look == notebook.metadata.stopped
    assert not [one for one in psutil.Process().children(recursive=True) if "ipykernel" in command(one)]


def test_what_a_hidden_test_said_stays_hidden_where_the_kernel_ended_in_it(tmp_path):
    code = "import os\ndef double(x):\n    return 2 if x == 1 else os._exit(0)"
    cell = run(changed(SOLVED, double=code), tmp_path).cells[2]
    trace = re.sub(r"\x1b\[[\d;]*m", "", "".join(cell.outputs[-1].traceback))
    assert "double(4)" in trace  # for the marker
    HideTests().preprocess_cell(cell, {}, 2)
    assert "double(4)" not in cell.source and "kernel has ended" not in said(cell)
    assert "the kernel ended" in said(cell) and "hidden test fails" in said(cell)


# --- where what runs


def test_a_helper_that_calls_the_student_s_code_runs_where_that_code_is(tmp_path):
    set_up = "import os, sys"
    book = changed(SOLVED, set_up=set_up, double="def double(x):\n    return 2 * x, os.getpid()")
    helper = "def twice(x):\n    return double(double(x)[0])[0], os.getpid()"
    data = book.cells[0].metadata.nbgrader | {"grade_id": "helper"}
    book.cells.insert(1, new_code_cell(helper, metadata={"nbgrader": data}))
    book.cells[3].source = """
got, there = twice(2)
assert got == 8 and there == double(1)[1]
assert "agent" not in sys.modules"""
    assert determine_grade(run(book, tmp_path).cells[3])[0] == 3, said(book.cells[3])


def test_an_exercise_whose_own_cell_fails_is_told(tmp_path):
    with pytest.raises(RuntimeError, match="the exercise's own cell fails: ZeroDivisionError: division by zero"):
        run(changed(SOLVED, set_up="1 / 0"), tmp_path)
