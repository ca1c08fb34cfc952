"""Which pictures came before, and how a warning lists files."""

from pathlib import Path

from PIL import Image

from utils.vision.opening import fingerprint

MOST = 10  # files that a warning names


class Seen:
    """Which pictures came before: the same one in train and in test makes the test look better than it is."""

    def __init__(self) -> None:
        self.first, self.splits, self.groups, self.empty = {}, [], [], []

    def add(self, file: Path, pixels: Image.Image, split: str, group: str, empty: bool) -> None:
        """Note one (all of one mode) of a split and a group; `empty` if nothing is to be seen on it."""
        if empty:
            self.empty.append(str(file))
            return
        other, its_split, its_group = self.first.setdefault(fingerprint(pixels), (file, split, group))
        if its_split != split:
            self.splits.append(f"{other} and {file}")
        if its_group != group:
            self.groups.append(f"{other} and {file}")

    def told(self, group: str) -> list[str]:
        """A sentence for each kind of trouble, or nothing; `group` is the name of what the groups are."""
        return [
            listed("the same pictures in two splits, so the test looks better than it is: ", self.splits),
            listed(f"the same pictures with another {group}, one must be wrong: ", self.groups),
            listed("nothing is to be seen on ", self.empty),
        ]


def listed(before: str, items: list[str]) -> str:
    """The first of them in a sentence; nothing if there are none."""
    more = f", and {len(items) - MOST} more" if len(items) > MOST else ""
    return f"{before}{'; '.join(items[:MOST])}{more}" if items else ""
