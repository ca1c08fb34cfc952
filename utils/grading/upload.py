"""Points put into the table that a learning platform exports, for the platform to take it back.

Moodle   an assignment's grading worksheet: a row is "Participant 123456", as its archive's folder Anna Müller_123456
Canvas   the gradebook: the column ID has 12345, as its archive's file muelleranna_12345_67890_tiny.ipynb
"""

import csv
import io
import re
from pathlib import Path

from utils.grading.status import Row
from utils.tables import read_text


def fill_in(table: Path, column: str, rows: list[Row], to: Path) -> tuple[int, list[str]]:
    """Write the table to `to`, with the points that are final in `column`; all else stays as the platform wrote it.

    How many points were written, and a sentence for each student without. FileNotFoundError if there is no table,
    ValueError if it has no such column, or none with the students' numbers.
    """
    text = read_text(table).removeprefix("\ufeff")
    mark = max(",;\t", key=text.partition("\n")[0].count)
    head, *lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark)) or [[]]
    if head.count(column) != 1:
        raise ValueError(f"{table} has no column {column!r}, or several; say COLUMN=, one of: {', '.join(head)}")
    if problem := next((k for k, line in enumerate(lines, start=2) if len(line) != len(head)), None):
        raise ValueError(f"{table}, row {problem}: not as many values as the first row; export the table again")
    place = head.index(column)
    students = {number: row for row in rows if (number := _number(row.student))}
    found = [sum(_number(line[k]) in students for line in lines) for k in range(len(head))]
    found[place] = 0
    if not any(found):
        raise ValueError(f"{table} has no column with the numbers in which students' folders end: is it this class's?")
    numbers = found.index(max(found))
    listed = {students[n].student: line for line in lines if (n := _number(line[numbers])) in students}
    without = []
    for row in rows:
        if row.student in listed and row.score is not None:
            listed[row.student][place] = f"{row.score:g}"
        elif row.student in listed or row.status != "missing":  # of others' assignments
            without.append(f"{row.student}: {row.status if row.student in listed else 'not in the table'}")
    with open(to, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=mark).writerows([head, *lines])
    return sum(row.student in listed and row.score is not None for row in rows), without


def _number(text: str) -> str | None:
    """The number in which it ends, after anything but a digit."""
    number = re.fullmatch(r"(?:.*\D)?(\d+)", text.strip(), re.S)
    return number[1] if number else None
