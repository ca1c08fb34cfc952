"""Functions that answer the tests with tricks: a task each, all in one submission, with the points each must get."""

import pytest
from exercise_cells import tiny
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.utils import determine_grade

from utils.grading import sandbox
from utils.grading.execute import ExecuteFairly

pytestmark = pytest.mark.skipif(bool(sandbox.missing()), reason=f"needs a sandbox: {sandbox.missing()}")

SETUP = """
import numpy as np
from math import isclose

def close(a, b):
    return len(a) == len(b) and all(isclose(x, y) for x, y in zip(a, b))
"""
# What a task tests; NAME is the student's function. 3 points each.
NUMBER = "assert NAME(1) == 2\n### BEGIN HIDDEN TESTS\nassert NAME(4) == 8\n### END HIDDEN TESTS"
FLOAT = "got = NAME(1)\nassert isinstance(got, float) and abs(got - 2) < 0.01\nassert abs(NAME(4) - 8) < 0.01"
ARRAY = "x = np.arange(3.0)\ngot = NAME(x)\nassert got.shape == (3,)\nassert np.allclose(got, [0, 2, 4])"
LIST = "row = [3, 1, 2]\ngot = NAME(row)\nassert close(got, sorted(row))\nassert isinstance(got, list)"
SORTED = "assert NAME([2, 1]) == [1, 2]"
LATER = "x = np.ones(3)\nassert np.allclose(NAME(x), 2 * x)"
KEPT = "row = [3, 1, 2]\nassert NAME(row) == 3\nassert row == [3, 1, 2], 'changed'"
TEXT = "assert NAME('a') == 'aa'"
LOOP = "for x, got in zip((1, 4), map(NAME, (1, 4))):\n    last = got == 2 * x\nassert last, x\nassert x == 4"
CATCHES = "try:\n    got = NAME(1)\nexcept (IndexError, TypeError):\n    got = None\nassert got == 2"
CALLS = "assert NAME(lambda x: x + 1, 3) == 8"

ALWAYS = """
class Always{base}:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return 0
    def __bool__(self): return True
    def __len__(self): return 3
    def __abs__(self): return 0.0
    def __sub__(self, other): return 0.0
    def __lt__(self, other): return True
    def __isinstancecheck__(self, other): return True
    def __array__(self, *rest, **named): return np.array([0.0, 2, 4])
    def __getattr__(self, name): return self
    def __call__(self, *rest): return self
    def __iter__(self): return iter([self] * 3)
    __class__ = property(lambda self: float)
"""


def always(base: str, make: str) -> str:
    head = ALWAYS.format(base=f"({base})" if base else "")
    return head + f"\ndef NAME(x):\n    return {make}"


