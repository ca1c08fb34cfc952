"""ZIP archives as Moodle and Canvas name their files, and archives that mean harm."""

import io
import stat
import zipfile

import pytest

from utils.grading import archives
from utils.grading.archives import collect

MOODLE = "Jörg Müller-Lüdenscheidt_1234567_assignsubmission_file_"


def archive(tmp_path, *entries):
    """A ZIP archive of (name or ZipInfo, content)."""
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries:
            file.writestr(name, content)
    return path


def collected(tmp_path, *entries):
    """What lies in tmp_path afterwards, by its path in the folder for submissions, and what was left out."""
    new, left_out = collect(archive(tmp_path, *entries), "tiny", tmp_path / "grading")
    submitted = tmp_path / "grading" / "submitted"
    files = {str(p.relative_to(submitted)): p.read_text() for p in submitted.rglob("*") if p.is_file()}
    outside = {p.name for p in tmp_path.iterdir()} | {p.name for p in (tmp_path / "grading").iterdir()}
    assert outside <= {"all.zip", "grading", "submitted", "replaced"}
    return new, files, left_out


@pytest.mark.parametrize(
    ("name", "place"),
    [
        (f"{MOODLE}/tiny.ipynb", "Jörg Müller-Lüdenscheidt_1234567/tiny/tiny.ipynb"),
        (f"{MOODLE}/pictures/a.txt", "Jörg Müller-Lüdenscheidt_1234567/tiny/pictures/a.txt"),
        (f"{MOODLE}tiny (1).ipynb", "Jörg Müller-Lüdenscheidt_1234567/tiny/tiny (1).ipynb"),
        ("Participant_77_assignsubmission_file_/tiny.ipynb", "Participant_77/tiny/tiny.ipynb"),
        ("muelleranna_12345_67890_tiny.ipynb", "muelleranna_12345/tiny/tiny.ipynb"),
        ("muelleranna_LATE_12345_67890_tiny-1.ipynb", "muelleranna_12345/tiny/tiny-1.ipynb"),
        ("muelleranna_12345_67890_my_tiny_2.ipynb", "muelleranna_12345/tiny/my_tiny_2.ipynb"),
    ],
)
def test_names_of_learning_platforms_are_known(tmp_path, name, place):
    new, files, left_out = collected(tmp_path, (name, "x"))
    assert files == {place: "x"} and new == [place.split("/")[0]] and left_out == []


def test_umlauts_that_are_not_marked_as_utf8_are_read(tmp_path):
    path = archive(tmp_path, (f"{MOODLE}/tiny.ipynb".replace("ö", "oe").replace("ü", "XX"), "x"))
    path.write_bytes(path.read_bytes().replace(b"XX", "ü".encode()))
    assert collect(path, "tiny", tmp_path / "grading")[0] == ["Joerg Müller-Lüdenscheidt_1234567"]


def test_two_notebooks_of_a_student_are_both_kept(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate name"):
        _, files, _ = collected(tmp_path, *((f"{MOODLE}/{name}.ipynb", name) for name in ("tiny", "b", "tiny")))
    assert sorted(path.split("/")[-1] for path in files) == ["b.ipynb", "tiny (2).ipynb", "tiny.ipynb"]


def test_an_archive_in_the_archive_is_unpacked(tmp_path):
    with zipfile.ZipFile(inner := io.BytesIO(), "w") as file:
        file.writestr("mine/tiny.ipynb", "x")
        file.writestr("../../out.ipynb", "x")
    _, files, left_out = collected(tmp_path, ("muelleranna_1_2_all.zip", inner.getvalue()))
    assert files == {"muelleranna_1/tiny/mine/tiny.ipynb": "x"}
    assert left_out == ["muelleranna_1_2_all.zip: ../../out.ipynb its name leads out of the student's folder"]


@pytest.mark.parametrize(
    "name", ["/../../out.ipynb", "/../../../../etc/out", "/sub/../../../out", "/..\\..\\out", "/C:\\out"]
)
def test_nothing_leaves_the_students_folder(tmp_path, name):
    _, files, left_out = collected(tmp_path, (MOODLE + name, "x"), (f"{MOODLE}/tiny.ipynb", "x"))
    assert [path.split("/")[-1] for path in files] == ["tiny.ipynb"]
    assert len(left_out) == 1 and "leads out" in left_out[0]


@pytest.mark.parametrize(
    "name", ["../tiny.ipynb", "/etc/tiny.ipynb", "tiny.ipynb", "anna/tiny.ipynb", "../x_1_2_tiny.ipynb"]
)
def test_what_names_no_student_is_said(tmp_path, name):
    _, files, left_out = collected(tmp_path, (name, "x"), ("anna_1_2_tiny.ipynb", "x"))
    assert list(files) == ["anna_1/tiny/tiny.ipynb"] and len(left_out) == 1 and "neither Moodle" in left_out[0]


def test_links_are_left_out(tmp_path):
    link = zipfile.ZipInfo(f"{MOODLE}/tiny.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    new, files, left_out = collected(tmp_path, (link, "/etc/passwd"))
    assert files == {} and left_out == [f"{MOODLE}/tiny.ipynb: is a link"]
    assert new == [MOODLE.removesuffix("_assignsubmission_file_")]  # grades.csv will call it missing


def test_a_student_does_not_say_when_it_was_handed_in(tmp_path):
    _, files, left_out = collected(tmp_path, (f"{MOODLE}/timestamp.txt", "2020-01-01"), (f"{MOODLE}/a.ipynb", "x"))
    assert len(files) == 1 and "time of handing in" in left_out[0]


def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "FILE", 10**6)
    monkeypatch.setattr(archives, "STUDENT", 3 * 10**6)
    ten = [(f"anna_1_2_{i}.txt", bytes(900_000)) for i in range(10)]
    _, files, left_out = collected(tmp_path, ("bea_1_2_large.ipynb", bytes(10**8)), *ten, ("cem_1_2_tiny.ipynb", "x"))
    assert sorted(files) == [f"anna_1/tiny/{i}.txt" for i in range(3)] + ["cem_1/tiny/tiny.ipynb"]
    assert len(left_out) == 8 and all("is larger than" in sentence for sentence in left_out)


def test_an_archive_that_lies_about_sizes_is_not_believed(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "FILE", 1000)
    path = archive(tmp_path, ("anna_1_2_tiny.ipynb", bytes(10**7)))
    size = (10**7).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (10).to_bytes(4, "little")))
    _, left_out = collect(path, "tiny", tmp_path / "grading")
    assert len(left_out) == 1 and not list((tmp_path / "grading" / "submitted").rglob("*.ipynb"))


def test_what_was_sent_before_is_kept_apart(tmp_path):
    for content in ("first", "second", "second"):
        new, files, _ = collected(tmp_path, ("anna_1_2_tiny.ipynb", content))
    assert new == [] and files == {"anna_1/tiny/tiny.ipynb": "second"}
    assert (tmp_path / "grading" / "replaced" / "anna_1" / "tiny 1" / "tiny.ipynb").read_text() == "first"


def test_what_is_no_archive_is_named(tmp_path):
    (path := tmp_path / "all.zip").write_bytes(archive(tmp_path, ("anna_1_2_tiny.ipynb", "x")).read_bytes()[:-10])
    with pytest.raises(ValueError, match=r"all\.zip is no ZIP archive"):
        collect(path, "tiny", tmp_path / "grading")
