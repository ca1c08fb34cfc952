"""What students and markers get to see: no hidden test, no script of a stranger, nothing from the network."""

import re

from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors.sanitize import SanitizeHTML
from nbformat.v4 import new_output
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution

from utils.grading.execute import HIDDEN

FAILS = "A hidden test fails: it calls your code with other values than the visible ones."
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


class OfflineHTML(HTMLExporter):
    """nbconvert's pages without their scripts, which come from the network; formulas stay as they were typed."""

    def from_notebook_node(self, nb, resources=None, **options):
        page, resources = super().from_notebook_node(nb, resources, **options)
        return re.sub(r"<script\b.*?</script>", "", page, flags=re.S | re.I), resources
