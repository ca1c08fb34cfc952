"""How exercises are graded: nbgrader's execution, and a proof from each test cell that its asserts ran.

nbgrader gives a test cell full points if it ends without an error. A submission can see to that by a hook that
takes the asserts out of every cell before Python sees them. So each test cell gets an opening that writes a secret
word, and only if an assert fails in it as it must. A cell that does not write its word gets an error, hence 0 points.
"""

from secrets import token_hex

from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute
from nbgrader.utils import is_grade

OPENING = """\
try:
    assert get_ipython().ast_transformers
except AssertionError:
    __import__("sys").stdout.write("{word}\\n")
"""


class ExecuteFairly(Execute):
    """nbgrader's Execute (its options apply), in which a test cell counts only if its asserts really ran."""

    def preprocess_cell(self, cell, resources, index):
        if cell.cell_type != "code" or not is_grade(cell):
            return super().preprocess_cell(cell, resources, index)
        source, word = cell.source, token_hex()
        cell.source = OPENING.format(word=word) + source
        cell, resources = super().preprocess_cell(cell, resources, index)
        cell.source = source
        if not _take_out(word + "\n", cell.outputs):
            message = "the asserts of this cell did not run: the notebook changes how cells are executed"
            cell.outputs.append(new_output("error", ename="Unfair", evalue=message, traceback=[message]))
        return cell, resources


def _take_out(word: str, outputs: list) -> bool:
    """Remove the word from what was printed; False if it is not there."""
    for output in outputs:
        if output.get("name") == "stdout" and word in output.text:
            output.text = output.text.replace(word, "")
            if not output.text:
                outputs.remove(output)
            return True
    return False
