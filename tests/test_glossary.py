"""docs/glossary.md and the lessons say the same: which terms there are, and where each is first explained."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import nbformat
import pytest
from notebook_checks import MARKDOWN_LINK, markdown, number

from utils.data import ROOT

PAGE = ROOT / "docs" / "glossary.md"
LESSONS = {path.name: markdown(nbformat.read(path, 4)) for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))}

# In bold or in a recap, and no terms.
STRESSED = """20 mb; as a whole; both together; characters; collect lines; difference; everywhere; group; guess; in all;
    in the test only; is; keep the weights; last layer; learn; leave out; left; long; longest piece that fits; method;
    model itself; must say; new style; no decoder; no decoder, no language; no labels; not; nothing; number; once; one
    style; praise; queries with keys; replace; right; sees; small steps; sum; text; the head first; the same hands;
    three faults; transfer learning with transformers; which tokens' vectors change; words; you; zero"""
NAMES_IN_A_LESSON = """0 to 1; 0 to 255; 500 lines; 8,000 lines; english texts; english texts + lines; error rates;
    german texts; imagenet's; mixed; openmoji; original; raw pixels; reader, fine-tuned; reader, frozen; styles; the
    ruler; untrained; vit-base; w; yardstick"""
HELPERS_OF_THE_COURSE = "dataset_path; metric"
NO_TERMS = {
    " ".join(term.split()) for term in "; ".join([STRESSED, NAMES_IN_A_LESSON, HELPERS_OF_THE_COURSE]).split(";")
}


class Row(NamedTuple):
    term: str
    forms: list[str]  # the term, and what stands in brackets behind it
    fields: list[str]


def plain(term: str) -> str:
    """In small letters, without backticks, quotes and arguments: `pipeline(task)` is pipeline."""
    return re.sub(r"(?<=\w)\(.*", "", term.strip('`"')).lower()


def rows(page: str) -> list[Row]:
    lines = [line for line in page.splitlines() if line.startswith("|")][2:]
    table = []
    for line in lines:
        fields = [field.strip() for field in line[1:-1].split("|")]
        term, _, others = fields[0].removesuffix(")").partition(" (")
        forms = [plain(form) for form in [term, *others.split(", ")] if form]
        table.append(Row(plain(term), forms, fields))
    return table


def bold(text: str) -> set[str]:
    """What may be a term: one to four words in bold, no number or sentence, not in code, headings and table heads."""
    text = re.sub(r"^```.*?^```|^#+ .*?$|^\|[^\n]*\n(?=\|[-|: ]+\|$)", "", text, flags=re.M | re.S)
    text = re.sub(r"`[^`\n]*`", lambda code: code[0].replace("**", ""), text)
    spans = re.findall(r"\*\*(\S[^*\n]*)\*\*", text)
    return {
        plain(span)
        for span in spans
        if len(span.split()) <= 4 and span[-1] not in ":.?!" and re.search("[A-Za-z]", span)
    }


def code_of_the_recap(text: str) -> set[str]:
    recap = text.partition("\n## Recap\n")[2].partition("\n## ")[0]
    return {plain(code) for code in re.findall(r"`([^`\n]+)`", recap)}


def stands(form: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(form)}(?!\w)", text.lower()) is not None


# --- the checks: each yields the problems of a page, given the lessons' texts by file name


def a_good_table(page: str, lessons: dict[str, str]) -> Iterator[str]:
    keys = [re.sub(r"[^a-z0-9]", "", row.term) for row in rows(page)]
    for before, after in pairwise(keys):
        if before > after:
            yield f"{after} stands behind {before}"
    every = [form for row in rows(page) for form in row.forms]
    for form in sorted(set(every)):
        if every.count(form) > 1:
            yield f"{form} stands in {every.count(form)} rows"
    for row in rows(page):
        if len(row.fields) != 5 or not all(row.fields):
            yield f"{row.term} has an empty field, or not five"
        elif (count := len(row.fields[1].split())) > 40:
            yield f"the sentence of {row.term} has {count} words; 40 are the most"


def the_right_lesson(page: str, lessons: dict[str, str]) -> Iterator[str]:
    for row in rows(page):
        link = re.fullmatch(r"\[(\d\d[a-z]?)\]\(\.\./notebooks/(\1_\w+\.ipynb)\)", row.fields[2])
        if not link or link[2] not in lessons:
            yield f"{row.term} names no lesson: {row.fields[2]}"
            continue
        if not any(stands(form, lessons[link[2]]) for form in row.forms):
            yield f"{row.term} doesn't stand in lesson {link[1]}"
        for name, text in lessons.items():
            if name < link[2] and (earlier := bold(text) & set(row.forms)):
                yield f"{row.term} is bold in {number(name)} already: {', '.join(earlier)}"


