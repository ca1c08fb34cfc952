"""What lies in people's folders, without what their systems and programs leave there."""

import os
from pathlib import Path

LITTER = {  # in small letters; names that begin with ._ are a Mac's
    "thumbs.db", "desktop.ini", "__macosx", ".ds_store", ".localized", ".trashes", ".spotlight-v100", ".fseventsd",
    ".appledouble", ".directory", ".thumbnails", ".nomedia", ".picasa.ini", ".dropbox", ".ipynb_checkpoints", ".git",
    ".gitignore", ".gitkeep", ".gitattributes", ".cache", ".idea", ".vscode", ".venv", ".pytest_cache",
}  # fmt: skip


def contents(folder: Path) -> list[Path]:
    """The files and folders in a folder, by name. ValueError if one may not look into it."""
    if not os.access(folder, os.R_OK | os.X_OK):
        raise ValueError(f"{folder} cannot be opened: may you read it?")
    return sorted(p for p in folder.iterdir() if not p.name.startswith("._") and p.name.lower() not in LITTER)
