"""docs/architecture.md and the folders say the same, and what may import what."""

import ast
import re

import pytest

from utils.data import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
ROOMS = re.findall(r"^\| `([\w/]+)/` \|", PAGE, re.M)
CODE = [path for folder in ("utils", "data/recipes") for path in (ROOT / folder).rglob("*.py")]


def test_the_page_lists_each_room_with_code_once():
    with_code = {path.parent.relative_to(ROOT).as_posix() for path in CODE}
    metrics = {room for room in with_code if room.startswith("utils/metrics/")}  # evaluate wants a folder a metric
    listed = {room for room in ROOMS if room.startswith(("utils", "data/recipes/"))}
    assert listed == with_code - metrics
    assert len(ROOMS) == len(set(ROOMS))


@pytest.mark.parametrize("room", ROOMS)
def test_a_listed_room_exists_and_holds_something(room):
    assert any((ROOT / room).iterdir())


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: a relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_recipes_use_utils_and_never_the_other_way(path):
    used = set(imports(path))
    own = path.relative_to(ROOT).as_posix()
    assert not any(name.split(".")[0] in ("tests", "notebooks") for name in used)
    if own.startswith("utils/"):
        assert not any(name.split(".")[0] == "data" for name in used)
    if own.startswith("data/recipes/common/"):  # what several rooms share leans on none of them
        assert all(name.startswith("data.recipes.common") for name in used if name.startswith("data."))
