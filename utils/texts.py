"""Texts of one's own with a label each: a table or a folder becomes what the lessons load.

    reviews = load_texts("mine.csv")   # train, validation, test, each with the columns text and label

One of these:

    mine.csv             a column `text` (or sentence, review) and a column `label` (or class, sentiment, stars);
                         a column `split` with train, validation, test if you want to say what is what
    folder/train.csv …   validation.csv, test.csv: such tables
    folder/train/good/1.txt …   a folder for each split, in it one for each label, in it a file for each text
    folder/good/1.txt …         a folder for each label
"""

import os
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
from datasets import ClassLabel, Dataset, DatasetDict, Features, Value

from utils.folders import contents
from utils.tables import as_name, read_table, read_text, tidy

SPLITS = {"train": "train", "validation": "validation", "test": "test", "val": "validation", "valid": "validation",
          "dev": "validation"}  # fmt: skip
NAMES = {"text": ("text", "sentence", "review"), "label": ("label", "class", "sentiment", "stars")}
TABLES = (".csv", ".tsv")
MOST = 10  # labels, if there are fewer than two texts for each
PART = 0.1  # of the texts of each label, for validation and for test


def load_texts(source: str | Path) -> DatasetDict:
    """Load texts and their labels from a table or a folder (see above).

    Returns a DatasetDict with train, validation and test, each with the columns `text` and `label`, an integer;
    `features["label"].names` has the names: numbers by their value, words by the alphabet. Splits that are missing are
    taken from train: a tenth of each label's texts, at least one; texts that are equal but for capitals and blanks stay
    in one split. All rows are in a random order, which is always the same. What was found and made is printed.
    Raises FileNotFoundError or ValueError, with file and line, if something is missing or empty, if all have one
    label or nearly every text its own, if a label is missing in train or has too few texts to be split, and as for
    `read_table`.
    """
    source = Path(source).expanduser()
    rows, notes = (_of_folder if os.path.isdir(source) else _of_table)(source)
    rows["label"] = rows["label"].map(as_name)
    rows["key"] = rows["text"].str.casefold().str.split().str.join(" ")
    names = _classes(source, rows)
    rows["label"] = rows["label"].map(names)
    order = np.random.default_rng(0).permutation(len(rows))
    rows = rows.iloc[order].reset_index(drop=True)
    if absent := set(rows["label"]) - set(rows["label"][rows["split"] == "train"]):
        raise ValueError(f"{source}: train has no text with the label {', '.join(sorted(absent))}: add some")
    made = [split for split in ("validation", "test") if split not in set(rows["split"])]
    for k, split in enumerate(made):
        rows.loc[_drawn(source, rows, PART / (1 - k * PART), 1 + len(made)), "split"] = split
    listed = list(dict.fromkeys(names.values()))
    for split in ("validation", "test"):
        if absent := set(listed) - set(rows["label"][rows["split"] == split]):
            notes.append(f"{split} has no text with the label {', '.join(sorted(absent))}")
    shared = rows.groupby("key")["split"].nunique()
    if count := int((shared > 1).sum()):
        notes.append(f"{count} texts stand in more than one split, so the test looks better than it is")
    if count := int((rows.groupby("key")["label"].nunique() > 1).sum()):
        notes.append(f"{count} texts have two labels: one must be wrong")
    features = Features({"text": Value("string"), "label": ClassLabel(names=listed)})
    parts = {}
    for split in ("train", "validation", "test"):
        part = rows[rows["split"] == split]
        columns = {"text": part["text"].tolist(), "label": [listed.index(name) for name in part["label"]]}
        parts[split] = Dataset.from_dict(columns, features=features, split=split)
    sizes = ", ".join(f"{split} {part.num_rows}" for split, part in parts.items())
    made = f" ({' and '.join(made)} drawn from train)" if made else ""
    labels = ", ".join(f"{k} = {name}" for k, name in enumerate(listed))
    print("; ".join([f"{source.name}: {len(rows)} texts: {sizes}{made}; labels {labels}", *notes]))
    return DatasetDict(parts)


def _of_table(path: Path, split: str = "train") -> tuple[pd.DataFrame, list[str]]:
    """Columns text, label, split (that given, if the table has none), where, and what was left out."""
    table = read_table(path)
    found = {}
    for wanted, names in NAMES.items():
        here = [name for name in names if name in table]
        if len(here) > 1 and here[0] != wanted:
            raise ValueError(f"{path} has columns {' and '.join(here)}: name the one to take {wanted!r}")
        if not here:
            raise ValueError(
                f"{path} has no column {wanted}: its first line names {', '.join(table)}; name one {' or '.join(names)}"
            )
        found[here[0]] = wanted
    splits = table["split"] if "split" in table else pd.Series(split, index=table.index)
    rows = table[list(found)].rename(columns=found)
    rows["split"] = splits.str.lower().map(lambda name: SPLITS.get(name, ""))
    rows["where"] = [f"{path}, line {line}" for line in table.index]
    for where, name, known in zip(rows["where"], splits, rows["split"], strict=True):
        if not known:
            raise ValueError(f"{where}: there is no split {name!r}; write train, validation or test")
    known = {re.escape(label) for label in rows["label"]} - {""}
    swallowed = re.compile(rf"[,;\t] *(?:{'|'.join(sorted(known))}) *[\r\n]") if known else None
    for where, text, label in zip(rows["where"], rows["text"], rows["label"], strict=True):
        for name, value in (("text", text), ("label", label)):
            if not value:
                raise ValueError(f"{where}: {name} is empty; fill it in, or take the line out")
        if len(label.splitlines()) > 1 or (("\n" in text or "\r" in text) and swallowed.search(text)):
            raise ValueError(f"{where}: it goes on over other rows; look for a quotation mark that stays open")
    left = [name for name in table if name not in found and name != "split"]
    return rows.reset_index(drop=True), [f"columns left out: {', '.join(left)}"] if left else []


