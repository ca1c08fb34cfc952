"""Questions about what short patterns find in a text: capitals, lengths, dates, other names and the like."""

# The table is one line an entry, however long.
# ruff: noqa: E501

import re

from data.recipes.questions._parsed_article import Article

# pattern => questions. In the pattern (?P<a>…) is the answer, (?P<f>…) what {f} is in the questions, {T} the title.
PATTERNS_TEXT = r"""
(?:also|otherwise|commonly|sometimes|often|usually|popularly|variously|alternatively|historically|formerly|previously|professionally|better|simply)?,? ?(?:(?:known|referred to|spelled|regarded) (?:professionally |in \w+ |simply |mononymously )?as|called|named|termed|styled) (?:the )?(?P<a>[\w'’“”"][^,.;()]{1,60}?)(?=[,.;)(—–]| is | was | are | or | and | in | with ) => What is {S} also called?|What is another name for {S}?|What other name does {S} have?|By which name is {S} known?|What do people call {S}?|What is {S} also known as?|Under which other name is {S} known?|How is {S} called too?
officially,? (?:called |known as |named )?(?P<a>(?:the )?[A-Z][^,.;()]{2,50}), => What is the official name of {S}?|What is {S} called officially?|What is the full name of {S}?
(?:dubbed|nicknamed|nickname|as|called|hailed as|sobriquet|considered) (?:the |as )*["“](?P<a>[^"”]{3,50})["”] => What was the nickname of {S}?|What nickname did people give {S}?|What did people call {S}?|What was {S} nicknamed?|What was {S} dubbed?|By what nickname is {S} known?|How is {S} referred to?
(?P<f>[A-Z][\w-]+(?: [\w-]+){1,5}) \((?P<a>[A-Z]{2,6})\) => What is {f} called for short?|What is the abbreviation of {f}?|What letters stand for {f}?|How is {f} abbreviated?
(?P<a>[A-Za-z][\w-]+(?: [A-Za-z][\w-]+){1,4}) \((?P<f>[A-Z]{2,6})\) => What does {f} stand for?|What is {f} short for?|What does the abbreviation {f} mean?|What do the letters {f} mean?
abbreviated (?:as |to )?(?P<a>[A-Z][\w&']*(?: or [A-Z][\w&']*)*) => What is {S} called for short?|How is {S} abbreviated?|What is the abbreviation of {S}?
capital(?: city)?(?: and (?:the )?(?:largest|most populous|biggest|main) (?:city|town|settlement))? (?:of {T} )?is (?P<a>[A-Z][\w'.-]+(?: [A-Z][\w'.-]+)*) => What is the capital of {S}?|Which city is the capital of {S}?|What is the name of the capital?|What is the capital city?|Where does the government of {S} sit?|What is the seat of government of {S}?
(?P<a>[A-Z][\w'.-]+(?: [A-Z][\w'.-]+)*)(?: is|,) (?:the|its) (?:national |state )?capital(?: city)? and (?:the |its )?(?:largest|most populous) city => What is the capital of {S}?|Which city is the capital of {S}?|What is the largest city in {S}?|Which city has most inhabitants?|What is the name of the capital?
(?:is|are) the capital(?: city)?(?: and [\w -]{5,40})? of (?P<a>(?:the )?[A-Z][\w'-]+(?: [A-Z][\w'-]+)*) => Of which country is {S} the capital?|What is {S} the capital of?|Which country has {S} as its capital?|In which country is {S}?|Where is {S}?
(?P<a>[A-Z]\w+) is (?:the|its) (?:sole |only |most widely spoken |main )?(?:official|national) language => What is the official language of {S}?|Which language do people speak in {S}?|What language is spoken there?
(?:official|national) languages? (?:of \w+ )?(?:is|are) (?P<a>[A-Z]\w+(?:(?:, | and )[A-Z]\w+)*) => What is the official language of {S}?|Which language do people speak in {S}?|What language is spoken in {S}?
population (?:of|was|is|at|estimated at)[\w ]{0,40}?(?P<a>(?:(?:about|over|around|approximately|nearly|some|more than|almost|just over|roughly) )*\d[\d,.]*(?: (?:million|billion|thousand))?) => How many people live in {S}?|What is the population of {S}?|How many inhabitants does {S} have?|How large is the population of {S}?|How many residents are there in {S}?|How many people are there in {S}?
population of[\w ]{0,40}?(?P<a>(?:(?:about|over|around|approximately|nearly|some|more than|almost) )*\d[\d,.]*(?: (?:million|billion|thousand))?) => How many people live in {S}?|How many inhabitants does {S} have?|How populous is {S}?
(?:covers?|covering|area of|total area of|spans|spanning|encompass(?:es|ing))(?: \w+){0,4} (?P<a>(?:(?:about|over|around|approximately|nearly|some|more than|almost) )*\d[\d,.]* ?(?:million )?(?:km2|square (?:kilomet|met|mi)\w+|sq mi|hectares|acres|ha)) => How big is {S}?|How large is {S}?|What is the area of {S}?|What size is {S}?|How much land does {S} cover?|What area does {S} have?
(?P<a>(?:(?:about|over|around|approximately|nearly|some|more than|almost) )*\d[\d,.]* ?(?:km|kilomet\w+|m|met(?:re|er)s|mi|miles|cm|mm|ft|feet|centimet\w+|millimet\w+|inches|light-years))(?: \([^)]*\))? (?:long|in length) => How long is {S}?|What is the length of {S}?|What length does {S} have?|How many kilometres does {S} measure?
length of (?P<a>(?:(?:about|over|around|approximately|nearly|some|more than|almost|up to) )*\d[\d,.]* ?(?:km|kilomet\w+|m|met(?:re|er)s|mi|miles|cm|mm|ft|feet|centimet\w+)) => How long is {S}?|What is the length of {S}?|How long can {S} be?
(?:travels|runs|stretches|extends|flows)(?: for)? (?P<a>(?:(?:about|over|around|approximately|nearly|some|more than) )*\d[\d,.]* ?(?:km|kilomet\w+|mi|miles)) => How long is {S}?|What is the length of {S}?|How far does {S} go?
(?P<a>(?:(?:about|over|around|approximately|nearly|some|more than|almost) )*\d[\d,.]* ?(?:m|met(?:re|er)s|ft|feet|cm|centimet\w+))(?: \([^)]*\))? (?:tall|high|in height) => How tall is {S}?|How high is {S}?|What is the height of {S}?
(?:height|elevation|altitude|elevation above sea level|altitudes?) of (?P<a>(?:(?:about|over|around|approximately|nearly|some|more than|almost) )*\d[\d,.]* ?(?:m|met(?:re|er)s|ft|feet)) => How high is {S}?|How tall is {S}?|What is the height of {S}?|At what height is {S}?|What is the altitude of {S}?|At what altitude does {S} lie?|How far above the sea is {S}?
(?:at|reaching|rises to|rising to) (?P<a>\d[\d,.]* ?(?:m|met(?:re|er)s|ft|feet))(?: \([^)]*\))? (?:above|on|high|elevation|in elevation) => How high is {S}?|How tall is {S}?|What is the height of {S}?|At what altitude is {S}?
(?P<a>(?:(?:about|over|around|approximately|nearly|some|more than|almost) )*\d[\d,.]* ?(?:kg|kilograms?|g|grams?|tons?|tonnes?|pounds|lb))(?: \([^)]*\))? (?:in weight|heavy) => How heavy is {S}?|How much does {S} weigh?|What is the weight of {S}?
weigh(?:s|ing|t of)?(?: \w+){0,3} (?P<a>(?:(?:about|over|around|approximately|nearly|some|more than|almost|up to) )*\d[\d,.]* ?(?:kg|kilograms?|g|grams?|tons?|tonnes?|pounds|lb)) => How heavy is {S}?|How much does {S} weigh?|What is the weight of {S}?|What weight can {S} reach?
(?P<a>(?:(?:about|over|around|approximately|nearly|some|more than|almost) )*\d[\d,.]* ?(?:km|kilomet\w+|mi|miles))(?: \([^)]*\))? (?:north|south|east|west|northwest|northeast|southwest|southeast|from)(?:-?\w+)? (?:of |from )?(?P<f>[A-Z][\w'-]+(?: [A-Z][\w'-]+)*) => How far is {S} from {f}?|What is the distance between {S} and {f}?|How far away is {f}?|How many kilometres is it to {f}?
(?:by |, |and |borders |with |borders with )(?P<a>(?:the )?[A-Z][\w'’-]+(?: (?:of |the |and )*[A-Z][\w'’-]+)*) (?:to|in|on) the (?P<f>(?:north|south|east|west|northeast|northwest|southeast|southwest)\b) => Which country lies to the {f} of {S}?|What is {f} of {S}?|Which country borders {S} in the {f}?|What lies {f} of {S}?|Which neighbour does {S} have in the {f}?|What borders {S} to the {f}?|Which land lies to the {f}?
(?:to|in|on) the (?P<f>(?:north|south|east|west|northeast|northwest|southeast|southwest)) (?:by|are|is|lies?) (?P<a>(?:the )?[A-Z][\w'-]+(?: (?:of |the )*[A-Z][\w'-]+)*) => Which country lies to the {f} of {S}?|What is {f} of {S}?|What borders {S} to the {f}?|What lies {f} of {S}?
(?:known|famous|noted|remembered|renowned|celebrated|acclaimed|famed) (?:primarily |chiefly |mainly |especially |internationally )?for (?P<a>[^.;]{5,90}?)(?=[.;]|, (?:and|which|as|who|but)|, \w+ing ) => What is {S} known for?|What is {S} famous for?|Why is {S} famous?|What made {S} famous?|For what is {S} best known?|What is {S} remembered for?|What is {S} celebrated for?
(?:used|employed) (?:primarily |mainly |often |widely |extensively |chiefly )?(?:for|in|as) (?P<a>[^.;,]{4,70}?)(?=[.;,]) => What is {S} used for?|What can you use {S} for?|What do people use {S} for?|What purpose does {S} have?|What is the use of {S}?
(?:used|employed|designed|intended) (?:primarily |mainly |often |widely )?to (?P<a>[^.;,]{6,70}?)(?=[.;,]) => What is {S} used for?|What is {S} used to do?|What do people do with {S}?|What is the purpose of {S}?|What is {S} for?
(?:native|indigenous|endemic) to (?P<a>[^.;()]{4,70}?)(?=[.;(]|, (?:and|which|with|where|but|although|though)) => Where does {S} come from?|Where is {S} native to?|Where does {S} live?|Where does {S} grow naturally?|Where is {S} found in the wild?|What is the home of {S}?|In which part of the world is {S} at home?
(?:found|distributed|occurs?|lives?|widespread) (?:mainly |primarily |mostly |only |naturally |throughout |widely )*(?:in|across|throughout|on) (?P<a>[^.;()]{4,60}?)(?=[.;(]|, (?:and|which|with|where|but)) => Where is {S} found?|Where can you find {S}?|Where does {S} occur?|Where does {S} live?|In which places is there {S}?
(?:consists?|composed|made up|made|consisting|comprised|formed) (?:mainly |primarily |mostly |entirely )?(?:of|from|out of) (?P<a>[^.;()]{4,80}?)(?=[.;(]|, (?:which|with|where|but|that)) => What does {S} consist of?|What is {S} made of?|What are the parts of {S}?|What is {S} composed of?|What is in {S}?|What material is {S} made of?|Of what is {S} made?
(?:derived?s?|comes|originates|borrowed|taken) from (?:the )?(?P<a>(?:Old |Middle |Ancient |Medieval |Late |Classical )?(?:Latin|Greek|French|German|English|Arabic|Sanskrit|Italian|Spanish|Norse|Persian|Dutch|Hebrew|Japanese|Chinese|Turkish)) => From which language does the word come?|From what language is the name of {S} derived?|Which language does the term come from?|What is the language of origin of the word?
(?:Latin|Greek|French|German|Arabic|Sanskrit|Italian|Spanish|Norse|Persian|Hebrew|Japanese|Chinese)\b[^.;]{1,40}(?:meaning|means|translates as|literally) ["“'‘(]*(?P<a>[a-z][^"”'’.;,)]{2,40}) => What does the word mean?|What does the name of {S} mean?|What is the meaning of the word?|What is the literal meaning of {S}?
symbol (?P<a>[A-Z][a-z]?) => What is the symbol of {S}?|What symbol does {S} have?|How is {S} written in chemistry?
atomic number (?P<a>\d+) => What is the atomic number of {S}?|Which atomic number does {S} have?|What number does {S} have in the periodic table?
(?:in|of|the|to) the (?:plant |flowering plant |bird |large )?family (?:of )?(?P<a>[A-Z][a-z]+) => To which family does {S} belong?|What family is {S} in?|In which family is {S}?|Which family does {S} belong to?
genus (?:of )?(?P<a>[A-Z][a-z]+) => To which genus does {S} belong?|What is the genus of {S}?|Which genus is {S} in?
(?P<a>(?:(?:about|over|around|approximately|nearly|some|more than|almost) )*(?:\d[\d,]*|two|three|four|five|six|seven|eight|nine|ten|twelve)) (?:\w+ ){0,2}?species => How many species of {S} are there?|How many species are there?|How many kinds of {S} exist?|How many species does {S} have?|How many different species are known?
(?P<a>(?:(?:about|over|around|approximately|nearly|some|more than|almost|at least) )*(?:\d[\d,.]*|two|three|four|five|six|seven|eight|nine|ten|twelve|hundreds of|thousands of)(?: (?:million|billion|thousand|hundred))?) (?P<f>[a-z]+s)\b => How many {f} are there?|How many {f}?|What is the number of {f}?|How many {f} does {S} have?
between (?P<a>\d{3,4} (?:BC |BCE )?and \d{3,4}(?: BCE?| AD)?) => When was {S}?|Between which years was it?|When did {S} take place?|In which years did this happen?
from (?P<a>(?:[A-Z]?\w* ?\d{3,4}|c\. \d+ BC) (?:BC )?(?:to|until|till|through) (?:[\w ]{0,14}\d{3,4}|his death|her death)(?: BCE?| AD)?) => When was {S} in office?|During which years was that?|When did {S} last?|From when to when was it?|How long did it last?|When was {S}?
(?P<a>1[0-9]{3}|20[0-2]\d) (?:[A-Z][\w-]+ )?(?:[\w-]+ ){0,5}(?:film|novel|painting|album|play|opera|book|poem|musical|song|series) => When was {S} made?|When did {S} come out?|When was {S} released?|In which year did {S} appear?|From what year is {S}?|What year is {S} from?|When did people first see {S}?
(?P<a>\d{1,2}(?:st|nd|rd|th)[- ]century) => From which century is {S}?|In what century was {S} made?|When was {S}?|How old is {S}?
(?:at the age of|aged) (?P<a>\d+) => How old was {S}?|At what age did this happen?|What age was {S} then?|How old was {S} at the time?
(?:because of|due to|as a result of|owing to) (?P<a>[^.;,]{5,80}?)(?=[.;,]) => Why did that happen?|What was the reason?|Why is {S} so?|What was the cause?|Why?
(?P<a>(?:a|one|two|three|four|five|six|seven|eight|nine|ten|\d+|several) (?:\w+ )?(?:decades|years|centuries|seasons|months|weeks|days)) => How long did it last?|For how long?|How long did {S} do this?|How many years was it?|How long was the career of {S}?|How much time was it?
(?P<a>(?:US)?[$€£]\d[\d,.]*(?: (?:million|billion|trillion))?) => How much money was it?|How much did it cost?|How rich was {S}?|What sum of money is meant?|What was it worth?
son of (?P<a>(?:[A-Z][\w'.-]+ ?(?:of |the |von |de )*)+[A-Z][\w]+) => Who was the father of {S}?|Whose son was {S}?|Who were the parents of {S}?
daughter of (?P<a>(?:[A-Z][\w'.-]+ ?(?:of |the |von |de )*)+[A-Z][\w]+) => Who was the father of {S}?|Whose daughter was {S}?|Who were the parents of {S}?
(?:wife|husband|consort|widow) of (?P<a>(?:[A-Z][\w'.-]+ ?(?:of |the |von |de )*)+[A-Z]\w*) => To whom was {S} married?|Who was {S} married to?|Whose partner was {S}?|Who did {S} marry?|Who was the spouse of {S}?
(?:his|her) (?:first |second |third )?(?P<f>wife|husband|brother|sister|son|daughter|father|mother|nephew|niece|uncle|cousin|friend|teacher|student|pupil|successor|predecessor),? (?P<a>[A-Z][\w'.-]+(?: (?:of |the |von |de )*[A-Z][\w]+)*) => Who was the {f} of {S}?|What was the name of {S}'s {f}?|What was the {f} called?|Who was {S}'s {f}?
"""
PATTERNS = [line.rsplit(" => ", 1) for line in PATTERNS_TEXT.strip().splitlines()]


def ask_patterns(article: Article) -> None:
    """Questions of `PATTERNS`, three for each match, in the words that a person would use."""
    text = article.doc.text
    for pattern, templates in PATTERNS:
        for match in re.finditer(pattern.replace("{T}", re.escape(article.title)), text):
            start, end = match.span("a")
            found = text[start:end]
            for word in ("the ", "a ", "an "):
                if found.lower().startswith(word):
                    start += len(word)
            end = start + len(text[start:end].rstrip(" ,;:"))
            other = match.groupdict().get("f") or ""
            ways = templates.split("|")
            for way in article.rng.sample(ways, min(3, len(ways))):
                question = way.replace("{f}", other)
                if end > start and text[start:end].lower() not in question.lower():
                    article.asked.append((question, start, end, "reworded"))
