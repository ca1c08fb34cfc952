"""Questions about one clause of a parsed article: who did it, what, when, where, how many, why."""

import re

from data.recipes.questions._clauses import others
from data.recipes.questions._noun_kinds import PLACES
from data.recipes.questions._parsed_article import Article
from data.recipes.questions._question_verbs import ASK


def ask(article: Article, clause: dict) -> None:
    """All questions about one clause."""
    name, passive = clause["name"], clause["passive"]
    turned = lambda *without: f"{clause['front']} {name} {clause['rest']} {others(article, clause, without)}"  # noqa: E731
    patient = next((t for role, t, _ in clause["parts"] if role in ("dobj", "attr", "oprd")), None)
    agent = next((t for role, t, _ in clause["parts"] if role == "agent"), None)
    doer = None if passive else name
    suffers = name if passive else (article.say(patient) if patient is not None else None)
    if passive and agent is not None:
        doer = article.say(agent)

    def reworded(role: str, span: tuple[int, int]) -> None:
        templates = ASK.get((clause["lemma"], role), [])
        for template in article.rng.sample(templates, min(3, len(templates))):
            if ("{A}" in template and doer is None) or ("{O}" in template and suffers is None):
                continue
            article.add(template.replace("{A}", doer or "").replace("{O}", suffers or ""), span, "reworded")

    ask_subject(article, clause, reworded)
    for role, token, _ in clause["parts"]:
        if role in ("acomp", "prt", "advmod", "ccomp"):
            continue
        if role in ("xcomp", "advcl"):
            ask_clause(article, clause, role, token, turned(token))
            continue
        if token.pos_ not in ("NOUN", "PROPN", "NUM", "X", "SYM") or token.lower_ in ("which", "whom", "addition"):
            continue
        span = article.span(token)
        kind = article.type_of(token, span)
        ways, narrow = article.which(token, span)
        counted = article.number(token)
        if counted is not None and kind != "time":
            number, rest = counted
            if role in ("prep", "agent"):
                article.add(f"{token.head.lower_} how many {rest} {turned(token)}", number)
                article.add(f"how many {rest} {turned(token)} {token.head.lower_}", number)
            else:
                article.add(f"how many {rest} {turned(token)}", number)
        if role in ("dobj", "attr", "oprd", "npadvmod"):
            if role == "npadvmod" and kind != "time":
                continue
            if kind == "time":
                article.add(f"when {turned(token)}", span)
                continue
            if role == "attr" and clause["lemma"] == "be" and name == "{S}":
                ask_definition(article, token, span)
            for _ in range(2):
                article.add(f"{article.rng.choice(ways)} {turned(token)}", narrow)
            if not passive:
                reworded("obj", narrow)
        elif role == "agent":
            for _ in range(2):
                article.add(f"{article.rng.choice(ways)} {turned(token)} by", narrow)
            article.add(f"by {article.rng.choice(ways).replace('Who', 'whom')} {turned(token)}", narrow)
            active = clause["verb"].text if clause["verb"].text.endswith("ed") else None
            if active and name:
                article.add(f"{article.rng.choice(ways)} {active} {name} {others(article, clause, [token])}", narrow)
            reworded("subj", narrow)
        elif role == "prep":
            if clause["lemma"] == "be" and patient is not None:  # "X is a city in Y": where is X?
                if kind not in ("place", "time") or token.head.lower_ not in ("in", "on", "at", "near", "from"):
                    continue
                short = lambda *_: f"{clause['front']} {name}"  # noqa: E731
                ask_prep(article, token, span, narrow, kind, ways, short, reworded)
            ask_prep(article, token, span, narrow, kind, ways, turned, reworded)


def ask_prep(article: Article, token, span, narrow, kind, ways, turned, reworded) -> None:
    """Questions whose answer follows a preposition: when, where, with whom."""
    prep = token.head.lower_
    way = article.rng.choice(ways)
    if kind == "time":
        year = re.fullmatch(r"[12]?\d{3}", article.text(*span))
        ways = ["When", "When"] + (["In what year", "In which year", "What year"] if year else [])
        if prep in ("until", "till", "to"):
            ways = ["Until when", "Until what year", "When did it end:"][:2]
        elif prep in ("since", "from"):
            ways = ["Since when", "From when", "When"]
        elif prep in ("for", "over", "during"):
            ways = ["How long", "For how long", "When"]
        for _ in range(2):
            article.add(f"{article.rng.choice(ways)} {turned(token)}", span)
        reworded("when", span)
        return
    if kind == "place" and prep in ("in", "at", "on", "near", "to", "into", "from", "off", "along", "across",
                                    "through", "within", "around", "throughout"):  # fmt: skip
        tail = "from" if prep == "from" else ""
        article.add(f"where {turned(token)} {tail}", span)
        article.add(f"{prep} {way.lower()} {turned(token)}", narrow)
        if prep != "from":
            reworded("where", span)
        return
    if prep in ("in", "at", "on", "near", "into") and (token.ent_type_ == "ORG" or token.lemma_.lower() in PLACES):
        article.add(f"where {turned(token)}", span)
        reworded("where", span)
    if prep in ("because", "due") or token.head.head.lower_ in ("because", "due"):
        article.add(f"why {turned(token)}", span)
    if prep in ("as", "by") and token.head.head.lemma_ in ("know", "call", "name", "refer", "describe", "regard"):
        article.add(f"how {turned(token)}", span)
    person = "whom" if way.startswith("Who") else way.lower()
    article.add(f"{prep} {person} {turned(token)}", narrow)
    article.add(f"{way} {turned(token)} {prep}", narrow)


