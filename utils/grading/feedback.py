"""What students and markers get to see: no hidden test, no script of a stranger, nothing from the network."""

import re
from html import escape
from pathlib import Path

from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors.sanitize import SanitizeHTML
from nbformat.v4 import new_output
from nbgrader.api import Assignment
from nbgrader.preprocessors import GetGrades, NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution

from utils.grading import status
from utils.grading.execute import HIDDEN

FAILS = "A hidden test fails: it calls your code with other values than the visible ones."
UNMARKED = "Not marked yet: the 0 is none."
UNGRADED = {  # what happened, and what a student does about it
    "missing": "No notebook of yours arrived for this exercise, so it has no points yet. "
    "If you wrote one, hand in the file {} and tell your instructor.",
    "unreadable": "What you handed in cannot be read as the notebook of this exercise, so it has no points yet. "
    "Open {} in JupyterLab, save it, hand in that very file, and tell your instructor; if it does not open, "
    "start from a new copy of the exercise.",
    "failed": "Your notebook arrived, but could not be graded by machine, so it has no points yet. "
    "Your instructor looks at it; you need not do anything.",
}
PAGE = (
    "<!DOCTYPE html><html lang='en'><meta charset='utf-8'><title>{title}</title>"
    "<style>body{{font:16px sans-serif;margin:2em;max-width:40em}}</style><h1>{title}</h1>{lines}</html>"
)
TAGS = """a b blockquote br code div em h1 h2 h3 h4 h5 h6 hr i img li ol p pre span strong sub sup
table tbody td th thead tr ul"""


class Harmless(SanitizeHTML):
    """Takes scripts out of what students wrote and what their code displayed; markers open it in their browser."""

    enabled = True

    def __init__(self, **options):
        super().__init__(**options)
        self.tags, self.strip = TAGS.split(), True
        self.attributes = {"*": ["class"], "a": ["href"], "img": ["src", "alt"], "td": ["colspan"], "th": ["colspan"]}

    def preprocess_cell(self, cell, resources, index):
        if cell.cell_type == "code" or re.search(r"<[a-zA-Z/!?]", cell.source):  # else > would become &gt; for nothing
            return super().preprocess_cell(cell, resources, index)
        return cell, resources

    def sanitize_html_tags(self, html):
        """Of scripts and styles nothing stays, of other tags that are not allowed their text."""
        return super().sanitize_html_tags(re.sub(r"<(script|style)\b.*?</\1\s*>", "", html, flags=re.S | re.I))


class HideTests(NbGraderPreprocessor):
    """Leaves the hidden tests out of feedback, and all that was said while they ran."""

    def preprocess_cell(self, cell, resources, cell_index):
        if cell.cell_type == "code" and is_grade(cell) and not is_solution(cell) and HIDDEN in cell.source:
            cell.source = cell.source.partition(HIDDEN)[0].rstrip()
            visible = len(cell.outputs) - cell.metadata.get("hidden_outputs", len(cell.outputs))
            failed = any(output.output_type == "error" for output in cell.outputs[visible:])
            cell.outputs = cell.outputs[:visible]
            if failed:
                cell.outputs.append(new_output("error", ename="HiddenTest", evalue=FAILS, traceback=[FAILS]))
        return cell, resources


class GetGradesSoFar(GetGrades):
    """nbgrader's, and where a person is still to mark, the page says so."""

    def _get_score(self, cell, resources):
        super()._get_score(cell, resources)
        name = cell.metadata.nbgrader.grade_id
        grade = self.gradebook.find_grade(name, self.notebook_id, self.assignment_id, self.student_id)
        if grade.needs_manual_grade:
            cell.metadata.nbgrader["comment"] = UNMARKED


class OfflineHTML(HTMLExporter):
    """nbconvert's pages without their scripts, which come from the network; formulas stay as they were typed."""

    def from_notebook_node(self, nb, resources=None, **options):
        page, resources = super().from_notebook_node(nb, resources, **options)
        return re.sub(r"<script\b.*?</script>", "", page, flags=re.S | re.I), resources


def write_ungraded(assignment: Assignment, rows: list[status.Row], grading: Path) -> None:
    """A page, too, for each notebook that has no points because nothing arrived, or nothing that could be graded."""
    known = status.read(grading, assignment.name)
    for row in rows:
        student = known.get(row.id)
        for notebook in assignment.notebooks:
            own = status.of_notebook(student, grading, assignment.name, row.id, notebook.name)
            failed = student and student["failed"] and own["status"] not in UNGRADED
            word = "failed" if failed else own["status"]
            if word not in UNGRADED:
                continue
            notes = [] if word == "failed" else [f"What was found: {note}." for note in own["notes"]]
            lines = "".join(f"<p>{escape(t)}</p>" for t in [UNGRADED[word].format(f"{notebook.name}.ipynb"), *notes])
            path = grading / "feedback" / row.id / assignment.name / f"{notebook.name}.html"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(PAGE.format(title=escape(notebook.name), lines=lines), encoding="utf-8")
