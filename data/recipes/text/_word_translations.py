"""Words of English texts exchanged for German, French or Spanish ones, as dictionaries and parallel texts have them.

`translations` learns from pairs of texts which word stands for which (IBM's Model 1, Brown et al. 1993). A review whose
words are exchanged by it keeps the order of English and is no good German, but it holds the words of opinion of that
language, and what it says of the film is known.
"""

import gzip
import re
from collections import defaultdict
from random import Random

from data.recipes.common.sources import check
from data.recipes.text._parallel import DICTIONARIES, catalogues, dictionary, is_held_out, package_files

LANGUAGES = ("de", "fr", "es")
LONGEST = 200  # characters of a text of a pair
ROUNDS = 5  # of expectation maximisation: the sixth changes little
NOTHING = 0.3  # how readily a word is taken to stand for no English word at all
BEST, LEAST, KEPT = 0.15, 0.004, 8  # translations that are kept: share of the best one's score, score, number
INFLECTED = 0.3  # of the exchanged words get another ending

WORD = re.compile(r"[^\W\d_]+")
REMARKS = re.compile(r"<[^>]*>|\[[^\]]*\]|\{[^}]*\}|\([^)]*\)|\+\S*")
NO_WORDS = {"to", "sb", "sth", "oneself", "etw", "jdn", "jdm", "jds", "sich", "se", "s"}  # of a dictionary's language
ENGLISH_ENDINGS = ("ingly", "edly", "ing", "ied", "ies", "ed", "ly", "es", "s", "e", "y")
ENDINGS = {  # of a word of the dictionary: those that stand in texts instead, the first that fits is taken
    "de": [("en", ("e", "t", "te", "en")), ("e", ("e", "en", "er", "es")), ("", ("e", "en", "er", "es", "em"))],
    "fr": [("er", ("e", "ent", "é", "ée", "ait", "ant")), ("eux", ("euse", "euses", "eux")), ("if", ("ive", "ifs")),
           ("s", ("se", "ses")), ("e", ("e", "es")), ("", ("e", "s", "es"))],
    "es": [("ar", ("a", "an", "ó", "aba", "ado", "ada", "ando")), ("er", ("e", "en", "ió", "ido", "iendo")),
           ("ir", ("e", "en", "ió", "ido", "iendo")), ("o", ("a", "os", "as")), ("a", ("as",)), ("e", ("es",)),
           ("", ("s", "es"))],
}  # fmt: skip


def words(text: str) -> list[str]:
    return WORD.findall(text.lower())


def stem(word: str) -> str:
    """An English word without its ending, so that "loves" and "loving" find what "love" means."""
    for ending in ENGLISH_ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def dictionary_text(language: str) -> str:
    """FreeDict's dictionary from English to `language`, whole: `_parallel.dictionary` has one translation a word."""
    name, sha256 = DICTIONARIES[language]
    path = package_files(f"dict-freedict-eng-{name}", f"freedict-eng-{name}.dict.dz")[0]
    return gzip.decompress(check(path, sha256).read_bytes()).decode()


def entries(text: str) -> list[tuple[str, str]]:
    """Every translation, of at most two words, of every word or phrase of two in a dictionary's text, English first.

    A head stands with its pronunciation in a line of its own; German ones may be followed by what kind of word they
    are. The lines behind have translations, remarks, synonyms and examples.
    """
    found, head = [], ""
    for line in text.split("\n"):
        if is_head := re.match(r"(\S.*?) /[^/]*/(?:\s*<[^>]*>)*\s*$", line):
            head = REMARKS.sub(" ", is_head.group(1)).strip()
        elif head and len(head.split()) <= 2 and not re.match(r"\s*$|\s+(Syn|Note|Ant|see|\")", line):
            for translation in re.split("[,;]", REMARKS.sub(" ", re.sub(r"^\d+\. ", "", line))):
                translation = " ".join(translation.split()).strip(" !?.")
                if translation and len(translation.split()) <= 2:
                    found.append((head, translation))
    return list(dict.fromkeys(found))


