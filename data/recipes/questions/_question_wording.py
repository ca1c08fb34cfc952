"""A question in other words: synonyms for some of its words, and one of its subject's names."""

import random

# groups of words: a word, then what may stand for it
SYNONYMS = """
begin start commence|began started|largest biggest greatest|big large great|small little|famous well-known renowned|
located situated|film movie picture|country state nation|city town place|made built created|called named known as|
people persons|kind type sort|kinds types sorts|often usually frequently|many numerous|job profession occupation|
author writer|wrote penned|founded established started set up|established founded set up|created made|
discovered found|received got was given|won got|died passed away|killed murdered|area region|important significant|
war conflict|battle fight|ruler king sovereign|ruled governed|used employed|use employ|works pieces|
contains has includes|contain have include|includes contains|include contain|help assist|doctor physician|
buy purchase|bought purchased|song piece|novel book|book work|published brought out|released published|prize award|
award prize|leader head chief|led headed|career working life|main chief principal|parts pieces components|part piece|
inhabitants residents people|population inhabitants|rich wealthy|wealth money|quickly fast|today now nowadays|
currently now|mostly mainly chiefly|mainly mostly|first earliest|earliest first|ended finished|end finish|
happen occur take place|happened occurred took place|developed worked out|invented thought up devised|ship boat|
sea ocean|mountain peak|hill mountain|language tongue|approximately about|located found|typically usually normally|
primarily mainly mostly|commonly often usually|refers alludes|regarded seen considered|considered seen regarded|
described called|method way technique|technique method|device machine instrument|animals creatures|child kid|
children kids|lived dwelt|live dwell|moved went|study research|studied learned|studies research|show display|
shows displays|produce make|produces makes|produced made|change alter|cause bring about|causes brings about|
caused brought about|forms makes|form make|travel go|several some|various different|different various|need require|
requires needs|separate divide|divides separates|near close to|throughout all over|across over|under below|
between among|during in|within in|became turned into|become turn into|worked had a job|served worked|actor performer|
musician player|composer musician|painter artist|artist painter|scientist researcher|thinkers philosophers|
philosopher thinker|politician statesman|soldiers troops|army troops|government state|law rule|laws rules|
attacked assaulted|defeated beat|conquered took|lost was beaten|joined entered|left quit|married wedded|
children offspring|parents mother and father|species kinds|plant herb|shape form|colour color|material substance|
substance material|power strength|speed pace|size dimensions|length extent|height altitude|purpose aim goal|goal aim|
reason cause|effect result|result outcome|growth increase|increase rise|reduce lower|high tall|old ancient|
ancient old|modern present-day|entire whole|single one|major big important|popular well-liked|common frequent|
rare scarce|ways manners|home house|school college|university college|writer author
"""
MULTI = {"set up", "brought out", "take place", "took place", "worked out", "thought up", "passed away", "known as",
         "was given", "working life", "close to", "all over", "turned into", "turn into", "had a job", "was beaten",
         "brought about", "bring about", "brings about", "mother and father", "big important"}  # fmt: skip


def synonyms() -> dict[str, list[str]]:
    """Other words for a word: the first of each group, then its alternatives."""
    found: dict[str, list[str]] = {}
    for group in SYNONYMS.strip().split("|"):
        for phrase in MULTI:
            group = group.replace(phrase, phrase.replace(" ", "_"))
        word, *others = (x.replace("_", " ") for x in group.split())
        found.setdefault(word, []).extend(others)
    return found


WORDS = synonyms()


def vary(question: str, mentions: list[str], kind: str, rng: random.Random) -> str:
    """A question with the subject named in one of its ways, now and then with other or fewer words."""
    name = mentions[0 if (chance := rng.random()) < 0.45 else 1 if chance < 0.75 else rng.randrange(len(mentions))]
    words = []
    for word in question.rstrip("?").split():
        if "{" not in word:
            others = WORDS.get(word.lower())
            if others and rng.random() < 0.2:
                word = rng.choice(others)
            elif len(words) > 1 and rng.random() < 0.03:
                continue
        words.append(word)
    text = " ".join(words).replace("{S}", name).replace("{K}", kind or "thing")
    for own, its in (("he's ", "his "), ("she's ", "her "), ("it's ", "its ")):
        text = text.replace(f" {own}", f" {its}")
    return text + ("?" if rng.random() < 0.9 else "")