def nothing_missing(page: str, lessons: dict[str, str]) -> Iterator[str]:
    known = NO_TERMS.union(*(row.forms for row in rows(page)))
    for name, text in lessons.items():
        for term in sorted(bold(text) - known):
            yield f"{term}, bold in {number(name)}, is missing"
        for term in sorted(code_of_the_recap(text) - known):
            yield f"{term}, in the recap of {number(name)}, is missing"


def links_resolve(page: str, lessons: dict[str, str]) -> Iterator[str]:
    for target in MARKDOWN_LINK.findall(page):
        if not (PAGE.parent / target).exists():
            yield f"link to {target}, which is not there"


CHECKS = [a_good_table, the_right_lesson, nothing_missing, links_resolve]


@pytest.mark.parametrize("check", CHECKS)
def test_the_glossary_and_the_lessons_agree(check):
    assert not list(check(PAGE.read_text(encoding="utf-8"), LESSONS))


def test_no_term_is_excused_and_no_excuse_is_idle():
    known = {form for row in rows(PAGE.read_text(encoding="utf-8")) for form in row.forms}
    asked_for = set().union(*(bold(text) | code_of_the_recap(text) for text in LESSONS.values()))
    assert not NO_TERMS & known
    assert not NO_TERMS - asked_for


@pytest.mark.parametrize("name", LESSONS)
def test_each_lesson_links_it(name):
    assert "(../docs/glossary.md)" in LESSONS[name]


def test_readme_and_architecture_link_it():
    assert "(docs/glossary.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "(glossary.md)" in (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


# --- each check fails on a table that must fail it

TWO_LESSONS = {
    "00_start_here.ipynb": "A **token** is a piece.\n\n## Recap\n\n- `encode(text)` makes ids.\n\n## Quiz\n",
    "01_pipelines.ipynb": "## A **heading**\n\n| **head** | |\n|---|---|\n| **tokens** | are pieces |\n\n**Guess!**",
}
GOOD = {
    "encode": "| `encode` | Makes ids. | [00](../notebooks/00_start_here.ipynb) | `encode` | `encode` |",
    "token": "| token (tokens) | A piece. | [00](../notebooks/00_start_here.ipynb) | Token | 词元 |",
}


def page_of(lines) -> str:
    return "\n".join(["| term | sentence | lesson | German | Chinese |", "|---|---|---|---|---|", *lines])


@pytest.mark.parametrize("check", CHECKS)
def test_a_good_table_passes(check):
    assert not list(check(page_of(GOOD.values()), TWO_LESSONS))


@pytest.mark.parametrize(
    ("check", "lines", "problem"),
    [
        (a_good_table, [GOOD["token"], GOOD["encode"]], "encode stands behind token"),
        (a_good_table, [*GOOD.values(), GOOD["token"]], "token stands in 2 rows"),
        (a_good_table, [GOOD["token"].replace("Token", "")], "token has an empty field, or not five"),
        (a_good_table, [GOOD["token"].replace(" Token |", "")], "token has an empty field, or not five"),
        (a_good_table, [GOOD["token"].replace("A piece", "A " * 41)], "token has 42 words"),
        (the_right_lesson, [GOOD["token"].replace("start_here", "begin")], "token names no lesson"),
        (the_right_lesson, [GOOD["token"].replace("[00]", "[01]")], "token names no lesson"),
        (the_right_lesson, [GOOD["encode"].replace("encode", "decode")], "decode doesn't stand in lesson 00"),
        (
            the_right_lesson,
            [GOOD["token"].replace("[00](../notebooks/00_start_here", "[01](../notebooks/01_pipelines")],
            "token is bold in 00 already",
        ),
        (nothing_missing, [GOOD["encode"]], "token, bold in 00, is missing"),
        (nothing_missing, [GOOD["encode"]], "tokens, bold in 01, is missing"),
        (nothing_missing, [GOOD["token"]], "encode, in the recap of 00, is missing"),
        (links_resolve, [GOOD["token"].replace("start_here", "begin")], "link to ../notebooks/00_begin.ipynb"),
    ],
)
def test_a_bad_table_is_seen(check, lines, problem):
    assert problem in "\n".join(check(page_of(lines), TWO_LESSONS))
