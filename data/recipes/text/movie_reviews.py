"""Build data/movie_reviews: 10,605 sentences from Rotten Tomatoes, each rated by about twenty people.

    python -m data.recipes.text.movie_reviews

Source: PyPI package vaderSentiment 3.3.2 (MIT), source distribution, the file that C. J. Hutto and E. Gilbert
published with "VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social Media Text" (ICWSM 2014).
"""

import tempfile
from pathlib import Path

import pandas as pd
from sklearn.model_selection import train_test_split

from data.recipes.common.sources import check, extract, pip_sdist
from data.recipes.common.sums import write_sums
from utils.data import DATA

SDIST_SHA256 = "5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9"
SEED = 0


def read(folder: Path) -> pd.DataFrame:
    """Download and read the rated sentences: columns text, rating (mean of the raters, -4 to +4)."""
    sdist = check(pip_sdist("vaderSentiment==3.3.2", folder), SDIST_SHA256)
    archive = extract(sdist, "hutto_ICWSM_2014.tar.gz", folder)
    table = extract(archive, "movieReviewSnippets_GroundTruth.txt", folder)
    rows = [line.split("\t") for line in table.read_text(encoding="utf-8").splitlines() if line]
    return pd.DataFrame({"text": [r[2].strip() for r in rows], "rating": [float(r[1]) for r in rows]})


def clean(reviews: pd.DataFrame) -> pd.DataFrame:
    """Drop sentences with mean rating exactly 0 and repeated ones; add label 0 (negative) or 1 (positive)."""
    print(f"read {len(reviews)}")
    undecided = reviews["rating"] == 0
    repeated = reviews["text"].duplicated() & ~undecided
    print(f"dropped {undecided.sum()} with mean rating 0 and {repeated.sum()} repeated")
    kept = reviews[~undecided & ~repeated].copy()
    kept["label"] = (kept["rating"] > 0).astype(int)
    return kept[["text", "label", "rating"]]


def split(reviews: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Eighty, ten and ten per cent, with the same share of positives in each."""
    train, rest = train_test_split(reviews, test_size=0.2, random_state=SEED, stratify=reviews["label"])
    validation, test = train_test_split(rest, test_size=0.5, random_state=SEED, stratify=rest["label"])
    return {"train": train, "validation": validation, "test": test}


if __name__ == "__main__":
    target = DATA / "movie_reviews"
    target.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        reviews = clean(read(Path(folder)))
    for name, part in split(reviews).items():
        part.to_parquet(target / f"{name}.parquet", index=False)
        words = part["text"].str.split().str.len().mean()
        positive = part["label"].mean()
        print(f"{name:<10} {len(part):>5} sentences, {positive:.1%} positive, {words:.1f} words on average")
    write_sums()
