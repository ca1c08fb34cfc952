"""Texts of one's own: tables and folders become what the lessons load, row for row, or an error that says where."""

import os
import re

import pytest

from utils.texts import load_texts


def table(folder, labels, each=20, name="mine.csv", **columns):
    """A table with `each` texts for every label, sorted by label."""
    rows = [f"text {k} of {label},{label}" for label in labels for k in range(each)]
    (folder / name).write_text("\n".join(["text,label", *rows]), encoding="utf-8")
    return folder / name


def names(data):
    return data["train"].features["label"].names


def total(data):
    return sum(part.num_rows for part in data.values())


def test_splits_are_made_of_every_label_and_said(tmp_path, capsys):
    data = load_texts(table(tmp_path, ["pos", "neg"]))
    assert {split: part.num_rows for split, part in data.items()} == {"train": 32, "validation": 4, "test": 4}
    assert data["train"].column_names == ["text", "label"] and names(data) == ["neg", "pos"]
    assert all(sum(part["label"][:]) == part.num_rows / 2 for part in data.values())
    assert 4 < sum(data["train"]["label"][:16]) < 12  # mixed, though the table is sorted
    assert all(row["text"].endswith(names(data)[row["label"]]) for part in data.values() for row in part)
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1 and "(validation and test drawn from train); labels 0 = neg, 1 = pos" in printed
    again = load_texts(tmp_path / "mine.csv")
    assert all(again[split]["text"][:] == part["text"][:] for split, part in data.items())


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        (["10", "2", "1"], ["1", "2", "10"]),
        (["1", "-1"], ["-1", "1"]),
        (["1", "\u22121"], ["\u22121", "1"]),
        (["True", "False"], ["False", "True"]),
        (["3.0", "3", "1"], ["1", "3"]),
        (["null", "NA"], ["NA", "null"]),
        (["1", "two"], ["1", "two"]),
    ],
)
def test_labels_have_names_in_their_order(tmp_path, written, wanted):
    data = load_texts(table(tmp_path, written))
    assert names(data) == wanted and total(data) == 20 * len(written)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text,label\na,1\n,0\n", "line 3: text is empty; fill it in"),
        ("text,label\na,1\nb, \n", "line 3: label is empty"),
        ("comment,label\na,1\n", "has no column text: its first line names comment, label; name one text or"),
        ("text,points\na,1\n", "has no column label"),
        ("text,stars,class\na,1,2\n", "has columns class and stars: name the one to take 'label'"),
        ("text,label\na,1\nb,1\nc,1\n", "all texts have the label '1': at least two"),
        ("text,label\na,1\nb,1\nc,1\nd,0\n", "label '0' has too few different texts to be split; write 3 at least"),
        ("text,label\na,1\na,1\na,1\nd,0\ne,0\nf,0\n", "label '1' has too few different texts"),
        ("text,label\na,pos\nb,Pos\nc,neg", "line 2: the label 'pos' stands elsewhere as 'Pos'"),
        ("text,label,split\na,1,train\nb,0,dev2\n", "line 3: there is no split 'dev2'"),
        ("label,text\n" + "".join(f"text {k},{k % 2}\n" for k in range(12)), "has 12 labels for 12 texts: is the col"),
        ("text,label\na,pos\nb,neg\n" + "x" * 10_000_001 + ",pos\n", "line 4: a value has more than 10,000,000 char"),
        ('{"text": "a", "label": 1}\n', "is JSON: write it as a table by pandas"),
        ("\n<!DOCTYPE html>\n", "is a page of the web"),
        ("version https://git-lfs.github.com/spec/v1\n", "is only a pointer of Git LFS"),
        ("text,label,split\na,1,train\nb,1,val\nc,0,test\n", "train has no text with the label 0: add some"),
        ('text,label\n"a,1\nb,0\nc",1\nd,0\n', "line 2: it goes on over other rows; look for a quotation mark"),
    ],
)
def test_what_is_missing_is_named(tmp_path, content, message):
    path = tmp_path / "mine.csv"
    path.write_text(content)
    with pytest.raises(ValueError, match=f"{re.escape(str(path))}.*{message}"):
        load_texts(path)


def test_a_column_of_splits_and_what_is_left_out(tmp_path, capsys):
    path = tmp_path / "mine.csv"
    path.write_text("Review;Sentiment;split;id\na;pos;train;1\nb;neg;train;2\na;neg;dev;3\nc, d;pos;test;4\n")
    data = load_texts(path)
    assert {split: part.num_rows for split, part in data.items()} == {"train": 2, "validation": 1, "test": 1}
    assert data["test"]["text"][:] == ["c, d"]
    printed = capsys.readouterr().out
    assert "columns left out: id" in printed and "1 texts stand in more than one split" in printed
    assert "1 texts have two labels" in printed


def test_equal_texts_stay_together(tmp_path):
    path = table(tmp_path, ["0", "1"])
    path.write_text(path.read_text() + "\n" + "\n".join(path.read_text().splitlines()[1:]))
    data = load_texts(path)
    texts = [set(part["text"][:]) for part in data.values()]
    assert total(data) == 80 and sum(map(len, texts)) == len(set.union(*texts)) == 40


