"""The folders of a course and nbgrader's commands on them, one student at a time, so that no one stops the rest."""

import logging
import re
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import asdict
from pathlib import Path

import nbformat
from filelock import FileLock, Timeout
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import PyFileConfigLoader
from traitlets.log import get_logger

from utils.checkpoints import REGISTRY, checkpoint
from utils.folders import contents
from utils.grading import feedback, status
from utils.grading.submissions import Notebook, fingerprint, prepare, student_id


class Course:
    """A course: the folder that holds nbgrader_config.py. FileNotFoundError if it does not."""

    def __init__(self, root: Path, sandbox: bool = True):
        self.root = root.resolve()
        if not (self.root / "nbgrader_config.py").is_file():
            raise FileNotFoundError(f"{self.root} has no nbgrader_config.py: go to the course's folder")
        self.config = PyFileConfigLoader("nbgrader_config.py", path=str(self.root)).load_config()
        self.config.ExecuteFairly.sandbox = sandbox
        self.sources = self.root / self.config.CourseDirectory.source_directory
        self.grading = self.root / "grading"

    def assignments(self) -> list[str]:
        return [path.name for path in contents(self.sources) if path.is_dir()]

    def gradebook(self) -> Gradebook:
        return Gradebook(self.config.CourseDirectory.db_url)

    def release(self, assignment: str) -> Path:
        """Write the student edition; its folder. RuntimeError with what nbgrader said if it cannot."""
        if problem := self._run(GenerateAssignment, assignment):
            raise RuntimeError(f"{assignment} cannot be released: {problem}")
        return self.grading / "release" / assignment

    def editions(self, place: Path | None = None) -> list[Path]:
        """Write to `place` each notebook of the student edition that is not there yet: students write in them.

        Without a place that is the course's exercises/. The gradebook takes no notice. RuntimeError if nbgrader cannot.
        """
        new = []
        place = place or self.root / "exercises"
        with tempfile.TemporaryDirectory() as folder:
            for assignment in self.assignments():
                own = place / assignment
                sources = sorted((self.sources / assignment).glob("*.ipynb"))
                missing = [own / source.name for source in sources if not (own / source.name).exists()]
                if missing and (problem := self._run(GenerateAssignment, assignment, release_directory=folder)):
                    raise RuntimeError(f"{assignment} has no student edition: {problem}")
                for path in missing:
                    own.mkdir(parents=True, exist_ok=True)
                    text = (Path(folder) / assignment / path.name).read_text(encoding="utf-8")
                    path.write_text(text.replace("](../../", "](../../notebooks/"), encoding="utf-8")  # to lessons
                new += missing
        return new

    def released(self, assignment: str) -> dict[str, NotebookNode]:
        """The student edition of each notebook. FileNotFoundError if the assignment was not released."""
        folder = self.grading / "release" / assignment
        if not folder.is_dir():
            raise FileNotFoundError(f"{assignment} was not released: make release ASSIGNMENT={assignment}")
        return {path.stem: nbformat.read(path, as_version=4) for path in sorted(folder.glob("*.ipynb"))}

    def grade(self, assignment: str, say=print) -> None:
        """Grade who handed in something new; `say` gets a line for each student. The status file says what happened."""
        released = self.released(assignment)
        folders = self._folders(assignment)
        with self._alone():
            self._assemble_checkpoints(assignment)
            known = status.read(self.grading, assignment)
            for student, folder in folders.items():
                content = fingerprint(folder, self.sources / assignment)
                before = known.get(student, {"content": None})
                if before["content"] == content and not before["failed"]:
                    say(f"{student}: as graded before")
                    continue
                known[student] = {"folder": folder.parent.name, "content": content}
                known[student] |= self._grade_one(assignment, student, folder, released)
                status.write(self.grading, assignment, known)  # after each: who stops here goes on from here
                said = {name: notebook["status"] for name, notebook in known[student]["notebooks"].items()}
                failed = known[student]["failed"]
                say(f"{student}: {failed or ', '.join(f'{name} {word}' for name, word in said.items())}")

    def feedback(self, assignment: str) -> Path:
        """Write a page for each student and notebook; the folder. RuntimeError if nbgrader cannot."""
        ran = any((self.grading / "autograded").glob(f"*/{assignment}/*.ipynb"))
        if ran and (problem := self._run(GenerateFeedback, assignment, "*")):
            raise RuntimeError(f"no feedback on {assignment}: {problem}")
        with self.gradebook() as gradebook:
            found = gradebook.find_assignment(assignment)
            feedback.write_ungraded(found, status.rows(gradebook, found, self.grading), self.grading)
        return self.grading / "feedback"

    def _folders(self, assignment: str) -> dict[str, Path]:
        """By nbgrader's name for the student: the folder of what was handed in. ValueError if two share a name."""
        folders = {}
        submitted = self.grading / "submitted"
        for student in contents(submitted) if submitted.is_dir() else []:
            if not (student / assignment).is_dir():
                continue
            if (own := student_id(student.name)) in folders:
                other = folders[own].parent.name
                raise ValueError(f"{submitted}: {other} and {student.name} are one name to nbgrader: rename one")
            folders[own] = student / assignment
        if not folders:
            raise FileNotFoundError(
                f"nobody handed in {assignment}: nothing lies at {submitted}/<student>/{assignment}"
            )
        return folders

    def _grade_one(self, assignment: str, student: str, folder: Path, released: dict[str, NotebookNode]) -> dict:
        """Prepare and grade; what became of each notebook, and why nbgrader failed if it did."""
        prepared = self.grading / "prepared" / student / assignment
        notebooks, failed = {name: Notebook("unclear") for name in released}, None
        try:
            notebooks = prepare(folder, released, prepared)
            if prepared.is_dir():
                failed = self._run(Autograde, assignment, student, submitted_directory="grading/prepared")
            for path in sorted(prepared.glob("*.ipynb")) if not failed else []:
                graded = self.grading / "autograded" / student / assignment / path.name
                if stopped := nbformat.read(graded, as_version=4).metadata.get("stopped"):
                    notebooks[path.stem].notes.append(stopped)
        except Exception as error:  # a stranger's files: whatever they do, the rest of the class is graded
            failed = f"{type(error).__name__}: {error}"
        return {"notebooks": {name: asdict(notebook) for name, notebook in notebooks.items()}, "failed": failed}

    def _run(self, converter: type, assignment: str, student: str = ".", **folders: str) -> str | None:
        """Run a step of nbgrader, what was done before anew. None if it went well, else the reason that it gives."""
        options = {"assignment_id": assignment, "student_id": student} | folders
        config = deepcopy(self.config)
        if "release_directory" in folders:  # the gradebook keeps what was released to the class
            config.SaveCells.enabled, config.GenerateAssignment.no_database = False, True
        step = converter(coursedir=CourseDirectory(config=config, **options), config=config)
        step.force = True
        lines, handler = [], logging.FileHandler(self.grading / "log.txt", encoding="utf-8")
        handler.addFilter(lambda record: lines.append(record.getMessage()) or True)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        log = get_logger()
        log.handlers, log.propagate = [handler], False
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "Object of type <Submitted")  # of nbgrader's own database
                step.start()
        except NbGraderException as error:
            causes = [text.strip().splitlines()[-1] for text in lines if text.startswith("Traceback")]
            return f"nbgrader failed ({causes[-1] if causes else error}); grading/log.txt says more"
        finally:
            handler.close()
            log.handlers = []
        return None

    def _assemble_checkpoints(self, assignment: str) -> None:
        """Those that the exercise names: in the sandbox nothing can be written into their cache."""
        text = "".join(path.read_text(encoding="utf-8") for path in (self.sources / assignment).glob("*.ipynb"))
        for role in sorted(set(re.findall(r'"([\w-]+)\\?"', text)) & set(REGISTRY)):
            checkpoint(role)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            with FileLock(self.grading / "lock", timeout=0):
                yield
        except Timeout:
            raise RuntimeError("another grading is running in this folder: wait for its end") from None
