"""What a corpus says of names: the type of each, by its articles, the teacher's votes, and the words around it."""

import re
from collections import Counter, defaultdict

from data.recipes.names._entities import (
    BEHIND,
    EPITHETS,
    FIRST,
    IN_WORKS,
    KINDS,
    LARGER,
    LAST,
    NO_PERSON,
    NO_PLACES,
    NUMERAL,
    OF_OTHERS,
    OF_PERSONS,
    OPEN,
    OTHER,
    PRONOUN,
    QUOTED,
    TAXON,
    TITLES,
    TO_PLACES,
    TYPES,
    WORD,
    Run,
    Span,
    capital,
    kind_of,
    plain_title,
    runs,
    span,
)

UNSPLIT = re.compile(r"[Ww]ars?\b|[Rr]evol|[Rr]ebell|[Hh]istory|[Ll]anguage|[Rr]eligion|[Dd]ynasty|[Ll]iteratur")
STAND_ALONE = ("Lake", "Mount", "Cape", "Fort", "Port", "Mt", "Río", "Rio")  # "Lake Erie", but "Kingdom of …"


class Lexicon:
    """The types of names, learned from articles and from the teacher's entities in sentences.

    Args:
        articles: summaries by title.
        labelled: pairs (sentence, the teacher's entities as `of_teacher` gives them).
    """

    def __init__(self, articles: dict[str, str], labelled: list[tuple[str, list[Span]]]) -> None:
        self.votes: dict[str, Counter] = defaultdict(Counter)
        self.inside, self.lower = Counter(), Counter()  # words with a capital within a sentence, and without one
        for text, found in labelled:
            for start, end, kind in found:
                self.votes[text[start:end]][kind] += 1
            for word in list(WORD.finditer(text))[1:]:
                name = re.sub("['’]s$", "", word.group())
                (self.inside if capital(name) else self.lower)[name] += 1
        kinds = {title: kind_of(summary) for title, summary in articles.items()}
        human = {title: bool(PRONOUN.search(summary)) for title, summary in articles.items()}
        number, of_humans = Counter(kinds.values()), Counter(kinds[title] for title in articles if human[title])
        self.callings = {  # "composer", "king": most articles on one say he or she
            k for k, n in number.items() if k and n >= 3 and of_humans[k] >= 0.4 * n
        } - KINDS["LOC"] - KINDS["ORG"] - NO_PERSON  # fmt: skip
        self.names = {}
        for title in articles:
            name = plain_title(title)
            if self.is_name(name):
                self.names[name] = self.type_of(name, kinds[title], human[title])
                if ", " in name and self.names[name] != "ORG":
                    self.names.setdefault(name.split(",")[0], self.names[name])
        self.long_names = defaultdict(list)  # with words between that `runs` does not take for a part of a name
        for name in self.names:
            found = runs(name)
            if len(found) > 1:
                self.long_names[name[slice(*found[0][0])]].append(name)
        persons, others = Counter(), Counter()
        for name, votes in self.votes.items():
            if " " in name:
                person = self.names.get(name, votes.most_common(1)[0][0]) == "PER"
                (persons if person else others)[name.split()[0]] += 1
        titled = [name.split(",")[0].split() for name, kind in self.names.items() if kind == "PER" and " " in name]
        self.first_names = {n for n, c in persons.items() if c >= 3 and c >= 4 * others[n]}
        self.first_names = (self.first_names | {words[0] for words in titled}) - TITLES - LARGER - set(self.names)
        self.surnames = {words[-1] for words in titled if len(words[-1]) > 2 and capital(words[-1])} - set(self.names)

    def is_name(self, title: str) -> bool:
        first, *others = title.split()
        return any(map(capital, others)) or (not others and self.inside[first] > self.lower[first.lower()])

    def type_of(self, name: str, kind: str, human: bool) -> str:
        """The type of an article's title; kind: what `kind_of` found; human: it says "he" or "she"."""
        first, last = name.split()[0], name.split(",")[0].split()[-1]
        if last in LAST["LOC"] or first in FIRST["LOC"]:
            return "LOC"
        if last in LAST["ORG"] or first in FIRST["ORG"]:
            return "ORG"
        if last in LAST[OTHER] or first in FIRST[OTHER] or UNSPLIT.search(name):
            return OTHER
        if kind in self.callings or first == "Pope":
            return "LOC" if self.vote(name, 10) == "LOC" else "PER"  # Mars, a god and a planet
        for label in ("LOC", "ORG"):
            if kind in KINDS[label]:
                return label
        if human and self.vote(name, 0, 0) in ("PER", None):
            return "PER"
        return OTHER if kind in NO_PLACES else self.vote(name, 5) or OTHER

    def vote(self, name: str, least: int = 3, share: float = 0.75) -> str | None:
        """What the teacher took the name for, if so often and in such a share of its mentions."""
        votes = self.votes.get(name)
        if not votes:
            return None
        kind, number = votes.most_common(1)[0]
        return kind if number >= least and number >= share * votes.total() else None

    def known_in(self, title: str, summary: str) -> dict[str, str]:
        """Names whose type is plain within this article: its subject in full, and a person's surname."""
        name = plain_title(title)
        kind = self.names.get(name)
        if kind is None:
            return {}
        known = {name: kind}
        if kind in TYPES:
            subject = re.match(r"(?:The )?(.+?)(?:,| \(|;| is | was | are | were )", summary)
            found = runs(subject.group(1)) if subject else []
            if len(found) == 1:
                known[summary[slice(*(at + subject.start(1) for at in span(found[0])))]] = kind
        if kind == "PER":
            words = [word for word in name.split(",")[0].split() if capital(word) and word not in TITLES]
            one_name = {"of", "the"} & set(name.split()) or (words and NUMERAL.match(words[-1]))
            if words:
                known.setdefault(words[0] if one_name else words[-1], kind)
        return known

    def label(self, text: str, found: list[Span], known: dict[str, str], review: bool) -> list[Span]:
        """The names in a sentence, each with PER, ORG, LOC, OTHER or OPEN.

        found: the teacher's entities; known: names whose type is known here, to which surnames and abbreviations are
        added; review: of a film, in which a name that nothing else tells of is a film's as likely as anything.
        """
        quoted = [match.span() for match in QUOTED.finditer(text)]
        exact = {text[start:end]: kind for start, end, kind in found}
        labels: list[Span] = []
        for run in self.joined(text, exact):
            name = text[slice(*span(run))]
            if not text[: run[0][0]].strip(" \"'“(`") and name not in self.names and name not in known:
                run = self.without_first(text, run)
            for part, kind in self.settle(text, run, exact, known, review, labels) if run else []:
                start, end = span(part)
                name = text[start:end]
                if kind == OPEN and labels and labels[-1][2] in TYPES and text[labels[-1][1] : start] == " (":
                    initials = "".join(word[0] for word in text[slice(*labels[-1][:2])].split() if word[0].isupper())
                    if initials == name:  # "International Criminal Court (ICC)"
                        kind = known[name] = labels[-1][2]
                if any(a <= start and end <= b for a, b in quoted) and name not in self.names:
                    kind = OTHER
                if kind == "PER" and " " in name and "of" not in name and not NUMERAL.match(name.split()[-1]):
                    known.setdefault(name.split()[-1], kind)
                labels.append((start, end, kind))
        return labels

    def joined(self, text: str, exact: dict[str, str]) -> list[Run]:
        """The runs of a text; several are one where they are a long title, or "A and B Party"."""
        found, last = [], 0
        for run in runs(text):
            start, end = span(run)
            if start < last:
                continue
            titles = [n for n in self.long_names.get(text[slice(*run[0])], ()) if text.startswith(n, start)]
            if titles:
                run = [(start, start + len(max(titles, key=len)))]
                last = run[0][1]
            elif (
                found
                and text[found[-1][-1][1] : start] == " and "
                and text[slice(*run[-1])] in LAST["ORG"]
                and exact.get(text[found[-1][0][0] : end]) == "ORG"
            ):
                run = [*found.pop(), (start - 4, start - 1), *run]
            found.append(run)
        return found

    def without_first(self, text: str, run: Run) -> Run:
        """The run without a sentence's first word, if that has a capital for no other reason."""
        word = text[slice(*run[0])]
        if self.lower[word.lower()] <= self.inside[word]:
            return run
        return self.from_capital(text, run[1:])

    def from_capital(self, text: str, run: Run) -> Run:
        while run and not capital(text[slice(*run[0])]):
            run = run[1:]
        return run

    def settle(self, text: str, run: Run, exact: dict[str, str], known: dict[str, str], review: bool,
               labels: list[Span]) -> list[tuple[Run, str]]:  # fmt: skip
        """A run of capitalised words as one name or several, each with its type; labels: the names before it."""
        if not run:
            return []
        (start, end), words = span(run), [text[slice(*word)] for word in run]
        name, number = text[start:end], sum(map(capital, words))
        before = (WORD.findall(text[:start]) or [""])[-1]
        behind = (WORD.findall(text[end : end + 25]) or [""])[0] if text[end : end + 1] == " " else ""

        def rest(at: int) -> list[tuple[Run, str]]:
            return self.settle(text, self.from_capital(text, run[at:]), exact, known, review, labels)

        if name in known or name in self.names:
            kind = known.get(name) or self.names[name]
            return [(run, OTHER if behind in BEHIND[OTHER] and kind != "LOC" else kind)]
        if words[0] in TITLES and len(run) > 1:
            return [(run[:1], OTHER), *rest(1)]
        if words[0] in ("The", "A", "An") or any(word in IN_WORKS for word in words[1:]) or words[-1] in LAST[OTHER]:
            return [(run, OTHER)]
        if behind in BEHIND[OTHER] or (len(run) > 1 and words[0] in FIRST[OTHER]):
            return [(run, OTHER)]
        for kind in ("LOC", "ORG"):
            if len(run) > 1 and words[0] in FIRST[kind] and (words[1] == "of" or words[0] in STAND_ALONE):
                return [(run, kind)]
            if "of" not in words and number > 1 and words[-1] in LAST[kind]:
                return [(run, kind)]
        if len(run) > 1 and words[0] in LARGER and self.names.get(text[run[1][0] : end]) == "LOC":
            return [(run, "LOC")]
        if "of" not in words and len(run) > 1 and NUMERAL.match(words[-1]) and words[0] not in ("Article", "Part"):
            return [(run, "PER")]
        if len(run) == 3 and words[1] == "the" and words[2] in EPITHETS:
            return [(run, "PER")]
        voted, said = self.vote(name), exact.get(name)
        if voted == "ORG" and (number < 2 or review or words[0] in LARGER):  # then it is wrong more often than right
            voted = None
        if "of" in words[1:]:
            at = words.index("of", 1)
            left = self.settle(text, run[:at], exact, known, review, labels)
            if voted or said in ("PER", "LOC"):
                return [(run, voted or said)]
            if len(left) == 1 and left[0][1] == "PER":
                return [(run, "PER")]
            return [*left, *rest(at + 1)]
        if before in OF_OTHERS or TAXON.search(words[-1]):
            return [(run, OTHER)]
        calling = before in self.callings or before in OF_PERSONS or before in TITLES
        if number > 1 and (calling or words[0] in self.first_names):
            return [(run, "PER")]
        if voted:
            return [(run, voted)]
        if calling or (number == 1 and name in self.surnames and said in ("PER", None)):
            return [(run, "PER")]
        if behind in BEHIND["LOC"] and said in ("LOC", None):
            return [(run, "LOC")]
        if said == "PER" and (review or number > 1):
            return [(run, said)]
        listed = labels and labels[-1][2] == "LOC" and text[labels[-1][1] : start] in (", ", ", and ", " and ")
        if said == "LOC" and not review and (before in TO_PLACES or listed or number > 1):
            return [(run, said)]
        return [(run, OPEN)]
