"""Texts in English and in German: sentences with their translations, descriptions with their titles, plain texts.

From the descriptions of Debian 12's packages, the messages of a game (_parallel.py), encyclopedia summaries
(_articles.py) and film reviews. One family of packages in forty is for validation, one for test; so are one message in
forty each. Of the summaries, those held out are for test. What data/title_pairs holds out is never for training, but
for paragraphs that other packages share: 48 of the 1,000 descriptions in its test part are among the plain texts.
"""

import random
import re

import pandas as pd

from data.recipes.common.articles import articles
from data.recipes.common.sources import debian_lists
from data.recipes.text._parallel import catalogues, part
from data.recipes.text.title_pairs import fields
from utils.data import DATA, ROOT

FOLDER = ROOT / ".cache" / "sources" / "debian_lists"
SPLITS = ("train", "validation", "test")
KINDS = ("pairs", "titles", "plain_en", "plain_de")
PACKAGE_SENTENCE = re.compile(r"(?<=[.!?:;]) +(?=[A-ZÄÖÜ0-9*-])")
MESSAGE_SENTENCE = re.compile(r"(?<=[.!?…]) +(?=[A-ZÄÖÜ“„])")
SHORTEST = 40  # characters; a plain text has more

Description = tuple[str, str, list[str]]  # package, title, paragraphs
Texts = dict[str, list]


def texts() -> dict[str, Texts]:
    """Of each split: `pairs` (English, German), `titles` (description, title), `plain_en`, `plain_de`, all shuffled.

    A pair is mostly a sentence, and a whole paragraph where the two languages do not have as many sentences. No text
    comes twice in a list, but texts that many packages share ("This package contains the shared library.") may be in
    more than one split. Needs Debian 12's package lists: a later release has changed some descriptions.
    """
    listings = debian_lists(FOLDER, "de,en", "i18n_Translation-en*", "i18n_Translation-de*")
    sets = {split: {kind: [] for kind in KINDS} for split in SPLITS}
    add_packages(sets, descriptions(listings[0], "en"), descriptions(listings[1], "de"), titles_held_out())
    add_messages(sets, catalogues("de"))
    add_plain(sets)
    shuffling = random.Random(0)
    for kinds in sets.values():
        for kind in KINDS:
            kinds[kind] = list(dict.fromkeys(kinds[kind]))
            shuffling.shuffle(kinds[kind])
    return sets


def titles_held_out() -> set[str]:
    """Titles and descriptions in the validation and test parts of data/title_pairs."""
    tables = [pd.read_parquet(DATA / "title_pairs" / f"{split}.parquet") for split in SPLITS[1:]]
    return {text for table in tables for column in ("title", "description") for text in table[column]}


def descriptions(listing: str, language: str) -> dict[str, Description]:
    """What apt's list of descriptions in a language has, by the md5 of the English description."""
    found = {}
    for stanza in map(fields, listing.split("\n\n")):
        if "Description-md5" in stanza and f"Description-{language}" in stanza:
            title, _, body = stanza[f"Description-{language}"].partition("\n")
            paragraphs = [" ".join(paragraph.split()) for paragraph in re.split(r"^ *\. *$", body, flags=re.MULTILINE)]
            kept = [paragraph for paragraph in paragraphs if paragraph]
            found[stanza["Description-md5"]] = stanza.get("Package", ""), title.strip(), kept
    return found


def family(package: str) -> str:
    """The beginning of a package's name, which packages of one source mostly share: "libqt5-doc" is of "qt"."""
    return re.split(r"[-0-9.+]", package.removeprefix("lib"))[0] or package


def add_packages(sets: dict[str, Texts], english: dict[str, Description], german: dict[str, Description],
                 held_out: set[str]) -> None:  # fmt: skip
    """Add the descriptions of packages; those with a text that is `held_out` go to test instead of train."""
    for md5, (package, title, paragraphs) in english.items():
        split = part(family(package))
        if split == "train" and (title in held_out or any(paragraph in held_out for paragraph in paragraphs)):
            split = "test"
        found = sets[split]
        whole = " ".join(paragraphs)
        if len(whole) >= 40 and 8 <= len(title) <= 90:
            found["titles"].append((whole[:900], title))
        found["plain_en"] += [paragraph for paragraph in paragraphs if len(paragraph) > SHORTEST]
        if md5 in german:
            _, german_title, translated = german[md5]
            if title != german_title:
                found["pairs"].append((title, german_title))
            if len(paragraphs) == len(translated):
                for one, other in zip(paragraphs, translated, strict=True):
                    if one != other:
                        found["pairs"] += sentences(one, other, PACKAGE_SENTENCE, longest=400)
            found["plain_de"] += [paragraph for paragraph in translated if len(paragraph) > SHORTEST]


def sentences(one: str, other: str, end: re.Pattern, longest: int | None = None) -> list[tuple[str, str]]:
    """The two texts sentence by sentence, or whole if they do not have as many and are short.

    longest: characters; with it, sentences that are longer, a single character or untranslated are left out.
    """
    ours, theirs = end.split(one), end.split(other)
    if len(ours) != len(theirs):
        return [(one, other)] if len(one) <= 600 else []
    pairs = list(zip(ours, theirs, strict=True))
    return pairs if longest is None else [(x, y) for x, y in pairs if x != y and 2 <= len(x) <= longest]


def add_messages(sets: dict[str, Texts], messages: list[tuple[str, str]]) -> None:
    """Add the messages of the game."""
    for english, german in messages:
        found = sets[part(english)]
        found["pairs"] += sentences(english, german, MESSAGE_SENTENCE)
        if len(english) > SHORTEST:
            found["plain_en"].append(english)
            found["plain_de"].append(german)


def add_plain(sets: dict[str, Texts]) -> None:
    """Add the encyclopedia's summaries and the film reviews (those to train on alone), both in English."""
    for split, held_out in (("train", False), ("test", True)):
        sets[split]["plain_en"] += articles(held_out).values()
    reviews = pd.read_parquet(DATA / "movie_reviews" / "train.parquet")["text"]
    sets["train"]["plain_en"] += [review for review in reviews if len(review) > SHORTEST]
