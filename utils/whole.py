"""Files and folders that are there whole or not at all, whenever a process is killed or a disk is full.

seal(part); put_in_place(part, folder)      # when all is written
if restored(folder) and is_whole(folder):   # every file is as it was sealed
"""

import errno
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MANIFEST = "manifest.json"
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
FORBIDDEN = {errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST}
# How libraries that write without Python say the same: safetensors and tokenizers with the system's number, torch.
NOT_PYTHONS = re.compile(r"\(os error (\d+)\)|PytorchStreamWriter failed writing")


def put_in_place(part: Path, folder: Path) -> None:
    """Let the folder `part`, which is beside it, take the place of `folder`. `restored` finds what a kill leaves."""
    old = _old(folder)
    shutil.rmtree(old, ignore_errors=True)
    if folder.is_dir():
        folder.rename(old)
    part.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def restored(folder: Path) -> bool:
    """True if the folder is there. What `put_in_place` left when it was killed gets its name back, or goes."""
    if (old := _old(folder)).is_dir():
        if folder.is_dir():
            shutil.rmtree(old)
        else:
            old.rename(folder)
    return folder.is_dir()


def _old(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}-old")


def write_text(path: Path, text: str) -> None:
    """Write a text file, or leave the one before as it was."""
    part = path.with_name(f"{path.name}-part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def seal(folder: Path) -> None:
    """Note the sha256 of every file in the folder in its manifest."""
    hashes = {path.relative_to(folder).as_posix(): sha256(path) for path in sorted(folder.rglob("*")) if path.is_file()}
    (folder / MANIFEST).write_text(json.dumps(hashes, indent=1))


def is_whole(folder: Path) -> bool:
    """True if the folder has a readable manifest and every file in it has the sha256 noted there."""
    try:
        hashes = json.loads((folder / MANIFEST).read_text())
        return bool(hashes) and all(sha256(folder / name) == expected for name, expected in hashes.items())
    except (OSError, ValueError, AttributeError):
        return False


def sha256(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal text."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class NoRoom(OSError):
    """A folder cannot be written; the message says why and what helps."""


@contextmanager
def room_in(folder: Path, otherwise: str) -> Iterator[None]:
    """Within the block, a full disk or one that may not be written is a NoRoom in one sentence.

    otherwise: what helps, beside room on the disk or the right to write there ("set the variable HF_HOME …").
    """
    try:
        yield
    except Exception as error:
        number = _number(error)
        if number not in NO_ROOM | FORBIDDEN or not _concerns(folder, error):
            raise
        remedy = "make room on that disk" if number in NO_ROOM else "see that you may write there"
        raise NoRoom(f"{folder} cannot be written ({os.strerror(number)}): {remedy}, or {otherwise}") from error


def _number(error: Exception) -> int | None:
    """The system's number of the error, whoever noticed it."""
    if isinstance(error, OSError):
        return error.errno
    found = NOT_PYTHONS.search(str(error))
    return found and int(found[1] or errno.ENOSPC)


def _concerns(folder: Path, error: Exception) -> bool:
    """Whether the error is of the folder, of something in it or above it; true if it names no file."""
    named = [Path(file).absolute() for name in ("filename", "filename2") if (file := getattr(error, name, None))]
    folder = folder.absolute()
    return not named or any(file.is_relative_to(folder) or folder.is_relative_to(file) for file in named)


def must_be_writable(folder: Path, otherwise: str) -> None:
    """NoRoom in one sentence, as for `room_in`, if nothing can be written in the folder. It is made if missing."""
    with room_in(folder, otherwise):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"0")