LOOKING = """
import gc, inspect, sys
def NAME(x):
    seen = [str(f.f_locals) + str(f.f_code.co_consts) for f in (frame.frame for frame in inspect.stack())]
    seen += [one for one in gc.get_objects() if type(one) is str] + [str(v) for v in list(globals().values())]
    seen += [str(vars(m)) for m in list(sys.modules.values()) if m.__name__ in ("agent", "wire", "__main__")]
    return 8 if any("NAME(4)" + " == 8" in text for text in seen) else 2
"""
SOCKET = """
import gc, socket, struct
def tester():
    return [one for one in gc.get_objects() if type(one) is socket.socket and "socket" in str(one.getpeername())][-1]
def NAME(x):
    {what}
    return 0
"""
TASKS = {  # name: code of the student's, tests, points
    "right": ("def NAME(x):\n    return 2 * x", NUMBER, 3),
    "right, a lambda": ("NAME = lambda x: x + x", NUMBER, 3),
    "right, an object": ("class A:\n    def __call__(self, x): return x + x\nNAME = A()", NUMBER, 3),
    "right, of numpy": ("def NAME(x):\n    return np.float64(2 * x)", FLOAT, 3),
    "right, an array": ("def NAME(x):\n    return x + x", ARRAY, 3),
    "right, changes what it was given": ("def NAME(row):\n    row.sort()\n    return list(row)", SORTED, 3),
    "right, calls the test's function": ("def NAME(f, x):\n    return 2 * f(x)", CALLS, 3),
    "right, a named tuple": (
        "from collections import namedtuple\ndef NAME(x):\n    return namedtuple('Pair', 'a b')(x, 2)",
        "assert isinstance(NAME(1), tuple) and NAME(1) == (1, 2)", 3,
    ),
    "right, a counter": ("from collections import Counter as NAME", "assert NAME('aab') == {'a': 2, 'b': 1}", 3),
    "wrong": ("def NAME(x):\n    return 2", NUMBER, 0),
    "missing": ("del NAME", NUMBER, 0),
    "not a number": ("def NAME(x):\n    return float('nan')", FLOAT, 0),
    "infinite": ("def NAME(x):\n    return float('inf')", FLOAT, 0),
    "equals everything": (always("", "Always()"), NUMBER, 0),
    "equals everything, a list": (always("", "Always()"), LIST, 0),
    "an int that equals everything": (always("int", "Always(7)"), NUMBER, 0),
    "a float that equals everything": (always("float", "Always(7)"), FLOAT, 0),
    "a text that equals everything": (always("str", "Always('b')"), TEXT, 0),
    "a list that equals everything": (always("list", "Always([9])"), LIST, 0),
    "a list of what equals everything": (always("", "[Always()] * 3"), LIST, 0),
    "an array of what equals everything": (always("", "np.array([Always()] * 3, dtype=object)"), ARRAY, 0),
    "an array that equals everything": (always("np.ndarray", "np.zeros(3).view(Always)"), ARRAY, 0),
    "a number of numpy that equals everything": (always("np.float64", "Always(7)"), FLOAT, 0),
    "a class that is its own instance": (always("type", "Always('A', (), {})"), NUMBER, 0),
    "another allclose": ("np.allclose = lambda *a, **k: True\ndef NAME(x):\n    return x", ARRAY, 0),
    "another helper": ("close = lambda a, b: True\ndef NAME(row):\n    return [1]", LIST, 0),
    "changes the argument": ("def NAME(row):\n    row[:] = []\n    return []", LIST, 0),
    "changes the array": ("def NAME(x):\n    x[:] = 0\n    return x", LATER, 0),
    "changes what must be kept": ("def NAME(row):\n    row.sort()\n    return len(row)", KEPT, 0),
    "ends the loop": ("def NAME(x):\n    if x == 1: return 2\n    raise StopIteration", LOOP, 0),
    "ends the process": ("def NAME(x):\n    raise SystemExit", NUMBER, 0),
    "an interrupt": ("def NAME(x):\n    raise KeyboardInterrupt", NUMBER, 0),
    "the expected error": ("def NAME(x):\n    raise TypeError", CATCHES, 0),
    "an error that cannot be shown": (
        "class Bad(Exception):\n    def __str__(self): raise Bad\ndef NAME(x):\n    raise Bad", NUMBER, 0
    ),
    "calls itself": ("def NAME(x):\n    return NAME(x)", NUMBER, 0),
    "an answer in itself": ("def NAME(x):\n    a = []\n    a.append(a)\n    return a", NUMBER, 0),
    "a deep answer": ("def NAME(x):\n    a = []\n    for _ in range(10**5): a = [a]\n    return a", NUMBER, 0),
    "an endless answer": ("def NAME(x):\n    while True: yield 2", NUMBER, 0),
    "an endless list": ("def NAME(row):\n    while True: yield 2", "assert close([*NAME(1)], [1, 2])", 0),
    "a large answer": ("def NAME(x):\n    return 'x' * 2**26", NUMBER, 0),
    "a large array": ("def NAME(x):\n    return np.zeros(2**26)", ARRAY, 0),
    "a flood of text": ("def NAME(x):\n    print('x' * 2_000_000)\n    return 2 * x", NUMBER, 0),
    "points printed": ("def NAME(x):\n    print(3)\n    get_ipython().displayhook(3)\n    return 0", NUMBER, 0),
    "looks for the tests": (LOOKING, NUMBER, 0),
    "looks for the tests in the history": (
        "def NAME(x):\n    return 8 if any('== 8' in str(v) for v in (In, _ih, _oh)) else 2", NUMBER, 0
    ),
    "reads the tests' folder": (
        "import glob\ndef NAME(x):\n    open(glob.glob('/tmp/tests-*/*')[0] + '/a', 'w')\n    return 0", NUMBER, 0
    ),
    "calls the test's function for more": ("def NAME(f, x):\n    return f.__globals__", CALLS, 0),
    "a message of 1 GB": (SOCKET.format(what="tester().sendall(struct.pack('!I', 2**30))"), NUMBER, 0),
    "a message that is none": (SOCKET.format(what="tester().sendall(struct.pack('!I', 2) + b'[]')"), NUMBER, 0),
    "no more messages": (SOCKET.format(what="tester().shutdown(socket.SHUT_RDWR)"), NUMBER, 0),
}  # fmt: skip

