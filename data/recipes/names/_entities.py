"""Names in encyclopedia articles and film reviews: found by their capitals, told apart by what a corpus says of them.

A small teacher (spaCy) takes many genera, languages and deities for organisations. Its word is only one of the votes
here; the others are the first sentences of 9,500 articles ("Susa was an ancient city": a place), words that names
begin or end with ("Gulf of", "University"), and words that stand before a name ("composer", "genus"). Where they do
not settle it, the name stays open. The spans are those of the guideline in data/README.md.
"""

import re

TYPES = ("PER", "ORG", "LOC")
OTHER, OPEN = "-", "?"  # a name of another kind; a name that is not settled
TEACHER = {"PERSON": "PER", "ORG": "ORG", "GPE": "LOC", "LOC": "LOC", "FAC": "LOC"}  # what else it finds is OTHER,
NUMBERS = {"DATE", "TIME", "PERCENT", "MONEY", "QUANTITY", "ORDINAL", "CARDINAL"}  # but for these

Span = tuple[int, int, str]  # first character, the one after the last, type
Run = list[tuple[int, int]]  # the words of a name: first character of each, the one after its last


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


KINDS = {  # the last word of "Susa was an ancient city in …", by the type of what it tells of
    "LOC": _words(
        "city country capital state region island river sea lake province archipelago strait mountain mountains ocean "
        "continent subcontinent peninsula municipality territory settlement town village subregion city-state empire "
        "kingdom republic sultanate caliphate khanate planet galaxy star constellation nebula moon satellite dam "
        "temple palace cathedral bay gulf desert plateau range volcano stratovolcano canal bridge tower monument "
        "fortress plain basin valley waterfall islands lakes rivers metropolis seat county district prefecture oblast "
        "borough site castle landmass peak skyscraper stadium civilization civilisation supercontinent principality "
        "duchy emirate kingdoms governorate atoll mosque mausoleum polity port caldera nation citadel polis embayment "
        "community area part point headland megacity amphitheatre "
        "department subdivision ecoregion regions monarchy confederacy inlet cities "
        "dependency collectivity campanile shield highland waterway gurdwara trench ridge volcanoes colony"
    ),
    "ORG": _words(
        "university museum company organization organisation corporation band agency league association alliance "
        "party manufacturer airline newspaper magazine institution bank club conglomerate broadcaster duo church "
        "college orchestra academy publisher retailer studio council committee quartet parliament library troupe "
        "churches brand denomination headquartered"
    ),
}
FIRST = {  # the first word of a name
    "LOC": _words(
        "Lake Mount Gulf Bay Kingdom Empire Republic Duchy "
        "Cape Strait Isle Sea Fort Principality Sultanate Emirate County "
        "Province Straits Mt Tsardom Caliphate Khanate Islands Río Rio Port Commonwealth"
    ),
    "ORG": _words(
        "University Bank Ministry Museum Academy Institute Church Parliament Council Society Organization Bureau "
        "Organisation Association Federation Department Court"
    ),
    OTHER: _words(
        "Battle Treaty Siege War Book History Age Epic Gospel Declaration Symphony Nobel Festival Act Peace Feast Prix "
        "Prize Mandate Theory Edict Epistle Order House Union"
    ),
}
LAST = {  # the last word of a name
    "LOC": _words(
        "Desert Mountains Mountain River Rivers Sea Ocean Empire Kingdom Island Islands Peninsula Province City County "
        "State States Republic Valley Strait Bay Gulf Plateau Basin Highlands Plain Plains Coast Lakes Lake Canal "
        "Bridge Tower Palace Cathedral Castle Park Street Square Archipelago Caliphate Sultanate Federation Realm "
        "Confederation Nebula Galaxy Hills Channel Caucasus Delta Steppe Falls Territory District Region Khanate "
        "Airport Stadium Avenue Temple Mosque Forest Reef Ridge Range Alps Hemisphere Raj Oblast Belt"
    ),
    "ORG": _words(
        "University Institute Company Corporation Party Church Army Council Association League Museum Bank Orchestra "
        "Committee Academy Agency Society Organization Organisation Inc Ltd Corp Co College School Foundation Senate "
        "Parliament Congress Assembly Court Commission Navy Observatory Laboratory Laboratories Times Post Press Club "
        "Records Pictures Studios Group Motors Airlines Airways Brothers Library Philharmonic Ministry Department "
        "Bureau Police Gazette Tribune Journal Guild"
    ),
    OTHER: _words(
        "War Wars Revolution Rebellion Prize Prizes Award Awards Dynasty Age Period Era Games Festival Act Cup Revolt "
        "Championship Championships Crisis Depression Purge Movement Treaty Agreement Pact Bible Testament Theorem "
        "Theory Code Constitution Enlightenment Reformation Renaissance Crusade Crusades Massacre Genocide Medal Tour "
        "Olympics Series Trophy Minister President Secretary Conference Accords Charter Covenant Convention Day Night "
        "Year Syndrome Disease Style Language Languages Law Laws Effect Protocol Uprising Conquest Plan Deal Program "
        "Programme Project Tragedy Concerto Sonata Paradox Manifesto Bowl Famine Bequest"
    ),
}
TITLES = _words(
    "King Queen Emperor Empress Pope Saint Sir Lord Lady Prince Princess President Dr Mr Mrs Ms Prof Professor Captain "
    "General Colonel Admiral Sultan Emir Caliph Shah Tsar Czar Bishop Archbishop Cardinal Chancellor Minister Senator "
    "Governor Justice Judge Count Duke Earl Baron Imam Sheikh Rabbi Pharaoh Premier Director Actor Screenwriter Writer "
    "Chairman Dame Marshal Master Miss Monsieur Mayor Secretary Viscount Marquess Patriarch Prophet"
)
EPITHETS = _words(
    "Great Younger Elder Conqueror Terrible Magnificent Wise Bold Bald Pious Baptist Confessor Navigator Lionheart "
    "Good Fat Short Fair Brave Impaler Apostate Apostle Evangelist Merciful Just Catholic"
)
OF_PERSONS = _words("director actor actress star writer filmmaker screenwriter comedian author named Mr Mrs Ms Dr")
OF_OTHERS = _words("genus genera family families order class phylum suborder superfamily subfamily species tribe clade")
NO_PERSON = _words("political track russian german austrian head figure religious active associated soviet best")
SMALL = _words("of de del della di da do dos das du la le van von der den ver ter ibn bin bint ben al el y und zu")
LEADING = _words("van von ibn bin der ver")
IN_WORKS = _words(
    "The A An And Or In On To For With My Your His Her Our Who What When Where Is Are Was At By From Me You It Not Be "
    "This That I'm Don't Of"
)
NO_NAMES = _words(
    "BC BCE AD CE AM PM I I'm I'll I've I'd I’m January February March April May June July August September October "
    "November December Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
)
LARGER = _words(  # a place's name behind one of these is a place's name too
    "Upper Lower North South East West Northern Southern Eastern Western Central Greater Ancient Imperial New Old "
    "Inner Outer Continental Northeast Northwest Southeast Southwest Northeastern Northwestern Southeastern "
    "Southwestern Mainland"
)
BEHIND = {  # the word after a name
    "LOC": _words("region basin peninsula province county desert archipelago watershed river valley"),
    OTHER: _words(
        "dynasty rebellion war wars revolution period era language languages people peoples culture religion tribe "
        "tribes theorem equation equations effect algorithm calendar syndrome disease bodies"
    ),
}
TO_PLACES = _words("in from near to at into through across around between toward towards via outside of and or")
NO_PLACES = _words(
    "period epoch era genus family order class novel film series book poem group language religion species people "
    "peoples tribe dynasty god goddess deity character movement treaty play painting term war conflict set system game"
)
NUMERAL = re.compile(r"(?:X{0,2})(?:IX|IV|VI{0,3}|I{1,3})$|X{1,2}$")
TAXON = re.compile(r"(?:idae|inae|iformes|aceae|oidea|mycota|phyta|virus|(?<!W)ales|optera|isms?|ists)$")
DOTTED = re.compile(r"(?:[A-Z]\.)+[A-Z]$|(?:Inc|Jr|Sr|Ltd|Corp)$")  # their last full stop belongs to them
WORD = re.compile(r"[^\W_]+(?:[.'’‘ʼʻ–-][^\W_]+)*")
QUOTED = re.compile(r"[\"“]([^\"”]{2,80})[\"”]|''(.+?)''")
ABBREVIATED = re.compile(
    r"(?:\b(?:[A-Z]|Mr|Mrs|Ms|Dr|St|Jr|Sr|Prof|Gen|Col|Lt|Capt|Rev|Mt|Ft|No|Vol|vs|approx|cf|[ie]\.[eg]|Inc|Ltd|Co"
    r"|Corp|Bros|lit|fl|sing)|(?:[A-Za-z]\.)+[A-Za-z])\.$"
)
END = re.compile(r"(?<=[.!?])[\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-Z0-9])")
IS = re.compile(
    r"\b(?:is|are|was|were)\s+(?:(?:an?|the|any|one of(?: the)?|type of|kind of|name of)\s+)*(.*?)(?=\s+(?:of|in|on|at|"
    r"that|which|who|whose|from|for|to|with|by|and|or|located|where|when|during|between|as|is|was|known|founded)\b"
    r"|[,.;:(–—]|$)"
)
PRONOUN = re.compile(r"(?:^|[.;,] )(?:[Hh]e|[Ss]he|[Hh]is|[Hh]er)\b")


