"""What zero_shot.py learns from: texts, the phrases that are known to fit them, and a wide vocabulary of topic words.

No text of data/text_evaluation is among them, and no phrase has a word of the topics that are measured there.
"""

import gzip
import re
from collections import Counter

import numpy as np
import pandas as pd

from data.recipes.common.articles import articles
from data.recipes.common.sources import debian_lists, debian_package
from data.recipes.text.title_pairs import fields
from utils.data import DATA, ROOT

SOURCES = ROOT / ".cache" / "sources"
WORDS = 45  # the most that is kept of a text
# The topics that are measured or tuned on, and what means nearly the same: beginnings of words that no phrase may have.
UNSEEN = {
    "education": "educat school teach learn universit colleg academ student pupil class(es|room|rooms)?$ courses?$ "
    "lesson pedagog campus professor lectur exam homework textbook tutor curricul kindergarten",
    "politics": "politic govern elect(s|ed|ing|ives?)?$ election elector parliament democra minist president "
    "part(y|ies)$ vot senat congress polic(y|ies)$ republic candidate campaign legislat state dictator constitution "
    "diplom ideolog socialis fascis communis reform leader rulers?$ ambassador nationalis liberal conservat",
    "business": "business compan(y|ies)$ commerc econom financ market industr trad(e|er|ers|es|ing)$ enterpris "
    "corporat bank invest stock(s|ed|ing)?$ firms?$ sales?$ shop profit customer employ money account manufactur "
    "executive manager entrepreneur price career brand",
    "sports": "sport football soccer tennis athlet game olympi match(es)?$ team league champion player baseball "
    "basketball hockey boxing swim cycling race racing rugby golf cricket gymnast stadium volleyball ski(s|ing|er)?$",
    "health": "health medic hospital diseas illness doctor nurs fitness diet nutrit therap vaccin surg patient "
    "wellness epidem pandem clinic pharma drug symptom syndrome infect cancer hygien sick physician dentist virus "
    "acupunc diarrh amnes fever pain(s|ful)?$ wound injur dental dement diabet",
    "cooking": "cook cuisin recipe food culinar kitchen bak(e|ing|er|ery)$ gastronom meal dish chef",
    "travel": "travel touris trip vacation holiday journey hotel flight voyage",
    "weather": "weather meteorolog climat storm rain(s|y|fall)?$ snow wind(s|y)?$ forecast",
    "crime": "crim(e|es|inal|inals)$ police murder theft thief thiev robber burglar prison gangs?$",
    "fashion": "fashion cloth garment dress textil costume shoe jewel",
    "gardening": "garden horticultur",
}
BARRED = re.compile(r"\b(?:" + "|".join(w.replace("$", r"\b") for w in " ".join(UNSEEN.values()).split()) + ")", re.I)
SECTIONS = {
    "database": "databases", "electronics": "electronics", "editors": "text editing", "graphics": "graphics",
    "mail": "email", "math": "mathematics", "net": "computer networks", "science": "science", "sound": "sound",
    "video": "video", "web": "the web", "devel": "programming", "python": "programming", "perl": "programming",
    "hamradio": "radio", "fonts": "typography", "news": "news", "comm": "communication", "vcs": "version control",
}  # fmt: skip
# A word of an article's first words -> what the article is about.
CATEGORIES = {
    "physicist": "physics", "chemist": "chemistry", "mathematician": "mathematics", "astronomer": "astronomy",
    "biologist": "biology", "painter": "painting", "sculptor": "sculpture", "architect": "architecture",
    "composer": "music", "singer": "music", "musician": "music", "band": "music", "album": "music", "song": "music",
    "novelist": "literature", "poet": "poetry", "playwright": "theatre", "writer": "literature", "novel": "literature",
    "philosopher": "philosophy", "theologian": "religion", "saint": "religion", "god": "mythology",
    "goddess": "mythology", "prophet": "religion", "film": "cinema", "actor": "cinema", "actress": "cinema",
    "inventor": "inventions", "explorer": "exploration", "psychologist": "psychology", "king": "monarchs",
    "queen": "monarchs", "emperor": "monarchs", "general": "war", "war": "war", "battle": "war", "river": "rivers",
    "city": "cities", "island": "islands", "mountain": "mountains", "lake": "lakes", "desert": "deserts",
    "language": "languages", "planet": "astronomy", "star": "astronomy", "constellation": "astronomy",
    "galaxy": "astronomy", "genus": "biology", "species": "biology", "bird": "birds", "insects": "insects",
    "fish": "fish", "mammal": "animals", "dinosaurs": "dinosaurs", "plant": "plants", "tree": "trees",
    "mineral": "minerals", "rock": "geology", "element": "chemistry", "compound": "chemistry", "acid": "chemistry",
    "protein": "biology", "theorem": "mathematics", "geometry": "mathematics", "algebra": "mathematics",
    "statistics": "statistics", "particle": "physics", "computer": "computers", "software": "software",
    "engine": "machines", "aircraft": "aviation", "ship": "ships", "weapon": "weapons", "organ": "anatomy",
    "muscle": "anatomy", "ocean": "oceans", "country": "countries", "philosophy": "philosophy", "religion": "religion",
}  # fmt: skip


def barred(phrase: str) -> bool:
    """Whether the phrase has a word of the topics that must stay unseen."""
    return bool(BARRED.search(phrase))


def excerpt(sentences: list[str], first: int) -> str:
    """Sentences from the one numbered `first` on, whole ones as far as WORDS go (one at least, cut if need be)."""
    words = sentences[first].split()
    for sentence in sentences[first + 1 : first + 3]:
        if len(words) + len(sentence.split()) > WORDS:
            break
        words += sentence.split()
    return " ".join(words[:WORDS])