def _of_folder(folder: Path) -> tuple[pd.DataFrame, list[str]]:
    """As `_of_table`, from tables, or from folders of labels."""
    here = contents(folder)
    tables = [path for path in here if path.is_file() and path.suffix.lower() in TABLES]
    if tables:
        return _of_tables(folder, here, tables)
    folders = [path for path in here if path.is_dir()]
    splits = [path for path in folders if path.name.lower() in SPLITS]
    if splits and len(splits) < len(folders):
        other = next(path.name for path in folders if path not in splits)
        raise ValueError(f"{folder} holds splits and {other}, which is none: call it train, validation or test")
    found, empty, left = [], [], [path.relative_to(folder) for path in here if path.is_file()]
    for split in splits or [folder]:
        for label in contents(split):
            if not label.is_dir():
                if split != folder:
                    left.append(label.relative_to(folder))
                continue
            before = len(found)
            for path in contents(label):
                if path.suffix.lower() == ".txt" and path.is_file():
                    text = tidy(read_text(path))
                    if not text:
                        raise ValueError(f"{path} is empty: write the text, or delete it")
                    name = SPLITS[split.name.lower()] if splits else "train"
                    found.append((text, as_name(label.name) or label.name, name, str(path)))
                else:
                    left.append(path.relative_to(folder))
            if len(found) == before:
                empty.append(label)
    if found and empty:
        raise ValueError(f"{empty[0]} holds no text (.txt): add some, or delete the folder")
    if not found:
        raise FileNotFoundError(
            f"{folder} holds no texts: expected train.csv, or <label>/<text>.txt, or train/<label>/<text>.txt"
        )
    notes = [f"left out, as they are no .txt of a label: {len(left)}, first {left[0]}"] if left else []
    return pd.DataFrame(found, columns=["text", "label", "split", "where"]), notes


def _of_tables(folder: Path, here: list[Path], tables: list[Path]) -> tuple[pd.DataFrame, list[str]]:
    parts, notes, splits = [], [], set()
    for path in tables:
        split = SPLITS.get(path.stem.lower())
        if split is None:
            raise ValueError(f"{path} is none of train, validation and test: rename it, or give load_texts this table")
        if split in splits:
            raise ValueError(f"{path}: there is another table for {split}; keep one of them")
        splits.add(split)
        rows, left = _of_table(path, split)
        if len(other := rows[rows["split"] != split]):
            raise ValueError(f"{other['where'].iloc[0]}: its column split says {other['split'].iloc[0]!r}; correct it")
        parts.append(rows)
        notes += left
    if others := [path.name for path in here if path not in tables]:
        notes.append(f"left out beside the tables: {', '.join(others)}")
    return pd.concat(parts, ignore_index=True), list(dict.fromkeys(notes))


def _classes(source: Path, rows: pd.DataFrame) -> dict[str, str]:
    """Each label as it is written -> the name of its class, in the order of the classes."""
    written = list(dict.fromkeys(rows["label"]))
    values = {label: _number(label) for label in written}
    if None in values.values():
        names = {label: label for label in sorted(written, key=lambda label: (label.casefold(), label))}
        folded = {}
        for label in names:
            if (other := folded.setdefault(label.casefold(), label)) != label:
                where = rows["where"][rows["label"] == label].iloc[0]
                raise ValueError(f"{where}: the label {label!r} stands elsewhere as {other!r}; write one of them")
    else:  # 1 and 1.0 are one class, which has the shortest of its names
        names = {}
        for label in sorted(written, key=lambda label: (values[label], len(label), label)):
            names[label] = next((name for name in names.values() if values[name] == values[label]), label)
    if len(set(names.values())) < 2:
        raise ValueError(f"{source}: all texts have the label {written[0]!r}: at least two labels are needed")
    if (count := len(set(names.values()))) > MOST and 2 * count > len(rows):
        raise ValueError(f"{source} has {count} labels for {len(rows)} texts: is the column of labels the right one?")
    return names


def _number(label: str) -> Decimal | None:
    label = label.replace("\u2212", "-")  # a typographic minus
    return Decimal(label.replace(",", ".")) if re.fullmatch(r"[+-]?[0-9]+([.,][0-9]+)?", label) else None


def _drawn(source: Path, rows: pd.DataFrame, part: float, needed: int) -> list[int]:
    """The rows of a `part` of each label's texts in train, at least one of `needed`; equal texts go together."""
    train = rows[rows["split"] == "train"]
    firsts = train.drop_duplicates("key")
    if few := [label for label, count in Counter(rows["label"]).items() if (firsts["label"] == label).sum() < 2]:
        raise ValueError(
            f"{source}: the label {few[0]!r} has too few different texts to be split; write {needed} at least, or "
            "leave it out"
        )
    drawn = set()
    for _, texts in firsts.groupby("label")["key"]:
        drawn |= set(texts.iloc[: max(1, round(part * len(texts)))])
    return train.index[train["key"].isin(drawn)].tolist()
