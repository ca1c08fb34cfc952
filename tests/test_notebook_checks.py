"""Each check of notebook_checks.py, and nbval in the kernels of these tests, must fail on a notebook with the fault."""

import copy
import re
import subprocess
import sys
from pathlib import Path

import notebook_checks as checks
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, writes

from utils.data import ROOT

OPENING = """# 99 · A lesson

**After this lesson you can**

- one thing
- a second thing
- a third thing

**Time:** about 5 s to run, about 10 minutes to work through.

**Needs:** nothing."""
CLOSING = [
    "## Recap\n\n- all of it",
    "## Quiz\n\n"
    + 3
    * (
        "What?\n\n<details><summary>Answer</summary>\n\nThis, because the cell above measured it twice "
        "and said so.\n\n</details>\n\n"
    ),
    "## Exercise\n\nDo it.\n\n<details><summary>Solution</summary>\n\n`1`\n\n</details>",
]
PATH = Path(__file__).with_name("99_a_lesson.ipynb")


def code(source: str, text: str = "", tags: tuple[str, ...] = (), **output) -> NotebookNode:
    """A code cell with at most one output: `text` on stdout, or what new_output makes of `output`."""
    outputs = [new_output("stream", name="stdout", text=text)] if text else []
    if output:
        outputs = [new_output(**output)]
    return new_code_cell(source, outputs=outputs, metadata={"tags": list(tags)} if tags else {})


def lesson(*cells: NotebookNode, opening: str = OPENING, closing: list[str] = CLOSING) -> NotebookNode:
    """A lesson without a fault, with `cells` in its middle; code cells are numbered as executed in order."""
    filling = [cell for _ in range(18) for cell in (new_markdown_cell("Text."), new_code_cell("x = 1"))]
    cells = [new_markdown_cell(opening), *filling, *cells, *map(new_markdown_cell, closing)]
    cells = [copy.deepcopy(cell) for cell in cells]  # a fault is often the same cell several times
    for position, cell in enumerate(cells):
        cell.id = f"cell-{position}"
    notebook = new_notebook(cells=cells)
    for count, cell in enumerate(checks.code_cells(notebook), 1):
        cell.execution_count = count
    return notebook


def problems(check, notebook: NotebookNode) -> str:
    return "; ".join(check(notebook, PATH))


@pytest.mark.parametrize("check", checks.CHECKS, ids=lambda check: check.__name__)
def test_a_good_lesson_passes(check):
    good = [
        code("print('done')", "done\n"),
        code("t = timer()", tags=("nbval-ignore-output",)),
        code("assert t < 9"),
        code("", output_type="display_data", data={"image/png": "eA=="}, metadata={"image/png": {"alt": "a line"}}),
        new_markdown_cell("![a line](test_notebooks.py) and [the recap](#Recap)"),
        code("classifier = pipeline('sentiment-analysis', model=checkpoint('sentiment'))"),
        code("x = 1\n\n" * 15),
        new_markdown_cell("word " * 120 + "\n| a row of a table |"),
    ]
    assert problems(check, lesson(*good)) == ""


def not_executed() -> NotebookNode:
    notebook = lesson()
    checks.code_cells(notebook)[3].execution_count = None
    return notebook


def out_of_order() -> NotebookNode:
    notebook = lesson()
    checks.code_cells(notebook)[3].execution_count = 40
    return notebook


