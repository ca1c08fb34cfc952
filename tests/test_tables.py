"""The reader of tables: every way that people save them, and a sentence for what is no table."""

import re

import pytest

from utils.tables import read_table

TEXT = "text,label\nGr\u00fc\u00dfe,pos\n007,NA\n"
ROWS = [["Gr\u00fc\u00dfe", "pos"], ["007", "NA"]]


@pytest.fixture
def file(tmp_path):
    def save(content, encoding="utf-8"):
        path = tmp_path / "mine.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return save


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_way_to_save_it_gives_the_same(file, encoding, delimiter, end, capsys):
    table = read_table(file(TEXT.replace(",", delimiter).replace("\n", end), encoding))
    assert list(table) == ["text", "label"] and table.values.tolist() == ROWS and list(table.index) == [2, 3]
    assert ("read as cp1252" in capsys.readouterr().out) == (encoding == "cp1252")


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ('text,label\n"a, ""b""\nc",1\n', [['a, "b"\nc', "1"]]),
        ("text,label\n a ,\u00a01\u200b\n", [["a", "1"]]),
        ('text, label\n"a, b", "1"\n', [["a, b", "1"]]),
        ("\n Text ,LABEL\n\n a,1\n  \n", [["a", "1"]]),
        ("text,label,,\na,1,,\n", [["a", "1"]]),
        ("sep=;\ntext;label\na, b;1\n", [["a, b", "1"]]),
        ("text;label\na, b;1,5\n", [["a, b", "1,5"]]),
        ("text,label\nu\u0308,null\n", [["\u00fc", "null"]]),
    ],
)
def test_what_tables_hold(file, content, rows):
    table = read_table(file(content))
    assert list(table) == ["text", "label"] and table.values.tolist() == rows


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty: write a first line"),
        (b"\n \n", "is empty"),
        ("text,label\n", "has no row below its first line: add one"),
        ("text,label\na,1\n\nb, c,1\n", "line 4: it has 3 values, and the first line names 2 .*quotation marks"),
        ("text,label\na, b,1\nc, d,1\n", "line 2: it has 3 values"),
        ("text,label\na\n", "line 2: it has 1 values"),
        ('text,label\na,1\n"b,1\nc,1\n', "line 3: a quotation mark opens or closes at the wrong place"),
        ('text,label\n"b" c,1\n', "line 2: a quotation mark"),
        ("text,label,\na,1,x\n", "column 3 has no name"),
        ("text,Text \na,1\n", "two columns text"),
        (b"PK\x03\x04\x14\0", "workbook of Excel"),
        (b"\x89PNG\r\n\x1a\n\0\0", "cannot be read as text: save it in UTF-8"),
        (b"\xff\xfea", "cannot be read as text"),
        (b"text\n\x81\n", "cannot be read as text"),
        ("sep=|\na|b\n", "save it with commas, semicolons or tabs"),
    ],
)
def test_what_is_no_table_is_refused_by_file_and_line(file, content, message):
    path = file(content)
    with pytest.raises(ValueError, match=f"{re.escape(str(path))}.*{message}"):
        read_table(path)


def test_a_missing_table(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"mine\.csv is missing"):
        read_table(tmp_path / "mine.csv")
