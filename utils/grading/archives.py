"""ZIP archives of learning platforms, unpacked to where submissions are graded. Nothing leaves its student's folder.

Moodle   Anna Müller_123456_assignsubmission_file_/tiny.ipynb    or the same without a folder
Canvas   muelleranna_12345_67890_tiny.ipynb                      or muelleranna_LATE_12345_67890_tiny-1.ipynb
"""

import io
import re
import stat
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

from utils.grading.submissions import fingerprint

FILE, STUDENT, ENTRIES = 100_000_000, 200_000_000, 20_000  # bytes of a file, bytes of a student, files of an archive
NAMES = (
    re.compile(r"(?P<student>[^/]+_\d+)_assignsubmission_[a-z]+_?/?(?P<file>.+)"),
    re.compile(r"(?P<student>[^/_]+)_(?:LATE_)?(?P<user>\d+)_\d+_(?P<file>[^/]+)"),
)


def collect(archive: Path, assignment: str, grading: Path) -> tuple[list[str], list[str]]:
    """Unpack to grading/submitted/<student>/<assignment>/. The students who sent something new, and what was left out.

    What a student sent before is moved to grading/replaced. ValueError if the file is no ZIP archive.
    """
    grading.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="unpacked-", dir=grading) as folder:
        unpacked = Path(folder)
        try:
            with zipfile.ZipFile(archive) as opened:
                left_out = list(_unpack(opened, unpacked))
        except zipfile.BadZipFile:
            raise ValueError(f"{archive} is no ZIP archive, or is cut off: download it again") from None
        new = [own.name for own in sorted(unpacked.iterdir()) if _place(own, assignment, grading)]
    return new, left_out


def _unpack(archive: zipfile.ZipFile, to: Path) -> Iterator[str]:
    """Write the files of each student to a folder of their own; yield a sentence for each that is left out."""
    room: dict[str, int] = {}
    for number, entry in enumerate(archive.infolist()):
        if entry.is_dir():
            continue
        name = _name(entry)
        match = next(filter(None, (pattern.fullmatch(name) for pattern in NAMES)), None)
        if number >= ENTRIES:
            yield f"all after {ENTRIES} files"
            return
        if not match:
            yield f"{name}: neither Moodle's nor Canvas's way to name a student's file"
            continue
        parts = match.groupdict()
        student = "_".join(filter(None, (parts["student"], parts.get("user"))))
        (to / student).mkdir(exist_ok=True)
        room.setdefault(student, STUDENT)
        if problem := _write(archive, entry, parts["file"], to / student, room):
            yield f"{name}: {problem}"


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, to: Path, room: dict[str, int]) -> str | None:
    """Write an entry, or the files in it if it is a ZIP archive itself. What is wrong with it, or None."""
    data = _read(archive, entry, min(FILE, room[to.name]))
    if isinstance(data, str):
        return data
    room[to.name] -= len(data)
    if not name.lower().endswith(".zip"):
        return _save(data, name, to)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as inner:
            problems = []
            for one in inner.infolist()[:ENTRIES]:
                content = None if one.is_dir() else _read(inner, one, min(FILE, room[to.name]))
                if isinstance(content, bytes):
                    room[to.name] -= len(content)
                    content = _save(content, _name(one), to)
                if content:
                    problems.append(f"{_name(one)} {content}")
            return "; ".join(problems) or None
    except zipfile.BadZipFile:
        return "is no ZIP archive, or is cut off"


def _name(entry: zipfile.ZipInfo) -> str:
    """Its name. Programs that do not mark UTF-8 as such write it all the same; Windows has other strokes."""
    name = entry.filename
    if not entry.flag_bits & 0x800:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return unicodedata.normalize("NFC", name.replace("\\", "/"))


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> bytes | str:
    """Its bytes, or why it is left out. What it says about its size is not believed."""
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "is a link"
    if entry.flag_bits & 1:
        return "is encrypted"
    try:
        with archive.open(entry) as file:
            data = file.read(limit + 1)
    except Exception as error:  # whatever a stranger's archive makes zipfile raise
        return f"is damaged ({error})"
    return data if len(data) <= limit else f"is larger than {FILE / 1e6:.0f} MB, or all of this student's files are"


def _save(data: bytes, name: str, to: Path) -> str | None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or re.search(r"[\x00-\x1f]|^[A-Za-z]:", name) or not path.name:
        return "its name leads out of the student's folder"
    if path.name == "timestamp.txt":
        return "nbgrader would take it for the time of handing in"
    place = to / path
    for number in range(2, ENTRIES):  # two files of one name are kept
        if not place.exists():
            break
        place = (to / path).with_stem(f"{path.stem} ({number})")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    except OSError as error:  # too long a name, a file where a folder should be
        return f"cannot be written ({error.strerror})"
    return None


def _place(unpacked: Path, assignment: str, grading: Path) -> bool:
    """Move a student's files to where they are graded; False if the same ones lie there already."""
    place = grading / "submitted" / unpacked.name / assignment
    if place.is_dir():
        if fingerprint(place) == fingerprint(unpacked):
            return False
        earlier = grading / "replaced" / unpacked.name
        earlier.mkdir(parents=True, exist_ok=True)
        place.rename(earlier / f"{assignment} {len(list(earlier.iterdir())) + 1}")
    place.parent.mkdir(parents=True, exist_ok=True)
    if any(unpacked.iterdir()):
        unpacked.rename(place)
    return True
