"""Whether a picture looks like a line of writing: each kind of line passes, each kind of what is none does not."""

from data.recipes.age._strange_pictures import LINES, NO_LINES, pictures
from utils.handwriting.complaint import complaint

SAID = {  # by what begins their sentence; the first is the usual one
    "empty paper": ("No writing",),
    "empty ruled paper": ("No writing",),
    "drawing of an animal": ("This does not look like writing", "Hardly a letter"),
    "strip of a photograph": ("This does not look like writing", "Hardly a letter"),
    "noise": ("This does not look like writing",),
    "upside down": ("This looks upside down",),
    "on its side": ("This is higher than wide", "This looks upside down"),
    "two lines": ("This looks like several lines",),
    "three lines": ("This looks like several lines",),
    "a page of eight lines": ("No writing is found, or it is far too small",),
    "four lines in a row": ("The letters are very small",),
    "tiny, 9 to 13 pixels high": ("The picture is only",),
    "lost in much paper": ("The letters are very small", "No writing is found, or it is far too small"),
}


def test_lines_as_scanners_and_cameras_show_them_pass():
    table = pictures("validation", seed=5, each=2, kinds=LINES)
    said = [complaint(picture) for picture in table["picture"]]
    assert len(said) == 2 * len(LINES) and sum(map(bool, said)) <= 1
    assert not any(found.refuse for found in said if found)


def test_what_is_no_line_does_not_pass_and_the_sentence_says_why():
    table = pictures("validation", seed=5, each=2, kinds=SAID)
    said = [complaint(picture) for picture in table["picture"]]
    assert set(SAID) < set(NO_LINES) and sum(found is None for found in said) <= 1
    right = [found and found.text.startswith(SAID[kind]) for found, kind in zip(said, table["kind"], strict=True)]
    assert sum(map(bool, right)) >= len(right) - 2
    for kind in ("empty paper", "noise", "upside down", "two lines", "a page of eight lines"):
        assert all(found.refuse for found in said if found and found.text.startswith(SAID[kind]))
