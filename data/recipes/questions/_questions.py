"""Training questions without a question-answering data set: made from parsed encyclopedia articles.

`article_questions` asks about the clauses of a parsed text (spaCy; `_clauses.py`, `_clause_questions.py`): who did it,
what, when, where, how many. `_question_verbs.py` and `_question_patterns.py` ask the same in other words, as a person
would, `ask_gaps` in the sentence's own words. After Lewis et al. 2019 (arXiv:1906.04980) and Fabbri et al. 2020
(arXiv:2004.11892), but without their retrieval.

In questions "{S}" stands for the article's subject ("the Elbe", "the river") and "{K}" for its kind ("river"), so
that training can name it in several ways (`_question_wording.py`). Spans are character offsets in the article, end
exclusive.
"""

import random

from data.recipes.questions._clause_questions import ask
from data.recipes.questions._clauses import read_clause
from data.recipes.questions._parsed_article import Article
from data.recipes.questions._question_patterns import ask_patterns


def article_questions(title: str, doc, rng: random.Random) -> tuple[Article, list[tuple[str, int, int, str]]]:
    """An article and its questions: (question, start, end in characters, what made it), none twice."""
    article = Article(title, doc, rng)
    for token in doc:
        if token.pos_ in ("VERB", "AUX") and token.dep_ not in ("aux", "auxpass"):
            clause = read_clause(article, token)
            if clause is not None:
                ask(article, clause)
    ask_names(article)
    ask_patterns(article)
    ask_gaps(article)
    return article, list(dict.fromkeys(article.asked))


def ask_names(article: Article) -> None:
    """Additions ("his nephew, Toyotomi Hidetsugu"): the name from the description and the other way round."""
    for token in article.doc:
        if token.dep_ != "appos" or token.pos_ not in ("PROPN", "NOUN") or token.head.pos_ not in ("PROPN", "NOUN"):
            continue
        one, other = token.head, token
        if one.pos_ == "NOUN" and other.pos_ == "PROPN":
            _, narrow = article.which(other, article.span(other))
            who = "Who" if article.type_of(other, narrow) == "person" else "What"
            article.add(f"{who} is {article.say(one)}", narrow)
            article.add(f"what is the name of {article.say(one)}", narrow)
        elif one.pos_ == "PROPN" and other.pos_ == "NOUN":
            who = "Who" if article.type_of(one, article.span(one)) == "person" else "What"
            article.add(f"{who} was {article.say(one)}", article.span(other))


def ask_gaps(article: Article) -> None:
    """A part of a sentence with an entity taken out and a question word in front (Lewis et al. 2019)."""
    heads = {"PERSON": ["Who", "Which person"], "GPE": ["Where", "Which place", "Which country", "Which city"],
             "LOC": ["Where", "Which place"], "DATE": ["When", "What year", "In which year"], "FAC": ["Where"],
             "ORG": ["What", "Which organisation", "Who"], "NORP": ["Who", "Which people"],
             "CARDINAL": ["How many"], "QUANTITY": ["How much", "How long", "How big"], "MONEY": ["How much"],
             "PERCENT": ["How many percent", "What percentage", "How much"], "EVENT": ["What", "Which event"],
             "WORK_OF_ART": ["What", "Which work"], "LANGUAGE": ["Which language"], "TIME": ["When"]}  # fmt: skip
    for entity in article.doc.ents:
        if entity.label_ not in heads or article.rng.random() < 0.5 or entity.text == article.title:
            continue
        sentence = entity.sent
        left, right = entity.start, entity.end
        while left > sentence.start and entity.start - left < 9 and article.doc[left - 1].text not in ",;()—":
            left -= 1
        while right < sentence.end - 1 and right - entity.end < 9 and article.doc[right].text not in ",;()—":
            right += 1
        words = [t.text for t in article.doc[left:right] if not entity.start <= t.i < entity.end]
        if len(words) < 4:
            continue
        words = [w for w in words if article.rng.random() > 0.1]
        order = sorted(range(len(words)), key=lambda i: i + article.rng.uniform(0, 2.5))
        gapped = " ".join(words[i] for i in order)
        article.add(f"{article.rng.choice(heads[entity.label_])} {gapped}", (entity.start, entity.end), "gap")