def word_pairs(language: str, stems: set[str]) -> list[tuple[str, str]]:
    """The dictionary's pairs that have only English words with one of `stems`, without "to", "sb." and the like."""

    def plain(text: str) -> str:
        return " ".join(word for word in words(text) if word not in NO_WORDS)

    pairs = ((plain(english), plain(other)) for english, other in entries(dictionary_text(language)))
    return list(dict.fromkeys((a, b) for a, b in pairs if a and b and all(stem(word) in stems for word in a.split())))


def sentence_pairs(language: str) -> list[tuple[str, str]]:
    """Sentences and phrases in English and in `language` to learn from: those of the game, and German examples.

    Messages of as many sentences in both languages are taken apart; longer texts than LONGEST are left out.
    """
    pairs = []
    for english, other in catalogues(language):
        if not is_held_out(english):
            parts = [re.split(r"(?<=[.!?…]) +", text) for text in (english, other)]
            same = len(parts[0]) == len(parts[1])
            pairs += zip(*parts, strict=True) if same else [(english, other)]
    if language == "de":
        pairs += [pair for pair in dictionary(language)[1] if not is_held_out(pair[0])]
    return [(a, b) for a, b in dict.fromkeys(pairs) if words(a) and words(b) and max(len(a), len(b)) <= LONGEST]


def translations(pairs: list[tuple[str, str]]) -> dict[str, list[tuple[str, float]]]:
    """For each English stem the words that stand for it in the other texts, the best first, with scores.

    A score is the share of the stem's occurrences that the word stands for, times the share of the word's that stand
    for the stem; so words that are everywhere, such as articles, stand for little else.
    """
    data = [(list(dict.fromkeys(map(stem, words(english)))), words(other)) for english, other in pairs]
    chances: dict[str, dict[str, float]] = defaultdict(dict)
    for stems, others in data:
        for one in (*stems, ""):
            chances[one].update(dict.fromkeys(others, 1.0))
    for others in chances.values():
        others.update(dict.fromkeys(others, 1 / len(others)))

    for _ in range(ROUNDS):
        counts: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for stems, others in data:
            for other in others:
                shares = [chances[one].get(other, 0.0) for one in stems]
                shares.append(NOTHING * chances[""].get(other, 0.0))
                if total := sum(shares):
                    for one, share in zip((*stems, ""), shares, strict=True):
                        if share > 1e-3 * total:
                            counts[one][other] += share / total
        for one, others in counts.items():
            total = sum(others.values())
            chances[one] = {other: count / total for other, count in others.items() if count > 1e-3 * total}

    uses: dict[str, float] = defaultdict(float)
    for others in counts.values():
        for other, count in others.items():
            uses[other] += count
    kept = {}
    for one, others in counts.items():
        total = sum(others.values())
        scores = {other: count / total * count / uses[other] for other, count in others.items()}
        best = sorted(((other, round(score, 4)) for other, score in scores.items()), key=lambda x: (-x[1], x[0]))
        best = [(other, score) for other, score in best[:KEPT] if score >= max(LEAST, BEST * best[0][1])]
        if one and best:
            kept[one] = best
    return kept


def inflected(word: str, language: str, random: Random) -> str:
    """The word with another ending that words of its kind have; a rough rule, which also makes words that are none."""
    if len(word) < 4:
        return word
    ending, others = next((ending, others) for ending, others in ENDINGS[language] if word.endswith(ending))
    return word[: len(word) - len(ending)] + random.choice(others)


def exchanged(text: str, table: dict[str, list[tuple[str, float]]], language: str, random: Random) -> str:
    """The text in small letters, each word exchanged for one of its translations, drawn by score, if it has any."""

    def other(match: re.Match) -> str:
        if not (known := table.get(stem(match.group()))):
            return match.group()
        word = random.choices([word for word, _ in known], [score for _, score in known])[0]
        return inflected(word, language, random) if random.random() < INFLECTED else word

    return WORD.sub(other, text.lower())
