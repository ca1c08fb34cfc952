"""Sentences with names to train on besides those of the texts: from templates, and with names exchanged."""

import random
import re
from collections import Counter, defaultdict

from data.recipes.names._entities import OPEN, TYPES

Labelled = tuple[str, list]  # a sentence, and its names: start, end, type

EVERYDAY = """
My name is {PER} and I live in {LOC}.|Hi, I'm {PER}.|I'm {PER} from {LOC}.|Hello, this is {PER} from {ORG}.
I work at {ORG}.|I work for {ORG} in {LOC}.|She works at {ORG} with {PER}.|He left {ORG} and joined {ORG}.
My sister {PER} studies in {LOC}.|{PER} is my neighbour and works as a nurse.|We met {PER} and {PER} in {LOC}.
My boss at {ORG} is called {PER}.|Our office is in {LOC}, but {ORG} has another one in {LOC}.|Call me {PER}.
{ORG} is hiring engineers in {LOC}.|{ORG} was founded by {PER} in {LOC}.|{PER} moved from {LOC} to {LOC} last year.
The train to {LOC} leaves at nine.|I have never been to {LOC} or {LOC}.|Have you heard from {PER}?|Where is {LOC}?
Yesterday {PER} told me that {ORG} will open a shop in {LOC}.|I bought it from {ORG}.|{LOC} is lovely in spring.
{PER}, who runs {ORG}, lives near {LOC}.|Do you know {PER} of {ORG}?|Please send the letter to {PER}, {LOC}.
After ten years at {ORG} I moved to {LOC}.|My name is {PER}.|My friend {PER} got a job at {ORG}.|I was born in {LOC}.
{PER} teaches at a school in {LOC}.|The meeting with {ORG} is on Monday.|Is {PER} coming to the party?
I am a student and my name is {PER}.|We flew to {LOC} to see {PER}.|They sold the house in {LOC} to {PER}.
The course is about language models.|I have to wake up early in the morning.|I hate this so much!
The weather is nice today.|My dog likes to swim in the lake.|She is a doctor and he is a teacher.
We are hugging our friends.|My face is red.
"""
TEMPLATES = [template for line in EVERYDAY.strip().splitlines() for template in line.split("|")]


def fillers(rows: list[Labelled]) -> dict[str, list[str]]:
    """Names by type, each once, in the order in which the texts have them; "word": words that begin no name."""
    names = {kind: {} for kind in (*TYPES, "word")}
    for text, found in rows:
        for start, end, kind in found:
            if kind in TYPES and len(text[start:end]) > 1:
                names[kind].setdefault(text[start:end])
        for word in re.findall(r"(?<= )[a-z]{4,8}(?= )", text):
            names["word"].setdefault(word)
    return {kind: list(values) for kind, values in names.items()}


def filled(template: str, names: dict[str, list[str]], rng: random.Random) -> Labelled:
    """The template with names in place of {PER}, {ORG} and {LOC}.

    Half of the persons have a first name alone; half of the firms are made of two ordinary words, as firms are.
    """
    text, found = "", []
    for i, piece in enumerate(re.split(r"\{(PER|ORG|LOC)\}", template)):
        if i % 2 == 0:
            text += piece
            continue
        name = rng.choice(names[piece])
        if piece == "PER" and rng.random() < 0.5:
            name = name.split()[0]
        if piece == "ORG" and rng.random() < 0.5:
            name = " ".join(word.title() for word in rng.sample(names["word"], rng.choice((1, 2, 2))))
        found.append((len(text), len(text) + len(name), piece))
        text += name
    return text, found


def everyday(names: dict[str, list[str]], number: int, seed: int) -> list[Labelled]:
    """Sentences of everyday talk, from templates."""
    rng = random.Random(seed)
    return [filled(rng.choice(TEMPLATES), names, rng) for _ in range(number)]


def swapped(rows: list[Labelled], names: dict[str, list[str]], seed: int) -> list[Labelled]:
    """Copies of sentences without an open name, each name exchanged for one of its type, if a coin says so.

    A sentence with an organisation, of which there are few, has four copies; others with a name one.
    """
    rng, made = random.Random(seed), []
    for text, found in rows:
        kinds = {kind for *_, kind in found}
        if not kinds or OPEN in kinds:
            continue
        for _ in range(4 if "ORG" in kinds else 1):
            new, spans, last = "", [], 0
            for start, end, kind in found:
                new += text[last:start]
                name = rng.choice(names[kind]) if rng.random() < 0.5 else text[start:end]
                spans.append((len(new), len(new) + len(name), kind))
                new, last = new + name, end
            made.append((new + text[last:], spans))
    return made


def dictionary(rows: list[Labelled]) -> dict[str, str]:
    """The type of each name, in lower case, that most of its mentions have; no words that are commoner without one."""
    counts, lower = defaultdict(lambda: defaultdict(int)), Counter()
    for text, found in rows:
        lower.update(re.findall(r"\b[a-z]+\b", text))
        for start, end, kind in found:
            if kind in TYPES:
                counts[text[start:end].lower()][kind] += 1
    types = {name: max(sorted(kinds), key=kinds.get) for name, kinds in counts.items()}
    return {name: kind for name, kind in types.items() if lower[name] <= sum(counts[name].values())}


def looked_up(text: str, types: dict[str, str], longest: int = 6) -> list[tuple[int, int, str]]:
    """The names of a dictionary in a text, whatever their capitals; the longest from left to right."""
    words = [match.span() for match in re.finditer(r"[^\W_]+(?:[.'’ʻ–-][^\W_]+)*", text)]
    words = [(start, end - 2 if text[start:end].endswith(("'s", "’s")) else end) for start, end in words]
    found, at = [], 0
    while at < len(words):
        for last in range(min(at + longest, len(words)) - 1, at - 1, -1):
            start, end = words[at][0], words[last][1]
            if text[start:end].lower() in types:
                found.append((start, end, types[text[start:end].lower()]))
                at = last
                break
        at += 1
    return found
