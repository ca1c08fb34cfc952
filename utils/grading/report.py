"""The class at a glance: who needs a look, how the points lie, what fails most often. A page that needs no network."""

import io
from base64 import b64encode
from collections import Counter
from html import escape
from pathlib import Path

import nbformat
from matplotlib.figure import Figure
from nbgrader.api import Assignment, Gradebook

from utils.grading import status

STYLE = "body{font:16px sans-serif;margin:2em} td,th{padding:.2em .8em;text-align:left}"
TASK = ["cell", "points", "graded", "all points", "none", "fails most often with"]


def write(gradebook: Gradebook, assignment: Assignment, grading: Path) -> Path:
    """Write grading/report_<assignment>.html; its path."""
    rows = status.rows(gradebook, assignment, grading)
    counts = Counter(row.status for row in rows)
    look = [(row.student, row.status, row.note) for row in rows if row.status not in ("graded", "renamed")]
    ran = {row.id for row in rows if row.status not in ("missing", "unreadable")}
    final = Counter(row.score for row in rows if row.score is not None)
    said = ", ".join(f"{counts[word]} {word}" for word in status.WORDS if counts[word])
    page = [
        f"<!DOCTYPE html><html lang='en'><meta charset='utf-8'><title>{escape(assignment.name)}</title>",
        f"<style>{STYLE}</style><h1>{escape(assignment.name)}</h1><p>{len(rows)} students: {said}.</p>",
        _picture(final, assignment.max_score) if final else "",
        f"<h2>Who needs a look</h2>{_table(['student', 'status', 'note'], look) if look else '<p>Nobody.</p>'}",
        f"<h2>Tasks</h2>{_table(TASK, _tasks(gradebook, assignment, grading, ran))}",
    ]
    path = grading / f"report_{assignment.name}.html"
    path.write_text("\n".join(page), encoding="utf-8")
    return path


def _tasks(gradebook: Gradebook, assignment: Assignment, grading: Path, students: set[str]) -> list[tuple]:
    """A row for each graded cell, over those whose points for it are known."""
    points: dict[tuple, list] = {(n.name, c.name, c.max_score): [] for n in assignment.notebooks for c in n.grade_cells}
    failures: dict[tuple, Counter] = {key[:2]: Counter() for key in points}
    for submission in assignment.submissions:
        if submission.student.id not in students:
            continue
        for notebook in submission.notebooks:
            path = grading / "autograded" / submission.student.id / assignment.name / f"{notebook.name}.ipynb"
            if not path.is_file():
                continue
            for grade in notebook.grades:
                if not grade.needs_manual_grade:
                    points[notebook.name, grade.name, grade.max_score].append(grade.score)
            for cell in nbformat.read(path, as_version=4).cells:
                key = (notebook.name, cell.metadata.get("nbgrader", {}).get("grade_id"))
                errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
                if key in failures and errors and "look" not in cell.metadata:
                    failures[key][f"{errors[0].ename}: {errors[0].evalue}".strip(": ")[:200]] += 1
    rows = []
    for (notebook, cell, worth), given in points.items():
        common = failures[notebook, cell].most_common(1)
        most = f"{common[0][0]} ({common[0][1]} of {failures[notebook, cell].total()})" if common else ""
        name = cell if len(assignment.notebooks) == 1 else f"{notebook}: {cell}"
        rows.append((name, f"{worth:g}", len(given), sum(p == worth for p in given), sum(p == 0 for p in given), most))
    return rows


def _table(heads: list[str], rows: list[tuple]) -> str:
    lines = ["".join(f"<td>{escape(str(cell))}</td>" for cell in row) for row in rows]
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    return f"<table><tr>{head}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def _picture(final: Counter, best: float) -> str:
    """A histogram of the points that are final."""
    figure = Figure(figsize=(7, 2.5), layout="constrained")
    axes = figure.subplots()
    axes.bar(list(final), list(final.values()), width=0.8 * best / 20)
    axes.set(xlim=(-0.03 * best, 1.03 * best), xlabel="points", ylabel="students", title="Points that are final")
    axes.yaxis.get_major_locator().set_params(integer=True)
    figure.savefig(png := io.BytesIO(), format="png", dpi=100)
    alt = "Students with " + ", ".join(f"{points:g} points: {final[points]}" for points in sorted(final))
    return f'<img alt="{alt}" src="data:image/png;base64,{b64encode(png.getvalue()).decode()}">'
