"""What lies in people's folders, without what their systems leave there."""

from pathlib import Path

LITTER = {"thumbs.db", "desktop.ini", "__macosx"}  # in small letters; names that begin with a dot are litter, too


def contents(folder: Path) -> list[Path]:
    """The files and folders in a folder, by name."""
    return sorted(p for p in folder.iterdir() if not p.name.startswith(".") and p.name.lower() not in LITTER)
