"""How a submission is run: the student's cells in a sandboxed kernel, the tests in a process of their own.

The tests ask the student's kernel for values by their names, and call its functions with data (tester.py): no code of a
student runs where the tests are, and neither the tests nor what they expect gets into a student's kernel.

Visible and hidden tests of a cell run one after the other, so that feedback can leave out what the hidden ones say.
Where the kernel dies or a cell takes too long, the tests that fail from there on are left to a person.
"""

import ast
from time import monotonic

from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute, SaveAutoGrades
from nbgrader.utils import is_grade, is_locked, is_solution
from traitlets import Bool, Integer, default

from utils.grading.sandbox import SandboxedKernelManager
from utils.grading.testing import Testing

HIDDEN = "### BEGIN HIDDEN TESTS"


class ExecuteFairly(Execute):
    """nbgrader's Execute (its options apply), in a sandbox, with the tests in another process.

    Metadata that it leaves: `stopped` of a notebook (why), `look` of a cell (why a person must grade it),
    `hidden_outputs` of a test cell (how many of its outputs, the last ones, hidden tests wrote).
    """

    sandbox = Bool(True, help="run the code in a sandbox; without one it runs with your rights").tag(config=True)
    total_timeout = Integer(900, help="seconds that a notebook may take in all").tag(config=True)
    max_output = Integer(10_000_000, help="characters that a notebook may write in all").tag(config=True)

    def create_kernel_manager(self):
        self.kernel_manager_class = SandboxedKernelManager if self.sandbox else AsyncKernelManager
        manager = super().create_kernel_manager()
        if self.sandbox:
            manager.meeting = self.testing.folder
        return manager

    @default("timeout_func")
    def _timeout_func(self):
        return lambda cell: max(1, min(self.timeout, int(self.deadline - monotonic())))

    def preprocess(self, nb, resources, km=None):
        self.deadline, self.written, self.flooded = monotonic() + self.total_timeout, 0, False
        self.late = self.dead = False
        setup = [cell.source for cell in nb.cells if _ours(cell) and not is_grade(cell)]
        with Testing(self.sandbox, setup, self.total_timeout) as self.testing:
            return super().preprocess(nb, resources, km)

    def preprocess_cell(self, cell, resources, index):
        if cell.cell_type != "code":
            return cell, resources
        try:
            if self.dead:
                cell.outputs = [_error("NotRun", "not run: the kernel had ended before")]
            elif _ours(cell) and is_grade(cell):
                self._run_tests(cell, index)
            else:
                super().preprocess_cell(cell, resources, index)
        except (DeadKernelError, CellTimeoutError) as error:
            self.dead = True
            self._stop(index, self._cause(error))
            cell.outputs.insert(0, _error("Stopped", self.nb.metadata.stopped))
        if any(output.get("ename") == "CellTimeoutError" for output in cell.outputs):
            self.late = True
            self._stop(index, f"it took longer than {self.timeout_func(cell)} s")
        if is_grade(cell) and (self.dead or self.late) and any(o.output_type == "error" for o in cell.outputs):
            cell.metadata.look = self.nb.metadata.stopped
        return cell, resources

    def process_message(self, msg, cell, cell_index):
        """Endless output ends the kernel; it would fill this process's memory."""
        self.written += len(str(msg["content"]))
        if self.written > self.max_output:
            self.flooded = True
            self.km.provisioner.process.kill()
            return None
        return super().process_message(msg, cell, cell_index)

    def _stop(self, index: int, cause: str) -> None:
        self.nb.metadata.setdefault("stopped", f"stopped at cell {index + 1}: {cause}")

    def _cause(self, error: Exception) -> str:
        if self.flooded:
            return f"more than {self.max_output:,} characters of output"
        if isinstance(error, CellTimeoutError):
            return "it took too long or wrote too much, and could not be interrupted"
        return getattr(self.km, "killed", None) or "the kernel ended (os._exit, or out of memory)"

    def _run_tests(self, cell: NotebookNode, index: int) -> None:
        source, outputs = cell.source, []
        visible, hidden = _parts(source)
        cell.metadata.hidden_outputs = 0
        try:
            for part in filter(str.strip, (visible, hidden)):
                before = len(outputs)
                try:
                    self._run_part(cell, index, part, outputs)
                finally:  # the kernel may die
                    if part == hidden:
                        cell.metadata.hidden_outputs = len(outputs) - before
                if any(output.output_type == "error" for output in outputs):
                    break
        finally:
            cell.source, cell.outputs = source, outputs

    def _run_part(self, cell: NotebookNode, index: int, source: str, outputs: list[NotebookNode]) -> None:
        """Add what the tests write. Meanwhile the student's kernel answers; what else it writes is left out."""
        self.testing.ready()
        seconds = self.timeout_func(cell)
        self.testing.start(source, seconds)
        cell.source = self.testing.code()
        try:
            self.execute_cell(cell, index, store_history=False)
        finally:  # the kernel may die
            for places in self._display_id_map.values():
                places.pop(index, None)  # these outputs are gone
            outputs += map(from_dict, self.testing.outputs(seconds))
            outputs += [output for output in cell.outputs if output.get("ename") == "CellTimeoutError"]


class SaveGrades(SaveAutoGrades):
    """nbgrader's, except that a cell marked `look` gets no points and is left to a person."""

    def _add_score(self, cell, resources):
        super()._add_score(cell, resources)
        if "look" in cell.metadata:
            name = cell.metadata.nbgrader.grade_id
            grade = self.gradebook.find_grade(name, self.notebook_id, self.assignment_id, self.student_id)
            grade.auto_score, grade.needs_manual_grade = None, True
            self.gradebook.db.commit()


def _ours(cell: NotebookNode) -> bool:
    """True for code that the instructor wrote and nbgrader has put back: its cell is locked, and has a known name."""
    named = "grade_id" in cell.metadata.get("nbgrader", {})
    return cell.cell_type == "code" and named and is_locked(cell) and not is_solution(cell)


def _parts(source: str) -> tuple[str, str]:
    """The visible and the hidden tests of a cell; if it cannot be divided there, all of it is hidden."""
    visible, marker, hidden = source.partition(HIDDEN)
    if not marker:
        return source, ""
    try:
        ast.parse(visible), ast.parse(hidden.partition("\n")[2])
    except SyntaxError:
        return "", source
    return visible, marker + hidden


def _error(name: str, message: str) -> NotebookNode:
    return new_output("error", ename=name, evalue=message, traceback=[message])
