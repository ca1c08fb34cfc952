"""Tables and texts as people have them, from Excel, a Mac or a script: read right, or refused in one sentence.

table = read_table("mine.csv")   # every value is text; table.index has the lines of the file
"""

import csv
import io
import os
import unicodedata
from collections import Counter
from pathlib import Path

import pandas as pd

DELIMITERS = ",;\t"
NAMES = {",": "commas", ";": "semicolons", "\t": "tabs"}
INVISIBLE = "\ufeff\u200b\u200e\u200f\u2060\u00ad"  # marks without a width that copying leaves in a value
NO_TABLES = {  # how a file begins that is something else
    "version https://git-lfs": "is only a pointer of Git LFS: fetch the file itself by `git lfs pull`",
    "<": "is a page of the web or XML: download the table itself",
    "{": 'is JSON: write it as a table by pandas, `read_json("…").to_csv("mine.csv", index=False)`',
    "[": 'is JSON: write it as a table by pandas, `read_json("…").to_csv("mine.csv", index=False)`',
}

csv.field_size_limit(10_000_000)  # characters in a value


def read_table(path: str | Path) -> pd.DataFrame:
    """Read a table with commas, semicolons or tabs, whose first line names the columns.

    UTF-8 and UTF-16 are read; what is neither is taken for cp1252, as older programs of Windows write, and that is
    printed. All values stay text (`NA`, `007`), without blanks around them, composed (NFC); names of columns are in
    small letters. The index has the line of the file at which a row begins; wholly empty lines are no rows.
    Raises FileNotFoundError if there is no such file; ValueError, with file and line, if it has no row, if a row has
    more or fewer values than there are columns, if a quotation mark stays open, or if it is no text.
    """
    path = Path(path).expanduser()
    text = read_text(path)
    for start, trouble in NO_TABLES.items():
        if text.lstrip().lower().startswith(start):
            raise ValueError(f"{path} {trouble}")
    skipped = 0
    if text.lower().startswith("sep=") and len(line := text.splitlines()[0].strip()) <= 5:  # a note for Excel
        text, skipped = text.partition("\n")[2], 1
        delimiter = line[4:] or "\t"
    else:
        delimiter = _delimiter(text)
    rows, lines = _rows(path, text, delimiter, skipped)
    if not rows:
        raise ValueError(f"{path} is empty: write a first line with the columns' names, and a row below for each item")
    columns = [name.lower() for name in rows[0]]
    for line, row in zip(lines[1:], rows[1:], strict=True):
        if len(row) != len(columns):
            raise ValueError(
                f"{path}, line {line}: it has {len(row)} values, and the first line names {len(columns)} columns (with "
                f"{NAMES.get(delimiter, repr(delimiter))} between); put values that contain {delimiter!r} into "
                "quotation marks"
            )
    table = pd.DataFrame(rows[1:], columns=range(len(columns)), index=lines[1:], dtype=object)
    unnamed = [k for k, name in enumerate(columns) if not name]
    if unnamed and (table[unnamed] != "").any(axis=None):
        raise ValueError(f"{path}: column {unnamed[0] + 1} has no name; name it in the first line, or take it out")
    table = table.drop(columns=unnamed)  # a spreadsheet's empty columns
    table.columns = [columns[k] for k in table.columns]
    if twice := [name for name, count in Counter(table.columns).items() if count > 1]:
        raise ValueError(f"{path} has two columns {twice[0]}: give each a name of its own")
    if not len(table):
        raise ValueError(f"{path} has no row below its first line: add one for each item")
    return table


def read_text(path: Path) -> str:
    """The text of a file, composed (NFC). FileNotFoundError if it is missing, ValueError if it is no text or may not be
    read. Marks for letters that were lost (�) are printed."""
    if not os.path.isfile(path):  # Path.is_file stops where one may not look
        raise FileNotFoundError(f"{path} is missing, or is no file: look whether its name is right")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path} cannot be opened ({error.strerror}): may you read it?") from error
    if data.startswith(b"PK\x03\x04"):
        raise ValueError(f"{path} is a workbook of Excel or another archive: save it as “CSV UTF-8”")
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        try:
            text = data.decode("cp1252") if encoding == "utf-8-sig" and b"\0" not in data else "\0"
        except UnicodeDecodeError:
            text = "\0"
        if "\0" not in text:
            print(f"{path.name} is not in UTF-8: read as cp1252 (Windows). Are letters like ä and é right?")
    if "\0" in text:
        raise ValueError(f"{path} cannot be read as text: save it in UTF-8 (in Excel “CSV UTF-8”)")
    if lost := text.count("\ufffd"):
        print(f"{path.name} has � in {lost} places: letters were lost when it was saved; save it anew, in UTF-8")
    return unicodedata.normalize("NFC", text)


def tidy(value: str) -> str:
    """The value without blanks and invisible marks around it, composed (NFC)."""
    while value != (value := value.strip().strip(INVISIBLE)):
        pass
    return unicodedata.normalize("NFC", value)


def as_name(value: str) -> str:
    """The name of a label, a class or a person: what differs only in blanks and marks that nobody sees is the same."""
    return " ".join("".join(letter for letter in tidy(value) if letter not in INVISIBLE).split())


def _delimiter(text: str) -> str:
    """What parts the first line that is not empty into most columns; a comma if nothing does."""
    first = next((line for line in io.StringIO(text, newline="") if line.strip()), "")

    def columns(delimiter: str) -> int:
        return len(next(csv.reader([first], delimiter=delimiter, skipinitialspace=True)))

    return max(DELIMITERS, key=columns)


def _rows(path: Path, text: str, delimiter: str, skipped: int) -> tuple[list[list[str]], list[int]]:
    """The rows that are not empty, and the line of the file at which each begins."""
    if delimiter not in DELIMITERS:
        raise ValueError(f"{path} says that {delimiter!r} parts its values: save it with commas, semicolons or tabs")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)
    rows, lines, begin = [], [], 1
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            if "field limit" in str(error):
                raise ValueError(
                    f"{path}, line {begin + skipped}: a value has more than {csv.field_size_limit():,} characters; "
                    "look for a quotation mark that stays open"
                ) from error
            raise ValueError(
                f"{path}, line {begin + skipped}: a quotation mark opens or closes at the wrong place ({error}); "
                'write "…" around the whole value and double those inside ("")'
            ) from error
        if row is None:
            return rows, lines
        row = [tidy(value) for value in row]
        if row and row != [""]:
            rows.append(row)
            lines.append(begin + skipped)
        begin = reader.line_num + 1