PNG = {"output_type": "display_data", "data": {"image/png": "eA=="}}
ERROR = {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": []}
FAULTS = [
    (checks.executed_in_order, not_executed(), "restart the kernel"),
    (checks.executed_in_order, out_of_order(), "restart the kernel"),
    (checks.no_magics, lesson(code("%bad_magic")), "magic or a shell escape"),
    (checks.no_magics, lesson(code("%%time\nx = 1")), "magic or a shell escape"),
    (checks.no_magics, lesson(code("!false")), "magic or a shell escape"),
    (checks.no_magics, lesson(code("files = !ls")), "magic or a shell escape"),
    (checks.no_magics, lesson(code("os.system('false')")), "os.system"),
    (checks.no_stderr, lesson(code("f()", output_type="stream", name="stderr", text="Warning")), "stderr"),
    (checks.no_stderr, lesson(code("f()", **ERROR)), "stores an error"),
    (checks.no_machine_in_outputs, lesson(code("p", "/home/ann/course/data\n")), "absolute path"),
    (checks.no_machine_in_outputs, lesson(code("p", "C:\\Users\\ann\n")), "absolute path"),
    (checks.no_machine_in_outputs, lesson(code("f", "<function f at 0x7f3a5c0e1d00>\n")), "address"),
    (checks.checked_outputs, lesson(code("t()", tags=("nbval-ignore-output",)), code("x = 2")), "asserts nothing"),
    (checks.checked_outputs, lesson(*10 * [code("assert t()", tags=("nbval-ignore-output",))]), "not compared"),
    (checks.checked_outputs, lesson(code("t()", tags=("nbval-ignore-outptu",))), "nothing reads"),
    (checks.no_old_api, lesson(code("TrainingArguments(evaluation_strategy='epoch')")), "eval_strategy"),
    (checks.no_old_api, lesson(code("from transformers import AutoModelForVision2Seq")), "AutoModelForImageText"),
    (checks.no_old_api, lesson(code("tokenizer.encode_plus('a')")), "tokenizer(...)"),
    (checks.no_old_api, lesson(code("pipeline('summarization', model=m)")), "gone"),
    (checks.no_old_api, lesson(code("pipeline('translation_en_to_de', model=m)")), "gone"),
    (checks.small_cells, lesson(code(f"x = '{'y' * 100}'")), "a line of 106 characters"),
    (checks.small_cells, lesson(code("x = 1\n\n" * 16)), "has 16 lines"),
    (checks.small_cells, lesson(new_markdown_cell("word " * 121)), "121 words"),
    (checks.style, lesson(*20 * [new_markdown_cell("Text."), code("x = 1\n" * 5)]), "median 5"),
    (checks.style, lesson(*4 * [new_markdown_cell("Text."), code("x = 1\n" * 9)]), "decile 9"),
    (checks.style, lesson(*12 * [code("x = 1")]), "text cells to"),
    (checks.style, lesson(*12 * [new_markdown_cell("Text.")]), "text cells to"),
    (checks.style, lesson(*22 * [new_markdown_cell("word " * 100), code("x = 1")]), "2,200 are the most"),
    (checks.opening, lesson(opening=OPENING.replace("# 99 · ", "# ")), "title"),
    (checks.opening, lesson(opening=OPENING.replace("- a third thing\n", "")), "lists 2 things"),
    (checks.opening, lesson(opening=OPENING.replace("to run, about", "")), "Time"),
    (checks.opening, lesson(opening=OPENING.replace("**Needs:**", "")), "Needs"),
    (checks.closing, lesson(closing=[*CLOSING[:1], *CLOSING[2:]]), "not Recap, Quiz, Exercise"),
    (checks.closing, lesson(closing=[CLOSING[0], "## Quiz\n\nWhat?", CLOSING[2]]), "0 collapsible answers"),
    (
        checks.closing,
        lesson(closing=[CLOSING[0], CLOSING[1].replace("because the cell above measured it twice", ""), CLOSING[2]]),
        "gives no reason",
    ),
    (checks.closing, lesson(closing=[*CLOSING[:2], "## Exercise\n\nDo it."]), "neither a solution"),
    (checks.described_images, lesson(code("plt.plot()", **PNG)), "without description"),
    (checks.described_images, lesson(new_markdown_cell("![](test_notebooks.py)")), "no description"),
    (checks.described_images, lesson(new_markdown_cell('<img src="test_notebooks.py">')), "no description"),
    (checks.links_resolve, lesson(new_markdown_cell("[next](98_gone.ipynb)")), "not there"),
    (checks.links_resolve, lesson(new_markdown_cell("[there](#Nowhere)")), "not there"),
    (checks.links_resolve, lesson(new_markdown_cell("![a line](gone.png)")), "not there"),
]


@pytest.mark.parametrize(("check", "notebook", "message"), FAULTS, ids=lambda x: getattr(x, "__name__", ""))
def test_a_fault_is_found(check, notebook, message):
    assert message in problems(check, notebook)


def test_every_check_is_proved():
    assert {check for check, _, _ in FAULTS} == set(checks.CHECKS)


WARNINGS = {
    "import warnings\nwarnings.warn('python warns', FutureWarning)": "FutureWarning: python warns",
    "warnings.warn('an old name', DeprecationWarning)": "DeprecationWarning: an old name",
    "from transformers.utils import logging\nlogging.get_logger('transformers').warning('do it else')": (
        "the libraries warned: transformers: do it else"
    ),
    "1 / 0": "ZeroDivisionError",
}


@pytest.fixture(scope="module")
def nbval(tmp_path_factory) -> str:
    """What `pytest --nbval` says of some small notebooks, all in one run."""

    def executed(source: str, text: str | None = None) -> NotebookNode:
        outputs = [] if text is None else [new_output("stream", name="stdout", text=text)]
        tags = {"tags": ["nbval-ignore-output"]} if text is None else {}
        return new_code_cell(source, execution_count=1, outputs=outputs, metadata=tags)

    names = "print(*(name for name in dir() if not name.startswith('_')))"
    notebooks = {
        "warns": [*map(executed, WARNINGS), executed("x = 1")],
        "names": [executed(names, "In Out exit get_ipython open quit\n")],
        "right": [executed("print(0.84)", "0.84\n")],
        "wrong": [executed("print(0.84)", "0.83\n")],
    }
    folder = tmp_path_factory.mktemp("notebooks")
    for name, cells in notebooks.items():
        (folder / f"{name}.ipynb").write_text(writes(new_notebook(cells=cells)))
    command = [sys.executable, "-m", "pytest", "--nbval", "-p", "no:cacheprovider", "--color=no", "-rA", str(folder)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout
    return re.sub(r"\x1b\[[\d;]*m", "", said)  # tracebacks come in colours


def results(nbval: str, name: str) -> list[str]:
    """What became of each cell of a notebook, in order: PASSED or FAILED."""
    found = re.findall(rf"^(PASSED|FAILED) \S*{name}\.ipynb::Cell (\d+)", nbval, re.M)
    return [result for result, _ in sorted(found, key=lambda row: int(row[1]))]


def test_a_cell_that_warns_fails(nbval):
    """Even where its output is not compared; and the cell behind it is not blamed."""
    assert results(nbval, "warns") == [*4 * ["FAILED"], "PASSED"], nbval
    assert all(message in nbval for message in WARNINGS.values()), nbval


def test_a_kernel_begins_with_an_empty_namespace(nbval):
    """What watches for warnings leaves no name that a lesson could stumble over."""
    assert results(nbval, "names") == ["PASSED"], nbval


def test_nbval_fails_on_a_changed_number(nbval):
    """The sanitizers replace addresses, not numbers: 0.83 stored where 0.84 comes out must fail."""
    assert (results(nbval, "right"), results(nbval, "wrong")) == (["PASSED"], ["FAILED"]), nbval
