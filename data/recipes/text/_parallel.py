"""Parallel texts of open packages, English and another language: a game's messages and dictionaries.

Debian 12's packages of Battle for Wesnoth 1.16.9 (its catalogues of translated messages; GPL-2+) and of FreeDict's
dictionaries (English-French and English-Spanish GPL-2+; English-German, made from the Ding dictionary, GPL-3+ as the
package has it). They are fetched once, into .cache/sources/parallel; recipes learn from them, the project stores none
of their text.
"""

import gettext
import gzip
import hashlib
import re
import tempfile
from pathlib import Path

from data.recipes.common.sources import check, debian_package
from utils.data import ROOT

FOLDER = ROOT / ".cache" / "sources" / "parallel"
GAME = [f"wesnoth-1.16-{part}" for part in
        "data did dm dw ei httt l low nr sof sota sotbe thot trow utbs".split()]  # fmt: skip  # noqa: SIM905
DICTIONARIES = {  # other language: FreeDict's name of it, SHA-256 of the dictionary
    "de": ("deu", "f56d2bfa57ccfe9cfad28106d8f1eaf66e2fee1f20b6ae170e7b984f913d4770"),
    "fr": ("fra", "aaa6ecd1fd5713e8a21cabdef34695f618f12bea8e06a0e9225613d324484402"),
    "es": ("spa", "1e33c230e4c1ba56a3ad48e50d0d52ea0ffd41b2e6d51880457cb6d1fcb6f2e3"),
}


def part(key: str) -> str:
    """The split that a text, or a whole family of texts, belongs to: "train", "validation" or "test" (1 in 40 each)."""
    return {0: "test", 1: "validation"}.get(int(hashlib.sha256(key.encode()).hexdigest(), 16) % 40, "train")


def is_held_out(text: str) -> bool:
    """True for the twentieth of all texts that no recipe may learn from; of a pair, ask for the English text."""
    return part(text) != "train"


def catalogues(language: str) -> list[tuple[str, str]]:
    """The game's messages in English and in `language` ("de", "fr", "es" or "it"), no English message twice.

    Marks of style, variables and line ends are taken out; messages that are alike in both languages, of a single
    character, or with "=" in them are left out. A message may have several sentences.
    """
    pairs = {}
    for path in sorted(_catalogue_files(language), key=lambda path: path.name):
        with open(path, "rb") as file:
            messages = gettext.GNUTranslations(file)._catalog
        for english, other in messages.items():
            english = english[0] if isinstance(english, tuple) else english  # of a plural's forms the first
            english, other = _plain(english.split("\x04")[-1].split("^")[-1]), _plain(other)
            if len(english) > 1 and english != other and "=" not in english:
                pairs.setdefault(english, other)
    return list(pairs.items())


def _plain(message: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>|\$[\w.|]+|\\n", " ", message)).strip()


def dictionary(language: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Pairs of words, and pairs of phrases and sentences, English first, as FreeDict has them ("de", "fr" or "es").

    A word has its first translation alone. Only the German dictionary has sentences; the other two are small.
    """
    name, sha256 = DICTIONARIES[language]
    path = check(package_files(f"dict-freedict-eng-{name}", f"freedict-eng-{name}.dict.dz")[0], sha256)
    text = gzip.decompress(path.read_bytes()).decode()
    if language == "de":
        return _german(text)
    entries = re.findall(r"^(.+) /[^/\n]*/\n(?:1\. )?(.+)$", text, re.MULTILINE)
    words = {}
    for word, translations in entries:
        words.setdefault(word.strip(), translations.split(", ")[0].strip())
    return [(a, b) for a, b in words.items() if b], []


def _german(text: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """A block has a headword, its translations in the second line, and examples: `"English" - German`."""
    words, sentences = {}, {}
    for block in re.split(r"\n\s*\n(?=\S)", text):
        first, *lines = block.split("\n")
        head = re.match(r"(.+?) /[^/]*/\s*$", first) or re.match(r"([^/]+)$", first)
        if not head:
            continue
        word = _tidy(head.group(1))
        for line in lines:
            if example := re.match(r'\s+"(.+?)"\s+- (.+)$', line):
                english, german = example.group(1).strip(), example.group(2).strip()
                if english.endswith((".", "!", "?")):  # of several translations of a sentence the first
                    german = sentence.group(0) if (sentence := re.match(r".+?[.!?](?=, |$)", german)) else german
                else:
                    german = german.split(", ")[0]
                english, german = _tidy(english), _tidy(german)
                if english and german and len(english) < 200:
                    sentences[english] = german
            elif line and not line.startswith(("   Syn", "         Note", " see")) and word and word not in words:
                german = _tidy(line).split(", ")[0]
                if german and len(german) < 60 and len(word) < 60:
                    words[word] = german
    return list(words.items()), list(sentences.items())


def _tidy(text: str) -> str:
    """The text without grammar, remarks and pronunciation."""
    text = re.sub(r"<[^>]*>|\[[^\]]*\]|\{[^}]*\}|\([^)]*\)|\+\S*|/[^/ ]*/?", " ", text)
    return re.sub(r"\s+", " ", text).strip(" ,;")


def _catalogue_files(language: str) -> list[Path]:
    return [path for package in GAME for path in package_files(package, "*.mo") if path.parent.parent.name == language]


def package_files(package: str, pattern: str) -> list[Path]:
    """The files of a Debian package whose names match `pattern`; only these are kept, at their paths."""
    kept = FOLDER / package
    if not kept.is_dir():
        FOLDER.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
            root = debian_package(package, Path(folder))
            chosen = Path(folder) / "chosen"
            for path in root.rglob(pattern):
                target = chosen / path.relative_to(root)
                target.parent.mkdir(parents=True, exist_ok=True)
                path.rename(target)
            chosen.rename(kept)
    return sorted(kept.rglob(pattern))
