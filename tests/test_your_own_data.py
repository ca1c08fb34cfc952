"""The examples of docs/your_own_data.md run as they stand."""

import re

import pytest

from utils.data import ROOT

PAGE = (ROOT / "docs" / "your_own_data.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)


def test_there_is_one_for_each_kind_and_the_readme_links_them():
    assert len(EXAMPLES) == 3 and "(docs/your_own_data.md)" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("example", EXAMPLES, ids=["texts", "pictures", "lines"])
def test_an_example_runs_as_it_stands(example, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "your_own_data.md", "exec"), {})