def sentences(text: str) -> list[str]:
    """The text cut after full stops, question and exclamation marks, not after abbreviations and initials."""
    parts, start = [], 0
    for gap in END.finditer(text):
        if not ABBREVIATED.search(text[start : gap.start()]):
            parts.append(text[start : gap.end()].strip())
            start = gap.end()
    return [part for part in (*parts, text[start:].strip()) if part]


def of_teacher(text: str, found: list[Span]) -> list[Span]:
    """The teacher's entities as PER, ORG, LOC and OTHER, without a leading article and 's; numbers are left out."""
    spans = []
    for start, end, kind in found:
        if kind not in NUMBERS:
            start += len(re.match(r"(?:(?:the|The|a|A|an|An)\s+)?", text[start:end]).group())
            name = re.sub(r"(?:['’]s?|[\s,;:]+)$", "", text[start:end])
            spans.append((start, start + len(name), TEACHER.get(kind, OTHER)))
    return spans


def kind_of(summary: str) -> str:
    """What the first sentence says that its subject is, in one word: "city"; empty if it does not say."""
    found = IS.search(sentences(summary)[0])
    return found.group(1).split()[-1].lower() if found and found.group(1) else ""


def capital(word: str) -> bool:
    return word not in NO_NAMES and any(letter.isupper() for letter in word[:4])


def runs(text: str) -> list[Run]:
    """The names in a text: capitalised words in a row, with small words as "of" or "ibn" between them."""
    found, run, small, last = [], [], [], 0
    for match in WORD.finditer(text):
        start, end, word = *match.span(), match.group()
        if word.endswith(("'s", "’s")):
            word, end = word[:-2], end - 2
        elif DOTTED.match(word) and text[end : end + 1] == ".":
            end += 1
        gap = text[last:start]
        if gap != " " and not (run and gap == ". " and ABBREVIATED.search(text[: last + 1])):
            found, run, small = [*found, run], [], []
        if capital(word) or (run and word == "I"):  # James I
            if not run:
                small = [w for w in small[-2:] if text[slice(*w)] in LEADING]
            run, small = [*run, *small, (start, end)], []
        elif word in SMALL or (word == "the" and run):
            small = [*small, (start, end)]
        else:
            found, run, small = [*found, run], [], []
        last = end if end >= match.end() else -1  # after 's a name ends
    return [run for run in (*found, run) if run]


def span(run: Run) -> tuple[int, int]:
    return run[0][0], run[-1][1]


def plain_title(title: str) -> str:
    return re.sub(r"\s*\(.*\)$", "", title)
