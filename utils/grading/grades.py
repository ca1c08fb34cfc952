"""nbgrader's export, with a column that says what happened: grading/grades.csv."""

import csv
from pathlib import Path

from nbgrader.plugins import ExportPlugin

from utils.grading import status


class ExportWithStatus(ExportPlugin):
    """A row for each assignment and student: `score` if it is final, else empty; `points` up to now."""

    def export(self, gradebook):
        to = Path(self.to)
        with open(to, "w", newline="", encoding="utf-8-sig") as file:  # spreadsheets take UTF-8 for it by the mark
            table = csv.writer(file)
            table.writerow(["assignment", "student_id", "status", "score", "max_score", "points", "timestamp", "note"])
            for assignment in gradebook.assignments:
                if self.assignment and assignment.name not in map(str, self.assignment):
                    continue
                for row in status.rows(gradebook, assignment, to.parent):
                    if self.student and row.student not in map(str, self.student):
                        continue
                    cells = [row.score, assignment.max_score, row.points]
                    cells = ["" if cell is None else f"{cell:g}" for cell in cells]
                    texts = [assignment.name, row.student, row.status, *cells, row.timestamp, row.note]
                    table.writerow([_harmless(text) for text in texts])


def _harmless(text: str) -> str:
    """A spreadsheet would run a text that begins like a formula; students choose the names of their files."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t")) else text