def test_texts_that_differ_in_capitals_and_blanks_stay_together(tmp_path, capsys):
    path = table(tmp_path, ["0", "1"])
    path.write_text(path.read_text() + "\n" + path.read_text().partition("\n")[2].title().replace(" ", "  "))
    data = load_texts(path)
    texts = [{" ".join(text.lower().split()) for text in part["text"]} for part in data.values()]
    assert total(data) == 80 and sum(map(len, texts)) == len(set.union(*texts)) == 40
    path.write_text("text,label,split\na b,1,train\nc,0,train\nA  B,1,test\nd,0,test\ne,1,val\nf,0,val")
    load_texts(path)
    assert "1 texts stand in more than one split" in capsys.readouterr().out


def test_labels_that_differ_in_blanks_are_one(tmp_path):
    assert names(load_texts(table(tmp_path, ["very good", "very  good", "very\u00a0go\u200bod", "bad"]))) == [
        "bad",
        "very good",
    ]


def test_a_split_without_a_label_is_said(tmp_path, capsys):
    path = tmp_path / "mine.csv"
    path.write_text("text,label,split\na,1,train\nb,0,train\nc,1,test\nd,1,val\ne,0,val")
    load_texts(path)
    assert (
        "test has no text with the label 0" in (printed := capsys.readouterr().out) and "validation has" not in printed
    )
    path.write_text("text,label\nGr\ufffd\ufffde,0\na,0\nb,0\nc,1\nd,1\ne,1")
    load_texts(path)
    assert "has \ufffd in 2 places: letters were lost when it was saved" in capsys.readouterr().out


def test_a_table_that_may_not_be_read_is_named(tmp_path, monkeypatch):
    path = table(tmp_path, ["0", "1"])
    monkeypatch.setattr(type(path), "read_bytes", lambda self: os.stat("/nowhere/at/all"))
    with pytest.raises(ValueError, match=r"mine\.csv cannot be opened \(No such file or directory\): may you read it"):
        load_texts(path)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(ValueError, match=f"{tmp_path} cannot be opened: may you read it"):
        load_texts(tmp_path)


def test_a_tables_name_and_its_column_of_splits_agree(tmp_path):
    table(tmp_path, ["a", "b"], 5, name="test.csv")
    path = table(tmp_path, ["a", "b"], 5, name="train.csv")
    path.write_text("text,label,split\na,1,train\nb,0,test\n")
    with pytest.raises(ValueError, match=r"train\.csv, line 3: its column split says 'test'; correct it"):
        load_texts(tmp_path)


def test_a_folder_of_tables(tmp_path, capsys):
    table(tmp_path, ["a", "b"], name="train.csv")
    table(tmp_path, ["a", "b"], 5, name="test.csv")
    (tmp_path / "._test.csv").write_bytes(b"\0")
    (tmp_path / "notes.doc").write_bytes(b"\0")
    data = load_texts(tmp_path)
    assert {split: part.num_rows for split, part in data.items()} == {"train": 36, "validation": 4, "test": 10}
    printed = capsys.readouterr().out
    assert "(validation drawn from train)" in printed and "left out beside the tables: notes.doc" in printed
    table(tmp_path, ["a"], name="films.csv")
    with pytest.raises(ValueError, match=r"films\.csv is none of train, validation and test: rename it"):
        load_texts(tmp_path)


@pytest.mark.parametrize("splits", [["train", "test"], [""]])
def test_folders_of_files(tmp_path, splits, capsys):
    for split in splits:
        for label in ("good [new]", "Ju\u0308rgen"):
            folder = tmp_path / "WS24 [1]" / split / label
            folder.mkdir(parents=True)
            for k in range(10):
                (folder / f"{k} [x].txt").write_text(f" {split} {label} {k}\n", encoding="utf-16")
            (folder / "._1.txt").write_bytes(b"\0")
            (folder / "scan.pdf").write_bytes(b"\0")
    (tmp_path / "WS24 [1]" / "__MACOSX").mkdir()
    data = load_texts(tmp_path / "WS24 [1]")
    assert total(data) == 20 * len(splits) and names(data) == ["good [new]", "J\u00fcrgen"]
    assert data["test"].num_rows == (20 if len(splits) == 2 else 2)
    assert f"no .txt of a label: {2 * len(splits)}, first" in capsys.readouterr().out
    (folder / "empty.txt").write_text(" \n")
    with pytest.raises(ValueError, match=r"empty\.txt is empty"):
        load_texts(tmp_path / "WS24 [1]")
    (folder / "empty.txt").unlink()
    (folder.parent / "none").mkdir()
    with pytest.raises(ValueError, match=r"none holds no text \(\.txt\): add some, or delete the folder"):
        load_texts(tmp_path / "WS24 [1]")


def test_what_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"mine\.csv is missing"):
        load_texts(tmp_path / "mine.csv")
    with pytest.raises(FileNotFoundError, match="holds no texts: expected train"):
        load_texts(tmp_path)
