"""What must hold for every notebook and nbval cannot see. Each check takes a notebook and yields the problems.

`test_notebook_checks.py` proves each of them on a notebook that must fail it.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

from utils.data import ROOT

IGNORED = {"nbval-ignore-output", "nbval-skip"}
KNOWN_TAGS = IGNORED | {"raises-exception"}
MARKDOWN_IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)[^)]*\)|<img\b([^>]*)>")
MARKDOWN_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)[^)]*\)")
ABSOLUTE_PATH = re.compile(r"(?<![\w.~:/])/(?:home|root|Users|tmp|var|usr|opt|mnt|work)/\S+|\b[A-Z]:\\\\?\w+")
ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,16}\b")

# Removed or deprecated in transformers 5 (or today's datasets and evaluate): name -> what to write.
OLD_NAMES = {
    "evaluation_strategy": "eval_strategy",
    "torch_dtype": "dtype",
    "encode_plus": "tokenizer(...)",
    "batch_encode_plus": "tokenizer(...)",
    "prepare_for_model": "tokenizer(...)",
    "as_target_tokenizer": "text_target=",
    "grouped_entities": 'aggregation_strategy="simple"',
    "return_all_scores": "top_k=None",
    "from_tf": "PyTorch weights",
    "from_flax": "PyTorch weights",
    "no_cuda": "use_cpu",
    "overwrite_output_dir": "nothing: drop it",
    "logging_dir": "the environment variable TENSORBOARD_LOGGING_DIR",
    "warmup_ratio": "a float for warmup_steps",
    "group_by_length": 'train_sampling_strategy="group_by_length"',
    "use_auth_token": "token",
    "load_in_4bit": "quantization_config",
    "load_in_8bit": "quantization_config",
    "trust_remote_code": "nothing: never run code that comes with a model",
    "load_metric": "utils.metric",
    "AutoModelForVision2Seq": "AutoModelForImageTextToText",
    "AutoModelWithLMHead": "AutoModelForCausalLM and its relatives",
    "AdamW_hf": "torch.optim.AdamW",
}
OLD_TASKS = {
    "summarization", "translation", "text2text-generation", "question-answering", "visual-question-answering",
    "image-to-image", "image-to-text",
}  # fmt: skip


def number(name: str) -> str:
    """Of a notebook's file name what stands in its title: 05 of 05_fine_tuning….ipynb, 05b of 05b_how….ipynb."""
    return name.partition("_")[0]


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def texts(notebook: NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def markdown(notebook: NotebookNode) -> str:
    return "\n\n".join(texts(notebook))


def tags(cell: NotebookNode) -> set[str]:
    return set(cell.metadata.get("tags", []))


def plain_python(cell: NotebookNode) -> str:
    """The cell as Python: magics and shell escapes become calls of get_ipython()."""
    return TransformerManager().transform_cell(cell.source)


def output_text(cell: NotebookNode) -> str:
    """All text of a cell's outputs; pictures left out."""
    parts = []
    for output in cell.get("outputs", []):
        parts.append(output.get("text", ""))
        parts += [str(value) for kind, value in output.get("data", {}).items() if kind.startswith("text/")]
    return "\n".join(parts)


# --- executed, and clean


def executed_in_order(notebook: NotebookNode, path: Path) -> Iterator[str]:
    counts = [cell.execution_count for cell in code_cells(notebook)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"code cells are numbered {counts}: restart the kernel and run all (make outputs)"


def no_magics(notebook: NotebookNode, path: Path) -> Iterator[str]:
    for i, cell in enumerate(code_cells(notebook), 1):
        for node in ast.walk(ast.parse(plain_python(cell))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "get_ipython":
                yield f"code cell {i} uses a magic or a shell escape, whose failure nbval does not see"
            if isinstance(node, ast.Attribute) and ast.unparse(node) == "os.system":
                yield f"code cell {i} calls os.system"


def no_stderr(notebook: NotebookNode, path: Path) -> Iterator[str]:
    for i, cell in enumerate(code_cells(notebook), 1):
        for output in cell.outputs:
            if output.get("name") == "stderr":
                yield f"code cell {i} stores stderr output: {output.text[:80]!r}"
            if output.output_type == "error" and "raises-exception" not in tags(cell):
                yield f"code cell {i} stores an error: {output.ename}"


def no_machine_in_outputs(notebook: NotebookNode, path: Path) -> Iterator[str]:
    for i, cell in enumerate(code_cells(notebook), 1):
        for pattern, what in ((ABSOLUTE_PATH, "an absolute path"), (ADDRESS, "an object's address")):
            if found := pattern.search(output_text(cell)):
                yield f"code cell {i} shows {what}: {found.group()[:60]}"


def checked_outputs(notebook: NotebookNode, path: Path) -> Iterator[str]:
    """Few outputs are left uncompared, and an assert follows each of them."""
    cells = code_cells(notebook)
    ignored = [i for i, cell in enumerate(cells) if tags(cell) & IGNORED]
    if len(ignored) > len(cells) / 4:
        yield f"{len(ignored)} of {len(cells)} outputs are not compared"
    for i in ignored:
        following = cells[i + 1 : i + 2]
        if not any(
            isinstance(node, ast.Assert) for cell in following for node in ast.walk(ast.parse(plain_python(cell)))
        ):
            yield f"code cell {i + 1} is not compared and the next one asserts nothing"
    for i, cell in enumerate(cells, 1):
        if unknown := tags(cell) - KNOWN_TAGS:
            yield f"code cell {i} has tags that nothing reads: {', '.join(sorted(unknown))}"


# --- today's libraries


def no_old_api(notebook: NotebookNode, path: Path) -> Iterator[str]:
    for i, cell in enumerate(code_cells(notebook), 1):
        for node in ast.walk(ast.parse(plain_python(cell))):
            name = (
                node.arg if isinstance(node, ast.keyword)
                else node.attr if isinstance(node, ast.Attribute)
                else node.name if isinstance(node, ast.alias)
                else node.id if isinstance(node, ast.Name)
                else None
            )  # fmt: skip
            if name in OLD_NAMES:
                yield f"code cell {i} uses {name}; write {OLD_NAMES[name]}"
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("pipeline") and node.args:
                task = node.args[0]
                if isinstance(task, ast.Constant) and str(task.value).startswith(tuple(OLD_TASKS)):
                    yield f"code cell {i} asks for the pipeline {task.value}, which is gone"


# --- made for a reader


def words(text: str) -> int:
    """The words of a text cell, without what is folded away (solutions, quiz answers)."""
    return len(re.findall(r"\S*\w\S*", re.sub(r"<details>.*?</details>", "", text, flags=re.S)))


def lengths(cells: list[NotebookNode]) -> list[int]:
    """The lines of code cells, empty ones left out."""
    return [len([line for line in cell.source.splitlines() if line.strip()]) for cell in cells]


def small_cells(notebook: NotebookNode, path: Path) -> Iterator[str]:
    """The limits of a single cell, code or text. Rows of tables are no wall of text, and don't count."""
    code = code_cells(notebook)
    for i, (cell, lines) in enumerate(zip(code, lengths(code), strict=True), 1):
        if (longest := max(len(line) for line in cell.source.splitlines())) > 100:
            yield f"code cell {i} has a line of {longest} characters; 100 is the most"
        if lines > 15:
            yield f"code cell {i} has {lines} lines; 15 are the most"
    for text in texts(notebook):
        prose = "\n".join(line for line in text.splitlines() if not line.startswith("|"))
        if (count := words(prose)) > 120:
            yield f"a text cell has {count} words, 120 are the most: {text[:40]!r}"


def style(notebook: NotebookNode, path: Path) -> Iterator[str]:
    """The limits of a whole lesson: words, usual length of code cells, share of text. Rows of tables count as words."""
    if (total := sum(map(words, texts(notebook)))) > 2200:
        yield f"{total} words; 2,200 are the most"
    lines = sorted(lengths(code_cells(notebook)))
    middle, ninth = lines[len(lines) // 2], lines[int(0.9 * len(lines))]
    if middle > 4 or ninth > 8:
        yield f"lines of code cells: median {middle}, ninth decile {ninth}; 4 and 8 are the limits"
    if not 1.0 <= len(texts(notebook)) / len(lines) <= 1.6:
        yield f"{len(texts(notebook))} text cells to {len(lines)} code cells; about 1.2 to 1 is right"


def opening(notebook: NotebookNode, path: Path) -> Iterator[str]:
    """The first cell: title, what one will be able to do, times, needs."""
    first = notebook.cells[0].source if notebook.cells and notebook.cells[0].cell_type == "markdown" else ""
    if not re.match(rf"# {number(path.name)} · \S", first):
        yield f"the first cell does not open with the title '# {number(path.name)} · …'"
    abilities = re.search(r"\*\*After this lesson you can\*\*\s*((?:[-*] .*\n(?:  .*\n)*)+)", first + "\n")
    count = len(re.findall(r"^[-*] ", abilities[1], re.M)) if abilities else 0
    if not 3 <= count <= 5:
        yield f"the first cell lists {count} things under '**After this lesson you can**'; 3 to 5 are right"
    if not re.search(r"\*\*Time:?\*\*:? about \d+ s(econds)? to run, about \d+ minutes to work through", first):
        yield "the first cell does not say '**Time:** about N s to run, about M minutes to work through'"
    if "**Needs" not in first:
        yield "the first cell does not say what the lesson needs ('**Needs:** …')"


def closing(notebook: NotebookNode, path: Path) -> Iterator[str]:
    """Recap, quiz with reasons, exercise, in this order and last."""
    titles = re.findall(r"^## (.+)$", markdown(notebook), re.M)
    if titles[-3:] != ["Recap", "Quiz", "Exercise"]:
        yield f"the last sections are {titles[-3:]}, not Recap, Quiz, Exercise"
        return
    text = markdown(notebook)
    quiz = text[text.index("\n## Quiz") : text.index("\n## Exercise")]
    answers = re.findall(r"<details>\s*<summary>.+?</summary>\n\n(.+?)</details>", quiz, re.S)
    if not 3 <= len(answers) <= 6:
        yield f"the quiz has {len(answers)} collapsible answers; 3 to 6 are right"
    for answer in answers:
        if len(answer.split()) < 8:
            yield f"a quiz answer gives no reason: {answer.strip()!r}"
    exercise = text[text.index("\n## Exercise") :]
    if "<details>" not in exercise and "exercises/" not in exercise:
        yield "the exercise has neither a solution nor a link to its graded notebook"


def described_images(notebook: NotebookNode, path: Path) -> Iterator[str]:
    for alt, target, attributes in MARKDOWN_IMAGE.findall(markdown(notebook)):
        if not (alt.strip() or re.search(r"alt=\"[^\"]+\"", attributes)):
            yield f"an image in the text has no description: {target or attributes}"
    for i, cell in enumerate(code_cells(notebook), 1):
        for output in cell.outputs:
            for kind in output.get("data", {}):
                if kind.startswith("image/") and not output.metadata.get(kind, {}).get("alt", "").strip():
                    yield f"code cell {i} shows a picture without description: utils.plots.charts.show takes one"


def edition_source(place: Path) -> Path:
    """What `make lab` makes this file in exercises/ from. A link to a source would show students the solutions."""
    folder = (ROOT / "exercises").resolve()
    place = place.resolve()
    return ROOT / "notebooks" / "exercises" / place.relative_to(folder) if folder in place.parents else folder / "none"


def links_resolve(notebook: NotebookNode, path: Path) -> Iterator[str]:
    text = markdown(notebook)
    targets = MARKDOWN_LINK.findall(text) + [target for _, target, _ in MARKDOWN_IMAGE.findall(text) if target]
    headings = {re.sub(r"\s", "-", title.strip()) for title in re.findall(r"^#+ (.+)$", text, re.M)}
    for target in targets:
        file, _, anchor = target.partition("#")
        if re.match(r"https?://|mailto:|attachment:|data:", target):
            continue
        place = path.parent / file
        if "exercises" in place.parts and "exercises" not in path.parts:
            place = edition_source(place)
        if file and not place.exists():
            yield f"link to {target}, which is not there"
        if anchor and not file and anchor not in headings:
            yield f"link to the heading #{anchor}, which is not there"


CHECKS = [
    executed_in_order, no_magics, no_stderr, no_machine_in_outputs, checked_outputs,
    no_old_api, small_cells, style, opening, closing, described_images, links_resolve,
]  # fmt: skip
