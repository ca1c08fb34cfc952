"""What the writers write: short pieces of English and German sentences, other sentences in each split."""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from data.recipes.common.sources import debian_lists
from data.recipes.handwriting._texts import LONGEST, TYPED, piece
from utils.data import DATA
from utils.handwriting.strokes import characters

SHORTEST = 12  # characters


def english(split: str) -> list[str]:
    """Sentences of film reviews: those of the same split of data/movie_reviews."""
    return pd.read_parquet(DATA / "movie_reviews" / f"{split}.parquet")["text"].tolist()


def german(folder: Path, split: str) -> list[str]:
    """German titles and first sentences of Debian's packages; every tenth is for validation, two in ten for test.

    The lists are fetched into `folder` with apt-get (Debian 12).
    """
    (lists,) = debian_lists(folder, "de", "*-de*")
    found = set()
    for title, rest in re.findall(r"^Description-de: (.*)\n((?: .*\n)*)", lists, re.M):
        paragraph = " ".join(re.split(r"^ \.$", rest, flags=re.M)[0].split())
        found |= {re.sub(r" \([^)]*\)$", "", title), re.split(r"(?<=[a-zäöüß]\.) ", paragraph)[0]}
    tenths = {"train": range(7), "validation": (7,), "test": (8, 9)}[split]
    return [text for i, text in enumerate(sorted(found - {""})) if i % 10 in tenths]


def snippet(sentences: list[str], rng: np.random.Generator) -> str:
    """A piece of a random sentence: whole words, 12 to 32 characters that the faces have, no acronyms."""
    while True:
        words = sentences[rng.integers(len(sentences))].translate(TYPED).split()
        if not words:
            continue
        first = rng.integers(len(words)) if rng.random() < 0.5 else 0  # half of them are how a sentence begins
        most = rng.integers(20, LONGEST + 1)
        text = piece(words, first, most).strip(" ,;:-")
        strange = set(text) - set(characters()) or re.search(r"\w[A-ZÄÖÜ]|\w[./]\w|::", text)
        if not strange and SHORTEST <= len(text) <= most and sum(map(str.isalpha, text)) > len(text) / 2:
            return text
