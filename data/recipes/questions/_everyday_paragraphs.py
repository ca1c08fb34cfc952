"""Small paragraphs of everyday facts about people, each with a question about one of them."""

import random
import re

from data.recipes.questions._everyday_facts import FACTS, FITTING, KIN, NAMES_HE, NAMES_SHE, fillers


def everyday(rng: random.Random) -> tuple[str, str, list[tuple[int, int]]]:
    """A paragraph of two to six facts about people, and a question about one of them.

    Returns context, question and the answer's span [(start, end)], or [] where the paragraph does not tell.
    """
    people = [_person(rng, me=rng.random() < 0.5)] + [_person(rng, me=False) for _ in range(rng.randint(0, 2))]
    told, sentences = [], []
    for person in people:
        first = True
        for key in rng.sample(sorted(FACTS), rng.randint(1, 3)):
            statements, questions = FACTS[key]
            slots = fillers(rng)
            statement = rng.choice(statements.split("|"))
            sentence = _say(statement, person, slots, first or rng.random() < 0.3)
            if first and person["intro"] and ("my" in person["intro"].lower() or rng.random() < 0.5):
                sentences.append((person["intro"], None))
            first = False
            sentences.append((sentence, (person, key, questions, slots, statement)))
            told.append((id(person), key))
    if rng.random() < 0.35 and len(sentences) > 1:  # two short sentences as one
        i = rng.randrange(len(sentences) - 1)
        a, b = sentences[i][0].rstrip("."), sentences[i + 1][0]
        if sentences[i + 1][1] is not None:
            glued = a + rng.choice([" and ", ", and ", ", but "]) + (b if b[:2] in ("I ", "My") or b.split()[0] in
                    (NAMES_HE + " " + NAMES_SHE).split() else b[0].lower() + b[1:])  # fmt: skip
            keep = rng.choice([sentences[i][1], sentences[i + 1][1]]) or sentences[i + 1][1]
            if keep is sentences[i + 1][1]:
                glued = glued.replace("[", "", a.count("[")).replace("]", "", a.count("]"))
            else:
                glued = a + glued[len(a) :].replace("[", "").replace("]", "")
            sentences[i : i + 2] = [(glued, keep)]
    asked = [i for i, (_, fact) in enumerate(sentences) if fact is not None]
    target = rng.choice(asked)
    person, key, questions, slots, statement = sentences[target][1]
    if rng.random() < 0.2:  # a question that is not answered here
        key = rng.choice(sorted(FACTS))
        alike = {"work": "workplace", "workplace": "work", "pet": "petkind", "petkind": "pet", "study": "studyplace",
                 "studyplace": "study", "origin": "home", "home": "origin", "with": "day"}  # fmt: skip
        vague = {"time", "with", "day", "reason", "price", "found", "number", "carcolour", "buy"}
        if key not in vague and (id(person), key) not in told and (id(person), alike.get(key)) not in told:
            context = " ".join(s for s, _ in sentences).replace("[", "").replace("]", "")
            return context, _ask(rng, FACTS[key][1], person, slots), []
        person, key, questions, slots, statement = sentences[target][1]
    question = _ask(rng, _near(rng, statement, questions, key), person, slots)
    before = " ".join(s.replace("[", "").replace("]", "") for s, _ in sentences[:target])
    sentence = sentences[target][0]
    start = len(before) + bool(before) + sentence.index("[")
    context = " ".join(s for s, _ in sentences).replace("[", "").replace("]", "")
    answer = re.search(r"\[(.*?)\]", sentence).group(1)
    start += re.match(r"(?:of )?(?:an? |the )?", answer).end()
    return context, question, [(start, len(before) + bool(before) + sentence.index("[") + len(answer))]


def _near(rng: random.Random, statement: str, questions: str, key: str) -> str:
    """For facts of many kinds, a question that fits the very statement."""
    fitting = [q for part, q in FITTING.items() if part in statement]
    if fitting and (
        key in ("time", "with", "day", "reason", "price", "buy", "found", "number", "carcolour") or rng.random() < 0.6
    ):
        return fitting[0]
    return questions


def _person(rng: random.Random, me: bool) -> dict:
    """Somebody: how statements and questions name them."""
    kin = rng.choice(sorted(KIN))
    pronoun = KIN[kin] if rng.random() < 0.5 else rng.choice(["he", "she"])
    name = rng.choice((NAMES_HE if pronoun == "he" else NAMES_SHE).split())
    if me:
        return {"me": True, "name": rng.choice((NAMES_HE + " " + NAMES_SHE).split()), "asked": ["I"], "pronoun": "I",
                "called": "I", "intro": ""}  # fmt: skip
    kind = rng.random()
    if kind < 0.45:
        pronoun = KIN[kin]
        name = rng.choice((NAMES_HE if pronoun == "he" else NAMES_SHE).split())
        if rng.random() < 0.5:
            return {"me": False, "name": name, "asked": [f"my {kin}", f"my {kin}", name, pronoun], "pronoun": pronoun,
                    "called": f"my {kin} {name}", "intro": ""}  # fmt: skip
        return {
            "me": False,
            "name": name,
            "asked": [f"my {kin}"],
            "pronoun": pronoun,
            "called": f"my {kin}",
            "intro": "",
        }
    intro = rng.choice(["", f"This is {name}.", f"I know {name} from school.", f"{name} is my {kin}.",
                        f"My {kin} is called {name}."])  # fmt: skip
    if "my" in intro.lower():
        pronoun = KIN[kin]
        name2 = rng.choice((NAMES_HE if pronoun == "he" else NAMES_SHE).split())
        intro, name = intro.replace(name, name2), name2
        return {
            "me": False,
            "name": name,
            "asked": [name, name, f"my {kin}"],
            "pronoun": pronoun,
            "called": name,
            "intro": intro,
        }
    return {"me": False, "name": name, "asked": [name], "pronoun": pronoun, "called": name, "intro": intro}


def _say(statement: str, person: dict, slots: dict, full: bool) -> str:
    """A statement about somebody, first person or third, by name or by pronoun."""
    me = person["me"]
    called = person["called"] if full else person["pronoun"]
    own = "my" if me else {"he": "his", "she": "her"}[person["pronoun"]]
    whose = own if me or not full else f"{person['called']}'s"
    words = {"s": called, "s2": called, "p": own, "p2": whose, "P": whose,
             "v": "" if me else "s", "es": "" if me else "es",
             "b": "am" if me else "is", "is": "is", "h": "have" if me else "has", "w": "was", "y": "y" if me else "ies",
             "name": person["name"]}  # fmt: skip
    text = statement.format(**words, **slots)
    return text[0].upper() + text[1:]


def _ask(rng: random.Random, questions: str, person: dict, slots: dict) -> str:
    """One of the questions, about somebody."""
    me, asked = person["me"], rng.choice(person["asked"])
    whose = "my" if me else {"he": "his", "she": "her"}.get(asked, f"{asked}'s")
    if me and rng.random() < 0.15:  # asked by another: "Where do you work?"
        asked, whose, do, be, was, them = "you", "your", "do", "are", "were", "you"
    else:
        do, be, was, them = ("do", "am", "was", "me") if me else ("does", "is", "was", asked)
        them = {"he": "him", "she": "her"}.get(them, them)
    return rng.choice(questions.split("|")).format(q=asked, Q=whose, d=do, a=be, w=was, o=them, **slots)
