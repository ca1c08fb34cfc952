"""What the clauses of a parsed article say: who does it, what is done, and the other parts."""

from data.recipes.questions._parsed_article import Article


def read_clause(article: Article, verb) -> dict | None:
    """What a clause says: subject, the verb's words as a statement and turned for a question, and its other parts."""
    children = list(verb.children)
    pick = lambda *deps: [c for c in children if c.dep_ in deps]  # noqa: E731
    subject = (pick("nsubj", "nsubjpass") or [None])[0]
    helpers = [c for c in children if c.dep_ in ("aux", "auxpass", "neg") and c.i < verb.i]
    source = verb
    if any(h.lower_ == "to" for h in helpers):
        return None  # an infinitive has no subject of its own
    if verb.dep_ == "conj" and subject is None and verb.head.pos_ in ("VERB", "AUX"):
        source = verb.head
        subject = next((c for c in source.children if c.dep_ in ("nsubj", "nsubjpass")), None)
        if not helpers and verb.tag_ in ("VBN", "VB", "VBG"):
            helpers = [c for c in source.children if c.dep_ in ("aux", "auxpass") and c.i < source.i]
    relative = subject is not None and subject.tag_ in ("WDT", "WP")
    name, owner = None, None
    if (relative or subject is None) and source.dep_ in ("relcl", "acl"):
        owner = source.head
        if article.subject is not None and owner.dep_ == "attr" and is_attribute(article, owner):
            name, owner = "{S}", article.subject
        else:
            name = article.say(owner)
    elif subject is not None and not relative:
        name, owner = article.say(subject), subject
    if name is None or owner.lower_ in ("i", "you", "we", "there", "this", "these", "that", "who", "which", "some"):
        return None
    lemma = verb.lemma_.lower()
    passive = any(h.dep_ == "auxpass" for h in helpers) or (verb.tag_ == "VBN" and source.dep_ == "acl")
    said = " ".join(h.text for h in helpers) + " " + verb.text
    if source.dep_ == "acl" and not helpers:
        if passive:
            front, rest = ("was" if article.verb == "was" or pick("agent") else "is"), verb.text
            said = f"{front} {rest}"
        else:
            front, rest, said = "does", lemma, verb.text if verb.tag_ != "VBG" else lemma + "s"
    elif helpers and helpers[0].dep_ != "neg":
        front, rest = helpers[0].text, " ".join([h.text for h in helpers[1:]] + [verb.text])
    elif lemma == "be":
        front, rest = verb.text, ""
    else:
        front = {"VBD": "did", "VBZ": "does", "VBN": "did"}.get(verb.tag_, "do")
        rest = lemma
    if front.startswith("'") or (lemma == "be" and verb.text.startswith("'")):
        return None
    return {"verb": verb, "name": name, "owner": owner, "said": said.strip(), "front": front, "rest": rest,
            "passive": passive, "parts": parts(article, verb), "lemma": lemma}  # fmt: skip


def is_attribute(article: Article, token) -> bool:
    """Does `token` say what the article's subject is ("a novel" in "X is a novel written by Y")?"""
    return token.head.lemma_ == "be" and any(c.i == article.subject.i for c in token.head.children)


def parts(article: Article, verb) -> list[tuple[str, object, str]]:
    """The other parts of a clause in their order: (role, head, text)."""
    found = []
    heads = [(verb, c) for c in verb.rights]
    attributes = [c for c in verb.rights if c.dep_ in ("attr", "acomp")]
    heads += [(a, c) for a in attributes for c in a.rights if c.dep_ == "prep" and c.lower_ != "of"]
    for _, child in heads:
        if child.dep_ in ("prep", "agent", "dative") and child.pos_ == "ADP":
            objects = [c for c in child.children if c.dep_ == "pobj"]
            if objects:
                found.append((child.dep_, objects[0], f"{child.lower_} {article.say(objects[0])}"))
        elif child.dep_ in ("dobj", "attr", "oprd", "dative", "npadvmod"):
            found.append((child.dep_, child, article.say(child)))
        elif child.dep_ in ("acomp", "prt", "advmod") and child.right_edge.i - child.left_edge.i < 4:
            found.append((child.dep_, child, article.text(child.left_edge.i, child.right_edge.i + 1)))
        elif child.dep_ in ("xcomp", "advcl", "ccomp"):
            words = article.text(child.left_edge.i, child.right_edge.i + 1)
            found.append((child.dep_, child, words if len(words.split()) < 12 else ""))
    return found


def others(article: Article, clause: dict, without: list) -> str:
    """The rest of a clause for a question, often shortened as a person would."""
    keep = {"dobj": 0.95, "attr": 0.95, "acomp": 0.95, "prt": 1, "oprd": 0.95, "xcomp": 0.9, "prep": 0.55,
            "agent": 0.7, "dative": 0.7, "advmod": 0.3, "advcl": 0.15, "ccomp": 0.7, "npadvmod": 0.3}  # fmt: skip
    skip = {t.i for t in without}
    words, preps = [], 0
    for role, token, text in clause["parts"]:
        first = role == "prep" and preps == 0
        preps += role == "prep"
        if token.i not in skip and article.rng.random() < (0.8 if first else keep[role]):
            words.append(text)
    return " ".join(words)
