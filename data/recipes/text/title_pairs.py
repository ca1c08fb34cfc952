"""Build data/title_pairs: does this title belong to that package description?

    python -m data.recipes.text.title_pairs          on Debian 12

Source: the package lists of Debian 12 (bookworm, main): short description (title) and first paragraph of the long one.
One package is taken from each source package, so that no program is in two splits. A third of the pairs have the
description of another package of the same section (games, sound, science, …). Debian's point releases change a few
descriptions, so that a later run may give slightly other pairs; the files kept here are fixed.
"""

import re
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from data.recipes.common.sources import debian_lists
from data.recipes.common.sums import write_sums
from utils.data import DATA

SEED = 0
SIZES = {"train": 3600, "validation": 400, "test": 1000}
SECTIONS = {
    "admin", "database", "editors", "electronics", "games", "graphics", "mail", "math", "misc", "net", "science",
    "sound", "text", "utils", "video", "web", "x11",
}  # fmt: skip
WORDS = 60  # the most that is kept of a description


def fields(stanza: str) -> dict[str, str]:
    """The fields of one package; lines that go on are joined with line ends."""
    return {name: text.strip() for name, text in re.findall(r"^([\w-]+): ?(.*(?:\n .*)*)", stanza, re.M)}


def read_packages() -> pd.DataFrame:
    """One row a source package: section, title, description."""
    with tempfile.TemporaryDirectory() as folder:
        packages, descriptions = debian_lists(Path(folder), "en", "binary-*_Packages*", "*-en*")
    long_texts = {f["Description-md5"]: f["Description-en"] for f in map(fields, descriptions.split("\n\n")) if f}
    rows = []
    for package in map(fields, packages.split("\n\n")):
        text = long_texts.get(package.get("Description-md5", ""), "")
        title, _, rest = text.partition("\n")
        paragraph = " ".join(re.split(r"\n \.", rest)[0].split())
        if package.get("Section") in SECTIONS and len(paragraph.split()) >= 12 and len(title.split()) >= 3:
            source = package.get("Source", package["Package"]).split()[0]
            rows.append((source, package["Section"], title, " ".join(paragraph.split()[:WORDS])))
    table = pd.DataFrame(rows, columns=["source", "section", "title", "description"])
    return table.drop_duplicates("source").drop_duplicates("title").drop_duplicates("description")


def pair(packages: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Give a third of the titles the description of another package of the same section; label 1 if it is its own."""
    labels = random.permutation(len(packages)) >= len(packages) // 3
    packages = packages.assign(label=labels.astype(int))
    described = packages["description"].copy()
    for _, members in packages.groupby("section"):
        wrong = members.index[members["label"] == 0]
        for i in wrong:
            others = members.index[members.index != i]
            described[i] = packages.loc[random.choice(others), "description"]
    return packages.assign(description=described)[["title", "description", "label", "section"]]


if __name__ == "__main__":
    target = DATA / "title_pairs"
    target.mkdir(exist_ok=True)
    random = np.random.default_rng(SEED)
    packages = read_packages().sort_values("source")
    print(f"{len(packages):,} packages")
    packages = packages.sample(sum(SIZES.values()), random_state=SEED).reset_index(drop=True)
    start = 0
    for name, size in SIZES.items():
        part = pair(packages[start : start + size], random)
        start += size
        part.to_parquet(target / f"{name}.parquet", index=False)
        print(f"{name:<10} {len(part):>5} pairs, {part['label'].mean():.1%} belong together")
    write_sums()