def of_articles() -> list[dict]:
    """Two excerpts of each article to train on; they fit its title and the field that its first words tell."""
    found = []
    for title, text in articles(held_out=False).items():
        sentences = re.split(r"(?<=[.!?])\s+(?=[A-Z])", text)
        own = [re.sub(r"\s*\([^)]*\)", "", title)]
        defined = re.search(r"\b(?:is|was|are|were) (?:an?|the|one of|any)\b(.{3,70})", sentences[0])
        if defined:
            own += [CATEGORIES[word] for word in re.findall(r"[a-z]+", defined.group(1)) if word in CATEGORIES][:2]
        for first in sorted({0, len(sentences) // 2}):
            found.append({"text": excerpt(sentences, first), "own": list(dict.fromkeys(own))})
    return found


def of_packages(count: int, seed: int) -> list[dict]:
    """Descriptions of `count` packages; they fit the package's title, its section and its field (Debian's tags).

    Source packages of which one package is in the test or the validation part of data/title_pairs are left out.
    """
    packages, descriptions = debian_lists(
        SOURCES / "debian_lists", "de,en", "binary-*_Packages*", "i18n_Translation-en*"
    )
    long_texts = {f["Description-md5"]: f["Description-en"] for f in map(fields, descriptions.split("\n\n")) if f}
    parts = [pd.read_parquet(DATA / "title_pairs" / f"{part}.parquet") for part in ("test", "validation")]
    held_out = set(pd.concat(parts)["title"]) | set(pd.concat(parts)["description"])
    by_source: dict[str, list[dict]] = {}
    left_out = set()
    for package in map(fields, packages.split("\n\n")):
        title, _, rest = long_texts.get(package.get("Description-md5", ""), "").partition("\n")
        paragraph = " ".join(re.split(r"\n \.", rest)[0].split())
        source = package.get("Source", package.get("Package", "")).split(" ")[0]
        if title in held_out or " ".join(paragraph.split()[:60]) in held_out:
            left_out.add(source)
        topics = re.findall(r"field::([a-z]+)", package.get("Tag", ""))
        topics += [SECTIONS[package["Section"]]] if package.get("Section") in SECTIONS else []
        if len(paragraph.split()) >= 12 and len(title.split()) >= 3:
            text = " ".join(paragraph.split()[:WORDS])
            by_source.setdefault(source, []).append({"text": text, "own": [title.split(" (")[0], *topics]})
    kept = [by_source[source][0] for source in sorted(by_source) if source not in left_out]
    chosen = np.random.default_rng(seed).permutation(len(kept))[:count]
    return [kept[i] for i in sorted(chosen)]


def dictionary() -> tuple[list[str], list[str]]:
    """English nouns and whole sentences of FreeDict's English-German dictionary (Ding)."""
    folder = SOURCES / "freedict"
    folder.mkdir(parents=True, exist_ok=True)
    root = folder / "dict-freedict-eng-deu"
    root = root if root.is_dir() else debian_package("dict-freedict-eng-deu", folder)
    text = gzip.decompress(next(root.glob("usr/share/dictd/*.dict.dz")).read_bytes()).decode()
    nouns = re.findall(r"^([a-z]{4,}) /[^/\n]*/\n.*<(?:masc|fem|neut|pl)>", text, re.M)
    sentences = re.findall(r'^\s+"([A-Z][^"\[\]{}<>]{20,160}[.!?])"\s+- ', text, re.M)
    return list(dict.fromkeys(nouns)), list(dict.fromkeys(" ".join(s.split()) for s in sentences))


def topic_words(texts: list[str], titles: list[str], nouns: list[str], counts: tuple[int, int]) -> list[str]:
    """The most frequent nouns of the texts, and titles that are words rather than names, as many as `counts` says."""
    frequency = Counter(word for text in texts for word in set(re.findall(r"[a-z]{4,}", text)))
    frequent = sorted((n for n in nouns if frequency[n] >= 5), key=lambda n: (-frequency[n], n))
    common = [t.lower() for t in titles if len(t.split()) <= 2 and all(frequency[w] for w in t.lower().split())]
    common = [t for t in common if len(t) > 3]
    wanted = [[p for p in dict.fromkeys(phrases) if not barred(p)] for phrases in (frequent, common)]
    return list(dict.fromkeys([*wanted[0][: counts[0]], *wanted[1][: counts[1]]]))


def collected(packages: int = 5000, sentences: int = 6000, counts: tuple[int, int] = (2500, 2500)) -> dict:
    """All of it: {"texts": [{"text", "own": phrases that fit}], "words": topic words}. counts: of nouns, titles."""
    rows, nouns_and_sentences = of_articles() + of_packages(packages, seed=0), dictionary()
    every = max(1, len(nouns_and_sentences[1]) // sentences)
    rows += [{"text": sentence, "own": []} for sentence in nouns_and_sentences[1][::every]]
    measured = {line.lower() for line in evaluation_texts()}
    rows = [
        row | {"own": [p for p in row["own"] if not barred(p)]} for row in rows if row["text"].lower() not in measured
    ]
    titles = list(dict.fromkeys(re.sub(r"\s*\([^)]*\)", "", title) for title in articles(held_out=False)))
    words = topic_words([row["text"] for row in rows], titles, nouns_and_sentences[0], counts)
    return {"texts": rows, "words": words}


def evaluation_texts() -> list[str]:
    """The texts of data/text_evaluation/topics.jsonl."""
    frame = pd.read_json(DATA / "text_evaluation" / "topics.jsonl", lines=True)
    return list(frame["text"])
