"""Short texts for lines of handwriting: sentences, titles, names, numbers. Two sets that share no source sentence."""

import re
import unicodedata
from typing import ClassVar

import numpy as np
import pandas as pd

from data.recipes.common.articles import summaries
from utils.data import DATA

LONGEST = 32  # characters of a line
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
UMLAUTS = "äöüÄÖÜß"
CHARACTERS = LETTERS + UMLAUTS + "0123456789" + " .,'-!?:;\"()" + "&/+=%@#*"
TYPED = str.maketrans("‘’‚´`“”„«»–—−…", 5 * "'" + 5 * '"' + 3 * "-" + ".")
MARKS = (("", "!"), ("", "?"), ("", "!"), ("", "?"), ('"', '"'), ("(", ")"), ("", ";"), ("", ":"), ("- ", ""))
MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905
GERMAN_WORDS = """
Grüße aus München, schöne Bücher, für dich, über Nacht, Straße, Müller, Jürgen, Köln, Düsseldorf, Österreich, Äpfel,
Übung, heißt, weiß, größer, süß, Mädchen, können, müssen, spät, früh, fünf, zwölf, hören, Tür, Käse, Öl, Höhe,
Österreicher, Schüler, Prüfung, Lösung, Frühstück, Gemüse, Ärztin, Fußball, draußen, natürlich, während, Geschäft,
Häuser, Wörter, Zürich, Nürnberg, Göttingen, Tübingen, Würzburg, Schäfer, Schröder, Krüger, Böhm, Günther, Björn,
Käthe, Sören, Grüß Gott, Schöne Grüße, Viel Spaß, Ende März, Überraschung, Ähnlich, Öffnen, ÖSTERREICH, MÜNCHEN,
ÄRZTE, ÜBUNG, Spaß, Maß, Gruß, bloß, dürfen, mögen, Vögel, Bäume, Märchen, König
"""
GERMAN = GERMAN_WORDS.strip().replace("\n", " ").split(", ")


def plain(text: str) -> str:
    """The text in CHARACTERS alone: quotes and dashes as one types them, accents dropped, anything else a space."""
    text = unicodedata.normalize("NFC", text).translate(TYPED)
    letters = (c if c in CHARACTERS else unicodedata.normalize("NFD", c)[0] for c in text)
    return " ".join("".join(c if c in CHARACTERS else " " for c in letters).split())


def sources(held_out: bool) -> dict[str, list[str]]:
    """Texts by kind (review, article, description, name): those to train on, or those held out.

    Reviews and descriptions: the data sets' own splits, train or test. Articles and their titles ("name"): one in
    twenty is held out (`_articles.py`).
    """
    split = "test.parquet" if held_out else "train.parquet"
    reviews = pd.read_parquet(DATA / "movie_reviews" / split)["text"]
    packages = pd.read_parquet(DATA / "title_pairs" / split)
    articles = summaries(held_out)
    found = {
        "review": reviews,
        "article": [re.sub(r"\([^)]*\)", "", text) for text in articles.values()],
        "description": [*packages["title"], *packages["description"]],
        "name": list(articles),
    }
    return {kind: [text for text in map(plain, texts) if len(text) > 1] for kind, texts in found.items()}


def piece(words: list[str], first: int, longest: int) -> str:
    """The word at `first` and as many of those behind it as fit into `longest` characters."""
    text = words[first]
    for word in words[first + 1 :]:
        if len(text) + 1 + len(word) > longest:
            break
        text += f" {word}"
    return text


class Texts:
    """Draws lines of 2 to 32 characters from `sources`, and numbers, dates, prices, addresses that it makes up.

    With `drills`, one line in ten is a drill (letters in any order, everything in capitals, German words): they keep
    the reader's decoder from knowing what must come next, and give rare characters their share.
    """

    SHARES: ClassVar = {"review": 0.33, "article": 0.32, "description": 0.15, "name": 0.1, "figures": 0.1}

    def __init__(self, sources: dict[str, list[str]], drills: bool) -> None:
        self.sources, self.drills = sources, drills

    def line(self, rng: np.random.Generator) -> str:
        """A text of 2 to 32 CHARACTERS that neither begins nor ends with a space."""
        if self.drills and rng.random() < 0.12:
            text = drill(rng, self.line_of("article", rng))
        else:
            kind = rng.choice(list(self.SHARES), p=list(self.SHARES.values()))
            text = figures(rng) if kind == "figures" else self.line_of(kind, rng)
            if rng.random() < 0.08:  # marks that are rare in these texts
                before, behind = MARKS[rng.integers(len(MARKS))]
                text = before + text[: LONGEST - 2].strip(" .,;:!?") + behind
        text = text[:LONGEST].strip()
        return text if len(text) > 1 else self.line(rng)

    def line_of(self, kind: str, rng: np.random.Generator) -> str:
        """Some words that follow one another in a text of this kind, up to a length drawn from 2 to 32."""
        words = self.sources[kind][rng.integers(len(self.sources[kind]))].split()
        return piece(words, rng.integers(max(1, len(words) - 6)), rng.integers(2, LONGEST + 1, 2).max())


def figures(rng: np.random.Generator) -> str:
    """A number, date, time, price, sum, share, address or the like."""
    day, month, year = rng.integers(1, 29), rng.integers(1, 13), rng.integers(1900, 2031)
    name = "".join(rng.choice(list("abcdefghijklmnopqrstuvwxyz"), rng.integers(3, 8)))
    a, b = rng.integers(1, 10 ** rng.integers(1, 5), 2)
    return rng.choice([
        f"{a}", f"{a}.{b % 100:02d}", f"{a + 1000:,}", f"{b % 101} %", f"{b % 100}.{a % 10}%",
        f"{day}.{month}.{year}", f"{day:02d}/{month:02d}/{year}", f"{year}-{month:02d}-{day:02d}",
        f"{MONTHS[month - 1]} {day}, {year}", f"{day} {MONTHS[month - 1]} {year}", f"{a % 24}:{b % 60:02d}",
        f"{a} + {b} = {a + b}", f"{a}*{b % 10}={a * (b % 10)}", f"{a} - {b} = {a - b}", f"{a}/{b}", f"#{a}",
        f"{name}@{name[::-1]}.com", f"({a})", f"No. {a}", f"{name.title()} & {name[::-1].title()}", f"tel. 0{a} {b}",
        f"{a} km", f"{a} kg", f"(+49) {a}{b}", f"{name.title()}, {a % 100}", f"page {a}", f"* {name}: {b}",
    ])  # fmt: skip


def drill(rng: np.random.Generator, text: str) -> str:
    """Letters without sense, capitals, capitalised words, or German words."""
    match rng.integers(5):
        case 0:
            return " ".join("".join(rng.permutation(list(text))).split())
        case 1:
            letters = rng.choice(list(CHARACTERS.replace(" ", "   ")), rng.integers(2, 20))
            return " ".join("".join(letters).split())
        case 2:
            return text.upper().replace("ß", "SS")
        case 3:
            return text.title()
        case _:
            return " ".join(rng.choice(GERMAN, rng.integers(1, 4)))
