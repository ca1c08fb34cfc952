"""A parsed encyclopedia article: what it is about, the names in it and what to ask for them with."""

import random
import re

from data.recipes.questions._noun_kinds import COUNTRIES, PERSONS, TYPES

# spaCy's labels of entities
NUMBER = {"CARDINAL", "QUANTITY", "MONEY", "PERCENT"}
PLACE = {"GPE", "LOC", "FAC"}
TIME = {"DATE", "TIME"}

PRONOUNS = {"he", "she", "it", "they", "which", "that"}
NOT_IN_NAMES = {"relcl", "acl", "appos", "advcl", "parataxis", "punct", "ccomp"}


class Article:
    """A parsed article: what it is about, and the questions that can be asked about it.

    asked: list of (question, start, end, what made it); `rng` chooses among the ways to ask.
    """

    def __init__(self, title: str, doc, rng: random.Random) -> None:
        self.doc, self.rng, self.asked = doc, rng, []
        self.title = re.sub(r" ?\([^)]*\)", "", title)
        self.entity = {t.i: e for e in doc.ents for t in e}
        self.kind, self.subject, self.verb = "", None, "is"
        first = next(doc.sents)
        for token in first:
            if token.lemma_ == "be" and token.dep_ in ("ROOT", "ccomp"):
                subject = [c for c in token.children if c.dep_ == "nsubj"]
                attribute = [c for c in token.children if c.dep_ == "attr"]
                if subject and attribute:
                    self.subject, self.kind, self.verb = subject[0], attribute[0].lemma_.lower(), token.text
                    break
        self.person = self.kind in PERSONS or bool(re.search(r"(?:^|\. )(?:He|She|His|Her) ", doc.text))

    def mentions(self) -> list[str]:
        """Ways to name the subject; the first two are the usual ones."""
        title = self.title
        if self.person:
            found = [title, title.split()[-1] if " of " not in title and "," not in title else title]
            return found + (["he"] if re.search(r"\b[Hh](?:e|is)\b", self.doc.text) else ["she"])
        if self.subject is not None:
            text = self.text(*self.span(self.subject, strip=False))
            if text.lower().split()[0] in ("a", "an", "the") and self.title.lower() in text.lower():
                title = text[0].lower() + text[1:]
        if "," in title:
            title = title.split(",")[0]
        return [title, title] + ([f"the {self.kind}", f"this {self.kind}"] if self.kind.isalpha() else [])

    # spans of tokens: (first, last + 1)

    def span(self, token, strip: bool = True, most: int = 14) -> tuple[int, int]:
        """The name that `token` is the head of, without clauses and additions; its article too unless `strip`."""
        left = min([c.left_edge.i for c in token.lefts if c.dep_ not in NOT_IN_NAMES] + [token.i])
        right = token.i + 1
        for child in token.rights:
            if child.dep_ == "punct" and child.text in "-–/'" + '"“”':
                right = child.i + 1
            elif child.dep_ == "cc" or (child.dep_ == "punct" and child.text == ","):
                continue
            elif child.dep_ == "conj" and child.pos_ in (token.pos_, "PROPN"):
                right = self.span(child, strip=False)[1]
            elif child.dep_ == "prep" and child.text == "of":
                objects = [c for c in child.children if c.dep_ == "pobj"]
                right = self.span(objects[0], strip=False)[1] if objects else right
            elif child.dep_ in ("compound", "nummod", "amod", "case", "nmod", "quantmod", "advmod", "poss"):
                right = child.right_edge.i + 1
            else:
                break
        if right - left > most:
            left, right = token.left_edge.i if token.i - token.left_edge.i < most else token.i, token.i + 1
        while strip and left < right - 1 and self.doc[left].lower_ in ("the", "a", "an", ",", "(", '"', "both"):
            left += 1
        while right > left + 1 and (self.doc[right - 1].is_punct and self.doc[right - 1].text not in ('"', "”", ")")):
            right -= 1
        return left, right

    def text(self, left: int, right: int) -> str:
        """The text of a span of tokens."""
        return self.doc[left:right].text

    def is_subject(self, token) -> bool:
        """Is this token the article's subject: its name, or a pronoun that stands for it?"""
        if token.lower_ in ("he", "she", "it", "him") or (token.lower_ == "they" and not self.person):
            return True
        if self.subject is not None and token.i == self.subject.i:
            return True
        last = self.title.lower().split()[-1]
        if token.lower_ != last or any(c.dep_ in ("amod", "poss") for c in token.lefts):
            return False
        return token.pos_ == "PROPN" or self.title.lower() == last

    def say(self, token) -> str:
        """The name headed by `token` as a question says it."""
        if self.is_subject(token):
            return "{S}"
        left, right = self.span(token, strip=False)
        words = self.text(left, right)
        first = self.doc[left]
        if first.lower_ in ("its", "his", "her", "their") and right - left > 1:
            rest = self.text(left + 1, right)
            return self.rng.choice([f"{{S}}'s {rest}", f"the {rest} of {{S}}"])
        return words if first.pos_ == "PROPN" or first.ent_type_ else words[0].lower() + words[1:]

    def add(self, question: str, span: tuple[int, int], how: str = "clause") -> None:
        """Keep a question (one "?" at its end) whose answer is this span of tokens; how: what made it."""
        left, right = span
        while left < right - 1 and self.doc[left].lower_ in ("the", "a", "an"):
            left += 1
        answer = self.doc[left:right]
        question = re.sub(r"\s+", " ", question).strip(" ,.;:?") + "?"
        question = question.replace(" ,", ",").replace(" 's", "'s").replace("( ", "(").replace(" )", ")")
        words = question.split()
        if not (3 if how == "clause" else 2) < len(words) <= 22 or answer.text.lower() in PRONOUNS:
            return
        if len(answer.text) > 1 and re.search(rf"\b{re.escape(answer.text.lower())}\b", question.lower()):
            return  # the question must not give its answer away
        self.asked.append((question[0].upper() + question[1:], answer.start_char, answer.end_char, how))

    # what to ask with

    def type_of(self, token, span: tuple[int, int]) -> str:
        """What the name headed by `token` stands for: "person", "place", "time", "number" or "thing"."""
        entity = self.entity.get(token.i)
        label = entity.label_ if entity is not None else ""
        if label == "PERSON" or (token.lemma_.lower() in PERSONS and label not in PLACE):
            return "person"
        if label in PLACE:
            return "place"
        if label in TIME or re.fullmatch(r"(1\d|20)\d\d", token.text):
            return "time"
        if token.lower_ in ("century", "centuries", "year", "years", "decade", "day", "month", "era"):
            return "time"
        if label in NUMBER and token.pos_ == "NUM":
            return "number"
        return "thing"

    def which(self, token, span: tuple[int, int]) -> tuple[list[str], tuple[int, int]]:
        """Question words for a name ("Who", "Which battle") and the part of it that answers them."""
        left, right = span
        kind = self.type_of(token, span)
        words = [t for t in self.doc[left:right]]
        name = self.text(left, right)
        common = [t for t in words if t.pos_ in ("NOUN", "ADJ") and t.i <= token.i]
        proper = [t for t in words if t.pos_ == "PROPN"]
        if kind == "person":
            entity = self.entity.get(token.i)
            if entity is not None and entity.label_ == "PERSON" and left <= entity.start and entity.end <= right:
                nouns = [t.lower_ for t in self.doc[left : entity.start] if t.pos_ == "NOUN"]
                conjuncts = any(c.dep_ == "conj" for c in token.children)
                ways = ["Who", "Who", "Which person", "What person"]
                ways += [f"Which {nouns[-1]}"] * 2 if nouns else []
                return ways, span if conjuncts else (entity.start, entity.end)
            return (["Who", "Who", "What kind of person"] if token.pos_ != "PROPN" else ["Who"]), span
        ways = ["What"]
        last = token.lower_
        if token.pos_ == "PROPN" and last in TYPES and right - left > 1:
            ways += [f"Which {last}", f"What {last}"]
        elif token.pos_ == "PROPN" and common and proper and common[-1].i < proper[0].i and common[-1].pos_ == "NOUN":
            kinds = " ".join(t.lower_ for t in common[-2:] if t.i > left - 1)
            return ["What", f"Which {kinds}", f"Which {common[-1].lower_}", f"What {kinds}"], (proper[0].i, right)
        elif kind == "place":
            if name in COUNTRIES or name.removeprefix("the ") in COUNTRIES:
                ways += ["Which country", "What country", "Which country", "Which state", "Which land"]
            elif last in ("sea", "ocean", "river", "mountains", "island", "lake"):
                ways += [f"Which {last}"]
            else:
                ways += ["Which place", "Which city", "What place", "Which region"]
        elif token.ent_type_ == "ORG":
            ways += ["Which organisation", "Who", "Which company", "Which group", "Which institution"]
        elif token.ent_type_ == "LANGUAGE":
            ways += ["Which language", "Which language"]
        elif token.ent_type_ == "NORP":
            ways = ["Who", "Which people", "Which group of people", "Who"]
        elif token.ent_type_ == "EVENT":
            ways += ["Which event", "Which event"]
        elif token.ent_type_ == "WORK_OF_ART":
            ways += ["Which work", "Which work", "Which book"]
        elif token.pos_ == "NOUN" and token.i > left and self.rng.random() < 0.5:
            ways += [f"What kind of {last}", f"Which {last}", f"What {last}", f"What sort of {last}"]
        return ways, span

    def number(self, token) -> tuple[tuple[int, int], str] | None:
        """The number before a noun ("more than 60"), and the noun without it ("motion pictures")."""
        numbers = [c for c in token.lefts if c.dep_ == "nummod" and c.pos_ == "NUM"]
        if not numbers or re.fullmatch(r"(1\d|20)\d\d", numbers[0].text):
            return None
        number = numbers[0]
        left = min([c.left_edge.i for c in number.lefts if c.dep_ != "punct"] + [number.i])
        right = number.i + 1
        stop = self.span(token)[1]
        return (left, right), self.text(right, min(stop, right + 6)) if right < stop else token.text
