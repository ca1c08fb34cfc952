"""Whether a picture looks like a line of writing: each kind of line passes, each kind of what is none does not."""

from data.recipes.age._strange_pictures import LINES, NO_LINES, pictures
from data.recipes.age.strange_pictures import TESTED, errors, rows_for_the_page
from utils.data import DATA, ROOT, results
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
    table = pictures("validation", seed=5, each=1, kinds=SAID)
    said = [complaint(picture) for picture in table["picture"]]
    assert set(SAID) < set(NO_LINES) and sum(found is None for found in said) <= 1
    right = [found and found.text.startswith(SAID[kind]) for found, kind in zip(said, table["kind"], strict=True)]
    assert sum(map(bool, right)) >= len(right) - 2
    for kind in ("empty paper", "noise", "upside down", "two lines", "a page of eight lines"):
        assert all(found.refuse for found in said if found and found.text.startswith(SAID[kind]))


def test_the_tables_are_those_of_the_pages():
    page = (ROOT / "docs" / "your_own_data.md").read_text(encoding="utf-8")
    card = (DATA / "README.md").read_text(encoding="utf-8").partition("## results/strange_pictures.csv\n")[2]
    tested, measures = results("strange_pictures"), results("strange_pictures_measures")
    assert all(f"\n{row}\n" in page for row in rows_for_the_page(tested))
    assert sum(int(row.split("|")[2]) for row in rows_for_the_page(tested)) == len(tested)
    for row in measures.astype(object).fillna("").itertuples(index=False):
        assert f"| {' | '.join(map(str, row))} |" in card
    wrong = errors(tested["line"].to_numpy(), (tested["done"] != "answered").to_numpy())
    assert tuple(measures.iloc[-1, 2:]) == tuple(round(share, 3) for share in wrong)
    assert max(wrong) < 0.03


def test_answers_to_strange_pictures_are_never_narrower_and_hold_the_age_as_often_as_meant():
    tested = results("strange_pictures").query("done != 'refused'")
    assert (tested["low"] <= tested["model_low"].clip(0)).all() and (
        tested["high"] >= tested["model_high"].clip(upper=110)
    ).all()
    assert tested["low"].min() >= 0 and tested["high"].max() <= 110
    warned = tested.query("done == 'warned' and age.notna()")
    shares = [warned["age"].between(warned[f"{own}low"], warned[f"{own}high"]).mean() for own in ("model_", "")]
    assert shares[0] < 0.7 and shares[1] > 0.75
    said = "the model's own interval holds the age of {:.0%}, the widened one of {:.0%}.".format(*shares)
    assert said.replace("%", " %") in (DATA / "README.md").read_text(encoding="utf-8")


def test_the_first_pictures_of_each_kind_get_what_the_table_says():
    seed, each = TESTED
    kinds = ["JPEG", "ruled paper", "empty ruled paper", "photograph of an animal", "upside down", "two lines"]
    again = pictures("test", seed, 2, kinds)
    found = [complaint(picture) for picture in again["picture"]]
    table = results("strange_pictures")
    known = table[table["kind"].isin(kinds)].groupby("kind", sort=False).head(2)
    assert list(again["kind"]) == list(known["kind"]) and table.groupby("kind").size().eq(each).all()
    alike = [
        (said.text if said else "") == text for said, text in zip(found, known["sentence"].fillna(""), strict=True)
    ]
    assert sum(alike) >= len(alike) - 1  # another processor may round one over a limit