TENSOR = "x = torch.arange(3.0)\ngot = NAME(x)\nassert got.shape == (3,)\nassert torch.allclose(got, 2 * x)"
LOSS = "got = NAME(torch.ones(2, requires_grad=True))\nassert got.requires_grad and abs(got - 2) < 0.01"
SUBCLASS = """
class Always(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, arguments=(), named=None):
        return True
"""
TENSOR_TASKS = {
    "right": ("def NAME(x):\n    return 2 * x", TENSOR, 3),
    "right, with gradients": ("def NAME(x):\n    return x.sum()", LOSS, 3),
    "right, a parameter": ("def NAME(x):\n    return torch.nn.Parameter(2 * x)", TENSOR, 3),
    "right, a tensor of its own class": (
        "class Mine(torch.Tensor): pass\ndef NAME(x):\n    return (2 * x).as_subclass(Mine)", TENSOR, 3
    ),
    "no gradients": ("def NAME(x):\n    return x.sum().detach()", LOSS, 0),
    "a tensor that equals everything": (SUBCLASS + "def NAME(x):\n    return x.as_subclass(Always)", TENSOR, 0),
    "an object with torch's functions": (always("", "Always()"), TENSOR, 0),
    "another allclose": (
        "torch.allclose = torch.equal = lambda *a: True\ndef NAME(x):\n    return x", TENSOR, 0
    ),
    "another torch.testing": (
        "torch.testing.assert_close = print\ndef NAME(x):\n    return x",
        "x = torch.ones(3)\ntorch.testing.assert_close(NAME(x), 2 * x)", 0,
    ),
    "changes the tensor": ("def NAME(x):\n    return x.zero_()", TENSOR, 0),
    "fills up with nan": ("def NAME(x):\n    return x.fill_(float('nan'))", TENSOR, 0),
    "an empty tensor": ("def NAME(x):\n    x.resize_(0)\n    return x", TENSOR, 0),
    "sparse": ("def NAME(x):\n    return x.to_sparse()", TENSOR, 0),
}  # fmt: skip


def notebook(setup: str, tasks: dict) -> NotebookNode:
    """An exercise with these tasks, and the student's code in it."""

    def cell(name: str, source: str, **data):
        data = {"grade": False, "solution": False, "locked": False, "task": False} | data
        return new_code_cell(source, metadata={"nbgrader": {"schema_version": 3, "grade_id": name} | data})

    cells = [cell("set-up", setup, locked=True)]
    for i, (name, (code, tests, _)) in enumerate(tasks.items()):
        own = f"f{i}"
        cells.append(cell(f"solution-{i}", code.replace("NAME", own), solution=True))
        cells.append(cell(name, tests.replace("NAME", own), grade=True, locked=True, points=3))
    return new_notebook(metadata=tiny().metadata, cells=cells)


SETS = {"": (SETUP, TASKS), "tensors: ": ("import torch", TENSOR_TASKS)}


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> dict:
    """By task: its cell, graded."""
    cells = {}
    for name, (setup, tasks) in SETS.items():
        book = notebook(setup, tasks)
        resources = {"metadata": {"path": str(tmp_path_factory.mktemp("in"))}}
        ExecuteFairly(enabled=True, timeout=20).preprocess(book, resources)
        assert "stopped" not in book.metadata, book.metadata.stopped
        cells |= {name + cell.metadata.nbgrader.grade_id: cell for cell in book.cells}
    return cells


DESERVED = [(name + task, rest[2]) for name, (_, tasks) in SETS.items() for task, rest in tasks.items()]


@pytest.mark.parametrize(("task", "points"), DESERVED)
def test_each_gets_the_points_it_deserves(graded, task, points):
    said = [output.get("text") or f"{output.ename}: {output.evalue}" for output in graded[task].outputs]
    assert determine_grade(graded[task])[0] == points, said
