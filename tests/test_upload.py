"""Final points get into the table that Moodle or Canvas exported, and nothing else in it changes."""

import pytest

from utils.grading.status import Row
from utils.grading.upload import fill_in

MOODLE = """\ufeffIdentifier,"Full name","Email address",Status,Grade,"Maximum Grade","Last modified (grade)"
"Participant 101","Müller, Anna",anna@example.org,"Submitted for grading",,20.00,-
"Participant 102","Cem Öz",cem@example.org,"Submitted for grading",,20.00,-
"Participant 103","Dana Li",dana@example.org,"No submission",7.00,20.00,-
"""
CANVAS = """Student;ID;SIS User ID;Section;Attention (4711)
    Points Possible;;;;20
"Müller, Anna";101;;A;
"Öz, Cem";102;;A;
"""
CLASS = [
    Row("Müller Anna_101", "Müller Anna_101", "graded", 17.5, 17.5, ""),
    Row("Cem Öz_102", "Cem Öz_102", "needs a person", 3, None, "to mark: why"),
    Row("Eva_104", "Eva_104", "graded", 0, 0, ""),
    Row("Fay_9", "Fay_9", "missing", None, None, ""),  # her number in another assignment
]


def test_moodles_worksheet_gets_what_is_final(tmp_path):
    (tmp_path / "Grades.csv").write_text(MOODLE, encoding="utf-8")
    written, without = fill_in(tmp_path / "Grades.csv", "Grade", CLASS, tmp_path / "new.csv")
    assert written == 1 and without == ["Cem Öz_102: needs a person", "Eva_104: not in the table"]
    lines = (tmp_path / "new.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Last modified (grade)"
    assert [line.split(",")[-3] for line in lines[1:]] == ["17.5", "", "7.00"]


def test_canvas_gradebook_keeps_its_other_rows_and_its_semicolons(tmp_path):
    (tmp_path / "grades.csv").write_text(CANVAS, encoding="utf-8")
    written, _ = fill_in(tmp_path / "grades.csv", "Attention (4711)", CLASS, tmp_path / "new.csv")
    expected = CANVAS.replace("101;;A;", "101;;A;17.5").replace('"', "")
    assert written == 1 and (tmp_path / "new.csv").read_text(encoding="utf-8") == expected


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        (MOODLE, "Mark", "no column 'Mark', or several; say COLUMN=, one of: Identifier, Full name"),
        (MOODLE.replace("Participant 10", "Participant 90"), "Grade", "is it this class's"),
        (MOODLE + "Participant 105\n", "Grade", "Grades.csv, row 5: not as many values"),
    ],
)
def test_a_table_that_cannot_be_filled_in_is_named(tmp_path, text, column, said):
    (tmp_path / "Grades.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=said):
        fill_in(tmp_path / "Grades.csv", column, CLASS, tmp_path / "new.csv")
    assert not (tmp_path / "new.csv").exists()
