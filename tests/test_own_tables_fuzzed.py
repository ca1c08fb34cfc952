"""Any bytes and any table: a data set without a lost row, or an error that names the file, and nothing else."""

import csv
import io
import unicodedata
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from utils.handwriting.lines import COLUMNS, load_lines
from utils.tables import read_table, tidy
from utils.texts import load_texts

# No Unicode beyond what a file can hold
VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8) | st.sampled_from(
    ["", " a ", "NA", "007", 'a"b', "a,b", "a;b", "a\tb", "a\nb", "u\u0308", "1", "-1", "True", "train"]
)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])


def few(count):
    quick = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    return settings(max_examples=count, deadline=None, derandomize=True, database=None, suppress_health_check=quick)


def outcome(load, path, named):
    """What `load` gives, or None if it refused in a sentence with the file's name."""
    try:
        return load(path)
    except (ValueError, FileNotFoundError) as error:
        assert named in str(error) and type(error) in (ValueError, FileNotFoundError), repr(error)
        return None


def written(path, rows, delimiter, encoding):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


@pytest.mark.parametrize("load", [read_table, load_texts])
@few(80)
@given(content=st.binary(max_size=60), head=st.sampled_from([b"", b"text,label\n", b"\xff\xfet\0"]))
def test_any_bytes_in_a_table(tmp_path, load, head, content):
    (tmp_path / "mine.csv").write_bytes(head + content)
    outcome(load, tmp_path / "mine.csv", str(tmp_path / "mine.csv"))


@few(150)
@given(
    rows=st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=6),
    delimiter=st.sampled_from(",;\t"),
    encoding=ENCODINGS,
)
def test_a_table_is_read_as_it_was_written(tmp_path, rows, delimiter, encoding):
    table = read_table(written(tmp_path / "mine.csv", [("text", "label"), *rows], delimiter, encoding))
    expected = [[tidy(unicodedata.normalize("NFC", value)) for value in row] for row in rows]
    assert table.values.tolist() == expected


@few(80)
@given(rows=st.lists(st.tuples(VALUES, st.sampled_from(["1", "2", " 1", "x", "X", ""])), max_size=14))
def test_no_text_is_lost(tmp_path, rows):
    path = written(tmp_path / "mine.csv", [("text", "label"), *rows], ",", "utf-8")
    if data := outcome(load_texts, path, str(path)):
        names = data["train"].features["label"].names
        found = Counter((row["text"], names[row["label"]]) for part in data.values() for row in part)
        assert found == Counter((tidy(text), tidy(label)) for text, label in rows)


@few(80)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["train/a.png", "test\\b.png", "test/b.png", "train/none.png"]) | VALUES,
            VALUES, VALUES, st.sampled_from(["anna", "anna ", "ben"]), st.sampled_from(["8", "90.5", "nan", "1e9", ""]),
        ),
        max_size=3,
    )
)  # fmt: skip
def test_no_line_is_lost(tmp_path, rows):
    for file in ("train/a.png", "test/b.png"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        Image.new("L", (9, 9)).save(tmp_path / file)
    written(tmp_path / "metadata.csv", [COLUMNS, *rows], ",", "utf-8")
    if data := outcome(load_lines, tmp_path, str(tmp_path)):
        assert sum(part.num_rows for part in data.values()) == len(rows)


@few(40)
@given(content=st.binary(max_size=40))
def test_any_bytes_in_a_table_of_lines(tmp_path, content):
    (tmp_path / "metadata.csv").write_bytes(",".join(COLUMNS).encode() + b"\n" + content)
    outcome(load_lines, tmp_path, str(tmp_path))