def ask_subject(article: Article, clause: dict, reworded) -> None:
    """Who or what does it: the subject is the answer."""
    owner = clause["owner"]
    if owner.pos_ not in ("NOUN", "PROPN", "X", "PRON"):
        return
    if owner.pos_ == "PRON":
        if article.subject is None or article.rng.random() < 0.6 or owner.lower_ not in ("he", "she", "it", "they"):
            return
        owner = article.subject
    span = article.span(owner)
    ways, narrow = article.which(owner, span)
    if clause["name"] == "{S}":
        narrow = span
        ways = ["Who", "Which {K}", "Which person"] if article.person else ["What", "Which {K}", "Which {K}"]
    counted = article.number(owner)
    if counted is not None:
        article.add(f"how many {counted[1]} {clause['said']} {others(article, clause, [])}", counted[0])
    for _ in range(2):
        article.add(f"{article.rng.choice(ways)} {clause['said']} {others(article, clause, [])}", narrow)
    if not clause["passive"]:
        reworded("subj", narrow)
    elif clause["name"] != "{S}":
        reworded("obj", narrow)
    rest = [c for c in article.doc[span[0] : span[1]] if c.lower_ in ("its", "his", "her", "their")]
    if rest and clause["lemma"] == "be":  # "Its capital is Port Moresby": what is the capital?
        for role, token, _ in clause["parts"]:
            if role == "attr":
                article.add(f"what {clause['front']} {clause['name']}", article.span(token))
                article.add(f"what {clause['front']} the name of {clause['name']}", article.span(token))


def ask_clause(article: Article, clause: dict, role: str, token, question: str) -> None:
    """Why and what for: a clause is the answer ("to loosen the soil", "because it is rare")."""
    left, right = token.left_edge.i, token.right_edge.i + 1
    if right - left > 14:
        return
    mark = article.doc[left].lower_
    if role == "advcl" and mark in ("because", "since"):
        article.add(f"why {question}", (left, right))
    elif role == "advcl" and mark in ("to", "so"):
        for way in article.rng.sample(["why", "for what purpose", "what for"], 2):
            article.add(f"{way} {question}", (left, right))
    elif role == "advcl" and mark == "by":
        article.add(f"how {question}", (left, right))
    elif role == "xcomp" and mark == "to" and clause["lemma"] in ("use", "aim", "try", "seek", "help", "want"):
        article.add(f"what {clause['front']} {clause['name']} {clause['rest']} to do", (left + 1, right))
        article.add(f"what {clause['front']} {clause['name']} {clause['rest']} for", (left, right))


def ask_definition(article: Article, token, span: tuple[int, int]) -> None:
    """What or who the subject is; for a person the trade and the country, for a work its year."""
    be = article.verb if article.verb in ("is", "was", "are", "were") else "is"
    if article.person:
        asked = [f"Who {be} {{S}}", f"What {be} {{S}} by profession", f"Who {be} {{S}}"]
    else:
        asked = [f"What {be} {{S}}", f"What kind of thing {be} {{S}}", f"What {be} {{S}}", f"What {be} {{S}} exactly"]
    for question in article.rng.sample(asked, 2 if token.sent.start == 0 else 1):
        article.add(question, span, "reworded")
    words = list(article.doc[span[0] : span[1]])
    if article.person and words and words[0].ent_type_ == "NORP" and len(words) > 1:
        country = ["Where was {S} from", "Which country did {S} come from", "What nationality was {S}",
                   "To which country did {S} belong", "What was the nationality of {S}"]  # fmt: skip
        for question in article.rng.sample(country, 2):
            article.add(question, (words[0].i, words[0].i + 1), "reworded")
        trade = ["What was {S}'s job", "What was the profession of {S}", "What did {S} do for a living",
                 "What did {S} work as", "What was {S}"]  # fmt: skip
        for question in article.rng.sample(trade, 2):
            article.add(question, (words[1].i, span[1]), "reworded")
