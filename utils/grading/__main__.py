"""The instructor's commands, in the course's folder (docs/instructors.md)."""

import argparse
import sys
from pathlib import Path

from utils.grading import archives, report, sandbox, status, upload
from utils.grading.course import Course
from utils.grading.grades import ExportWithStatus


def main(arguments: list[str] | None = None) -> int:
    """Run a command in the course's folder. 0 if it went well; else a sentence on stderr says what to do."""
    parser = argparse.ArgumentParser(prog="python -m utils.grading", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, command in COMMANDS.items():
        one = commands.add_parser(name, help=command.__doc__)
        if name != "editions":
            one.add_argument("assignment", help="a folder of notebooks/exercises, for example 03_attention")
        if name == "collect":
            one.add_argument("archive", type=_path, help="the ZIP archive that Moodle or Canvas made")
        if name == "upload":
            one.add_argument("table", type=_path, help="the CSV table that Moodle or Canvas exported")
            one.add_argument("--column", default="Grade", help="the column for the points (%(default)s)")
        if name == "grade":
            one.add_argument("--no-sandbox", action="store_true", help="run the students' code with your rights")
    options = parser.parse_args(arguments)
    try:
        course = Course(Path.cwd(), sandbox=not getattr(options, "no_sandbox", False))
        if options.command != "editions" and options.assignment not in course.assignments():
            known = ", ".join(course.assignments())
            raise ValueError(f"no assignment is called {options.assignment!r}: there are {known}")
        COMMANDS[options.command](course, options)
    except (ValueError, OSError, RuntimeError) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def _path(text: str) -> Path:
    return Path(text).expanduser()  # not every shell does it behind ZIP=


def editions(course: Course, options: argparse.Namespace) -> None:
    """write the student edition of all exercises to exercises/, for the lessons' links; what is there stays"""
    print(f"{len(course.editions())} exercises are new in {course.root / 'exercises'}")


def release(course: Course, options: argparse.Namespace) -> None:
    """write the student edition"""
    print(f"the student edition: {course.release(options.assignment)}")


def collect(course: Course, options: argparse.Namespace) -> None:
    """put what is in a ZIP archive of Moodle or Canvas where it is graded"""
    new, left_out = archives.collect(options.archive, options.assignment, course.grading)
    for sentence in left_out:
        print(f"left out: {sentence}")
    print(f"{len(new)} students sent something new{': ' if new else ''}{', '.join(new)}")


def grade(course: Course, options: argparse.Namespace) -> None:
    """grade what is new"""
    if sys.platform == "win32":
        raise RuntimeError("grading needs Linux or macOS: on Windows, do it in WSL")
    if options.no_sandbox:
        print("WITHOUT A SANDBOX: the students' code runs with your rights and your network.", file=sys.stderr)
    elif problem := sandbox.missing():
        raise RuntimeError(
            f"no sandbox: {problem}. To run the students' code without one, with your rights and your network: "
            f"make grade ASSIGNMENT={options.assignment} SANDBOX=no"
        )
    course.grade(options.assignment)
    print(f"points and what happened: {export(course)}")
    print(f"the class at a glance: {write_report(course, options.assignment)}")


def feedback(course: Course, options: argparse.Namespace) -> None:
    """write a page for each student"""
    print(f"a page for each student: {course.feedback(options.assignment)}")
    print(f"points, with what was marked by hand: {export(course)}")
    print(f"the class at a glance: {write_report(course, options.assignment)}")


def fill_in(course: Course, options: argparse.Namespace) -> None:
    """put the points that are final into a table that Moodle or Canvas exported"""
    to = course.grading / f"upload_{options.assignment}.csv"
    with course.gradebook() as gradebook:
        rows = status.rows(gradebook, gradebook.find_assignment(options.assignment), course.grading)
        written, without = upload.fill_in(options.table, options.column, rows, to)
    for sentence in without:
        print(f"no points for {sentence}")
    print(f"{written} students' points, for upload: {to}")


def export(course: Course) -> Path:
    with course.gradebook() as gradebook:
        plugin = ExportWithStatus(config=course.config)
        plugin.export(gradebook)
    return Path(plugin.to)


def write_report(course: Course, assignment: str) -> Path:
    with course.gradebook() as gradebook:
        return report.write(gradebook, gradebook.find_assignment(assignment), course.grading)


COMMANDS = {
    "editions": editions, "release": release, "collect": collect, "grade": grade, "feedback": feedback,
    "upload": fill_in,
}  # fmt: skip

if __name__ == "__main__":
    sys.exit(main())
