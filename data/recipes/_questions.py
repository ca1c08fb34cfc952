"""Training questions without a question-answering data set: made from parsed encyclopedia articles and from templates.

Three parts. `article_questions` asks about the clauses of a parsed text (spaCy): who did it, what, when, where, how
many. `VERBS` and `PATTERNS` ask the same in other words, as a person would. `everyday` writes small paragraphs of
facts about people and asks about them. After Lewis et al. 2019 (arXiv:1906.04980) and Fabbri et al. 2020
(arXiv:2004.11892), but without their retrieval.

In questions "{S}" stands for the article's subject ("the Elbe", "the river") and "{K}" for its kind ("river"), so
that training can name it in several ways. Spans are character offsets in the article, end exclusive.
"""

# The tables are one line an entry, however long.
# ruff: noqa: E501

import random
import re

# --- verbs: the same asked in other words ------------------------------------------------------------------------

# verb(s) / role: templates. Roles: subj (who does it), obj (to whom or what), when, where. {A} does it, {O} suffers it.
VERBS = """
write author pen/subj: Who wrote {O}?|Who is the author of {O}?|Which writer wrote {O}?|By whom was {O} written?|Who was {O} written by?|Who is {O} by?
write author pen/obj: What did {A} write?|Which book did {A} write?|What is {A} the author of?|Which work is by {A}?
write compose/when: When was {O} written?|In what year was {O} written?|When did the author write {O}?|When was {O} composed?
write compose/where: Where was {O} written?|In which place was {O} written?
direct/subj: Who directed {O}?|Who was the director of {O}?|Who made {O}?|Which director made {O}?|Who shot {O}?|Whose film is {O}?
compose/subj: Who composed {O}?|Who wrote the music of {O}?|Which composer wrote {O}?|Who is the composer of {O}?
paint/subj: Who painted {O}?|Which artist painted {O}?|Who is the painter of {O}?|Whose painting is {O}?|Who made {O}?
paint/when: When was {O} painted?|When was {O} made?|When did the artist paint {O}?
design plan/subj: Who designed {O}?|Which architect designed {O}?|Who was the designer of {O}?|Who drew the plans for {O}?
build construct erect/subj: Who built {O}?|Which people built {O}?|Who put up {O}?|By whom was {O} built?
build construct erect/when: When was {O} built?|When did they build {O}?|In what century was {O} built?|From when is {O}?
build construct/where: Where was {O} built?|Where does {O} stand?
invent/subj: Who invented {O}?|Who was the inventor of {O}?|Whose invention is {O}?|Who thought of {O} first?
invent/obj: What did {A} invent?|What invention did {A} make?|What is {A} the inventor of?
invent/when: When was {O} invented?|When did somebody invent {O}?|Since when has there been {O}?
discover find isolate detect/subj: Who discovered {O}?|Who found {O}?|Who was the discoverer of {O}?|Who was the first to find {O}?
discover find isolate detect/obj: What did {A} discover?|What did {A} find?|What discovery did {A} make?
discover find isolate detect/when: When was {O} discovered?|When was {O} found?|In which year did people discover {O}?|When did somebody find {O}?
discover find/where: Where was {O} discovered?|Where was {O} found?|In which place did they find {O}?
create/subj: Who created {O}?|Who made {O}?|Who was the creator of {O}?|Who thought up {O}?
create make/when: When was {O} created?|When was {O} made?|From what year is {O}?
develop pioneer devise/subj: Who developed {O}?|Who came up with {O}?|Who worked out {O}?|Who pioneered {O}?
develop devise/when: When was {O} developed?|When did {O} come up?|When was {O} worked out?
found establish start launch/subj: Who founded {O}?|Who started {O}?|Who set up {O}?|Who was the founder of {O}?|Who established {O}?|By whom was {O} set up?
found establish start launch/obj: What did {A} found?|What did {A} set up?|What did {A} start?
found establish form start launch create/when: When was {O} founded?|When was {O} set up?|When did {O} start?|When did {O} begin?|In which year was {O} established?|Since when does {O} exist?|When was {O} formed?
found establish start launch/where: Where was {O} founded?|In which city did {O} start?|Where did {O} begin?|Where does {O} come from?
publish/subj: Who published {O}?|Which publisher brought out {O}?|Which company published {O}?
publish release issue premiere/when: When was {O} published?|When did {O} come out?|When did {O} appear?|When was {O} released?|In what year did {O} appear?|On what day did {O} come out?
produce/subj: Who produced {O}?|Who was the producer of {O}?|Who made {O}?
star feature/obj: Who stars in {A}?|Who plays in {A}?|Which actors are in {A}?|Who acts in {A}?|Who had a part in {A}?
introduce propose coin/subj: Who introduced {O}?|Who proposed {O}?|Who first used {O}?|Who came up with {O}?|Who suggested {O} first?
introduce propose coin/when: When was {O} introduced?|When was {O} first used?|When did {O} come up?
win receive earn get/obj: What did {A} win?|What prize did {A} get?|Which award was {A} given?|What honour did {A} receive?
win receive earn get award/when: When did {A} win {O}?|In which year was {A} given {O}?|When did {A} get {O}?
award/obj: What was {O} given?|Which prize did {O} get?
marry/obj: Who did {A} marry?|Who was {A} married to?|To whom was {A} married?|Who was the wife of {A}?|Who was the husband of {A}?
marry/when: When did {A} marry?|When was the wedding?
bear/where: Where was {O} born?|In which city was {O} born?|What is the birthplace of {O}?|Where did {O} come from?|Which town is {O} from?
bear/when: When was {O} born?|In what year was {O} born?|What is the date of birth of {O}?
die/when: When did {A} die?|In what year did {A} die?|What is the year of {A}'s death?|Until when did {A} live?
die/where: Where did {A} die?|In which place did {A} die?
assassinate kill murder/subj: Who killed {O}?|Who murdered {O}?|Who was the killer of {O}?|By whom was {O} killed?
assassinate kill murder/when: When was {O} killed?|When did {O} die?|On what day was {O} murdered?
assassinate kill murder/where: Where was {O} killed?|In which city was {O} murdered?
defeat beat conquer overthrow/subj: Who defeated {O}?|Who beat {O}?|Who won against {O}?|Who conquered {O}?
defeat beat conquer overthrow/obj: Who did {A} defeat?|Who did {A} beat?|Who lost against {A}?|What did {A} conquer?
defeat conquer annex capture/when: When was {O} defeated?|When was {O} conquered?|When did {O} fall?
lead head command/subj: Who led {O}?|Who was the leader of {O}?|Who was at the head of {O}?|Who commanded {O}?
lead head command/obj: What did {A} lead?|What was {A} the head of?|What did {A} command?
rule govern reign control/subj: Who ruled {O}?|Who governed {O}?|Who was in power in {O}?|Who controlled {O}?|Which people ruled {O}?
rule govern control/obj: What did {A} rule?|Which country did {A} govern?|Over what did {A} reign?|Where did {A} rule?
rule govern reign/when: When did {A} rule?|When was {A} in power?|How long did {A} reign?|During which years did {A} govern?
serve/when: When did {A} hold this office?|When did {A} serve?|In which years was {A} in office?
study educate graduate/where: Where did {A} study?|At which university did {A} study?|Which school did {A} go to?|Where was {A} a student?|Where did {A} get an education?
study/obj: What did {A} study?|Which subject did {A} study?|What subject was {A} a student of?
teach/obj: What did {A} teach?|Which subject did {A} teach?
teach/where: Where did {A} teach?|Where was {A} a teacher?|At which school did {A} work as a professor?
work/where: Where did {A} work?|For whom did {A} work?|Where did {A} have a job?
live reside inhabit/where: Where does {A} live?|Where did {A} live?|Where is the home of {A}?|Where can {A} be found?
move emigrate settle relocate/where: Where did {A} move?|To which country did {A} go?|Where did {A} settle?
move emigrate settle/when: When did {A} move?|When did {A} settle there?
begin start commence erupt/when: When did {A} begin?|When did {A} start?|When did {A} break out?|In what year did {A} begin?
end finish conclude dissolve collapse abolish/when: When did {A} end?|When was {O} dissolved?|When did {A} come to an end?|When was {A} over?|Until when did {A} exist?
happen occur take/when: When did {A} happen?|When did {A} take place?|When was {A}?
happen occur take hold/where: Where did {A} happen?|Where did {A} take place?|Where was {A} held?
last span/when: How long did {A} last?|When was {A}?|From when to when did {A} last?
last span/obj: How long did {A} last?|How much time did {A} take?
flow empty drain/where: Where does {A} flow?|Into what does {A} flow?|Where does {A} end?|Into which sea does {A} empty?|Which waters does {A} reach?
rise originate emerge/where: Where does {A} rise?|Where does {A} begin?|Where is the source of {A}?|Where does {A} come from?|Where did {A} originate?
rise originate emerge arise appear/when: When did {A} originate?|When did {A} arise?|When did {A} first appear?|How old is {A}?
locate situate lie/where: Where is {O} located?|Where is {O}?|Where does {O} lie?|In which country is {O}?|Where can you find {O}?|In what region is {O} situated?
lie/where: Where is {A}?|Where does {A} lie?|Where is {A} located?
display exhibit house keep preserve/where: Where is {O} kept?|Where can you see {O}?|Where is {O} now?|In which museum is {O}?|Where is {O} on display?
cover/obj: What does {A} cover?|How large is {A}?
divide separate/obj: What does {A} divide?|What does {A} separate?|Between what does {A} lie?
speak/where: Where is {O} spoken?|In which country do people speak {O}?|Where do the speakers of {O} live?
speak/obj: What language do {A} speak?|Which language is spoken by {A}?
eat consume/obj: What does {A} eat?|What do {A} feed on?|What is the food of {A}?
cause/subj: What causes {O}?|What is the cause of {O}?|What is the reason for {O}?|Where does {O} come from?|Why is there {O}?|What leads to {O}?
cause produce/obj: What does {A} cause?|What is the effect of {A}?|What does {A} lead to?|What can {A} do?
contain include comprise/obj: What does {A} contain?|What does {A} include?|What is part of {A}?|What belongs to {A}?|What are the parts of {A}?|What is in {A}?
use/subj: Who used {O}?|Who uses {O}?|What uses {O}?
use employ/obj: What does {A} use?|What is used by {A}?
sign/subj: Who signed {O}?|Which countries signed {O}?
grow cultivate/where: Where does {A} grow?|Where is {O} grown?|In which countries do people plant {O}?
perform sing play record/obj: What did {A} play?|What did {A} sing?|What did {A} perform?
elect appoint crown/when: When was {O} elected?|When did {O} take office?|When did {O} come to power?|When was {O} crowned?
become/obj: What did {A} become?|What position did {A} reach?|What was {A} later?
become/when: When did {A} become {O}?|In which year was {A} made {O}?|Since when was {A} {O}?
inspire influence/subj: What inspired {O}?|Who influenced {O}?|What had an influence on {O}?
inspire influence/obj: What did {A} influence?|On whom did {A} have an influence?|What did {A} inspire?
join enter/obj: What did {A} join?|Which group did {A} become a member of?
join enter/when: When did {A} join {O}?|In which year did {A} enter {O}?
destroy damage/subj: What destroyed {O}?|Who destroyed {O}?
destroy damage/when: When was {O} destroyed?
fight oppose/obj: Who did {A} fight?|Against whom did {A} fight?|Who was the enemy of {A}?
attack invade/subj: Who attacked {O}?|Who invaded {O}?
attack invade/when: When was {O} attacked?|When did the enemy invade {O}?
own buy/subj: Who owns {O}?|Who bought {O}?|To whom does {O} belong?
study describe define/subj: Who studied {O}?|Who described {O}?|Who defined {O}?
emit produce generate/obj: What does {A} produce?|What comes out of {A}?|What does {A} make?
need require/obj: What does {A} need?|What is necessary for {A}?
show depict tell portray follow/obj: What does {A} show?|What is {A} about?|What can you see in {A}?|Whose story does {A} tell?
"""

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

# --- words -------------------------------------------------------------------------------------------------------

SYNONYMS = """
begin start commence|began started|largest biggest greatest|big large great|small little|famous well-known renowned|located situated|film movie picture|country state nation|city town place|made built created|called named known as|people persons|kind type sort|kinds types sorts|often usually frequently|many numerous|job profession occupation|author writer|wrote penned|founded established started set up|established founded set up|created made|discovered found|received got was given|won got|died passed away|killed murdered|area region|important significant|war conflict|battle fight|ruler king sovereign|ruled governed|used employed|use employ|works pieces|contains has includes|contain have include|includes contains|include contain|help assist|doctor physician|buy purchase|bought purchased|song piece|novel book|book work|published brought out|released published|prize award|award prize|leader head chief|led headed|career working life|main chief principal|parts pieces components|part piece|inhabitants residents people|population inhabitants|rich wealthy|wealth money|quickly fast|today now nowadays|currently now|mostly mainly chiefly|mainly mostly|first earliest|earliest first|ended finished|end finish|happen occur take place|happened occurred took place|developed worked out|invented thought up devised|ship boat|sea ocean|mountain peak|hill mountain|language tongue|approximately about|located found|typically usually normally|primarily mainly mostly|commonly often usually|refers alludes|regarded seen considered|considered seen regarded|described called|method way technique|technique method|device machine instrument|animals creatures|child kid|children kids|lived dwelt|live dwell|moved went|study research|studied learned|studies research|show display|shows displays|produce make|produces makes|produced made|change alter|cause bring about|causes brings about|caused brought about|forms makes|form make|travel go|several some|various different|different various|need require|requires needs|separate divide|divides separates|near close to|throughout all over|across over|under below|between among|during in|within in|became turned into|become turn into|worked had a job|served worked|actor performer|musician player|composer musician|painter artist|artist painter|scientist researcher|thinkers philosophers|philosopher thinker|politician statesman|soldiers troops|army troops|government state|law rule|laws rules|attacked assaulted|defeated beat|conquered took|lost was beaten|joined entered|left quit|married wedded|children offspring|parents mother and father|species kinds|plant herb|shape form|colour color|material substance|substance material|power strength|speed pace|size dimensions|length extent|height altitude|purpose aim goal|goal aim|reason cause|effect result|result outcome|growth increase|increase rise|reduce lower|high tall|old ancient|ancient old|modern present-day|entire whole|single one|major big important|popular well-liked|common frequent|rare scarce|ways manners|home house|school college|university college|writer author
"""
MULTI = {"set up", "brought out", "take place", "took place", "worked out", "thought up", "passed away", "known as",
         "was given", "working life", "close to", "all over", "turned into", "turn into", "had a job", "was beaten",
         "brought about", "bring about", "brings about", "mother and father", "big important"}  # fmt: skip

TYPES_TEXT = """
war battle river university college sea ocean mountains mountain island islands museum empire dynasty prize award
school party church period age era century revolution movement kingdom republic treaty conference act union
committee society institute academy league cup games festival order lake bay gulf peninsula desert valley province
district state county region city temple palace castle library theatre theater cathedral bridge park series language
languages family genus company corporation agency army navy council court house line system theory theorem law
principle effect group association federation organization league club band bank railway station airport day street
sun medal championship canal plain plateau range coast strait cape hills basin forest volcano galaxy nebula
"""
TYPES = set(TYPES_TEXT.split())

PLACES_TEXT = """
area region country city town village house home building room school forest wood desert mountain hill valley river
lake sea ocean water island coast shore land ground soil field part place state province district street garden
church temple tomb grave museum hospital prison hemisphere north south east west centre center continent world
tropics climate habitat body cell blood brain stomach space orbit atmosphere surface core market theatre kitchen
capital
"""
PLACES = set(PLACES_TEXT.split())

COUNTRIES_TEXT = """
Afghanistan Albania Algeria Angola Argentina Armenia Australia Austria Azerbaijan Bangladesh Belarus Belgium Belize
Bolivia Botswana Brazil Bulgaria Burma Cambodia Cameroon Canada Chad Chile China Colombia Croatia Cuba Cyprus
Denmark Ecuador Egypt England Eritrea Estonia Ethiopia Finland France Gabon Georgia Germany Ghana Greece Greenland
Guatemala Guyana Haiti Honduras Hungary Iceland India Indonesia Iran Iraq Ireland Israel Italy Jamaica Japan Jordan
Kazakhstan Kenya Kuwait Laos Latvia Lebanon Liberia Libya Lithuania Madagascar Malawi Malaysia Mali Malta Mexico
Moldova Mongolia Morocco Mozambique Myanmar Namibia Nepal Netherlands Nicaragua Niger Nigeria Norway Oman Pakistan
Panama Paraguay Peru Philippines Poland Portugal Qatar Romania Russia Rwanda Samoa Scotland Senegal Serbia Singapore
Slovakia Slovenia Somalia Spain Sudan Sweden Switzerland Syria Taiwan Tajikistan Tanzania Thailand Togo Tunisia
Turkey Turkmenistan Uganda Ukraine Uruguay Uzbekistan Venezuela Vietnam Wales Yemen Zambia Zimbabwe
"""
COUNTRIES = set(COUNTRIES_TEXT.split())
COUNTRIES |= {"United States", "United Kingdom", "New Zealand", "South Africa", "Sri Lanka", "Saudi Arabia",
              "North Korea", "South Korea", "Great Britain", "Soviet Union", "Czech Republic"}  # fmt: skip

PERSONS_TEXT = """
actor actress writer author poet novelist playwright philosopher mathematician physicist chemist biologist scientist
politician king queen emperor empress pharaoh ruler president general admiral officer soldier painter sculptor
artist architect composer musician singer songwriter pianist guitarist conductor director filmmaker producer player
footballer boxer cricketer swimmer athlete astronomer astronaut explorer navigator engineer inventor economist
historian theologian priest monk bishop pope saint friar activist journalist lawyer jurist diplomat statesman leader
revolutionary businessman businesswoman industrialist entrepreneur psychologist psychiatrist physician surgeon nurse
botanist zoologist naturalist geologist linguist critic essayist dramatist screenwriter comedian dancer
choreographer model photographer illustrator designer teacher professor scholar student friend brother sister son
daughter wife husband father mother nephew uncle cousin man woman people person men women critics members speakers
residents scholars historians scientists inhabitants workers founder member prince princess duke count noble
nobleman noblewoman samurai monarch dictator orator quarterback wrestler driver racer chef polymath humanist
logician
"""
PERSONS = set(PERSONS_TEXT.split())


def table(text: str) -> dict[tuple[str, str], list[str]]:
    """`VERBS` by (lemma, role)."""
    found: dict[tuple[str, str], list[str]] = {}
    for line in text.strip().splitlines():
        head, templates = line.split(": ", 1)
        verbs, role = head.split("/")
        for verb in verbs.split():
            found.setdefault((verb, role), []).extend(templates.split("|"))
    return found


def synonyms() -> dict[str, list[str]]:
    """Other words for a word: the first of each group, then its alternatives."""
    found: dict[str, list[str]] = {}
    for group in SYNONYMS.strip().split("|"):
        for phrase in MULTI:
            group = group.replace(phrase, phrase.replace(" ", "_"))
        word, *others = (x.replace("_", " ") for x in group.split())
        found.setdefault(word, []).extend(others)
    return found


ASK, WORDS = table(VERBS), synonyms()
PATTERNS = [line.rsplit(" => ", 1) for line in PATTERNS_TEXT.strip().splitlines()]

# --- questions about the clauses of a parsed article -------------------------------------------------------------

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

    # clauses

    def clause(self, verb) -> dict | None:
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
            if self.subject is not None and owner.dep_ == "attr" and self.is_attribute(owner):
                name, owner = "{S}", self.subject
            else:
                name = self.say(owner)
        elif subject is not None and not relative:
            name, owner = self.say(subject), subject
        if name is None or owner.lower_ in ("i", "you", "we", "there", "this", "these", "that", "who", "which", "some"):
            return None
        lemma = verb.lemma_.lower()
        passive = any(h.dep_ == "auxpass" for h in helpers) or (verb.tag_ == "VBN" and source.dep_ == "acl")
        said = " ".join(h.text for h in helpers) + " " + verb.text
        if source.dep_ == "acl" and not helpers:
            if passive:
                front, rest = ("was" if self.verb == "was" or pick("agent") else "is"), verb.text
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
                "passive": passive, "parts": self.parts(verb), "lemma": lemma}  # fmt: skip

    def is_attribute(self, token) -> bool:
        """Does `token` say what the article's subject is ("a novel" in "X is a novel written by Y")?"""
        return token.head.lemma_ == "be" and any(c.i == self.subject.i for c in token.head.children)

    def parts(self, verb) -> list[tuple[str, object, str]]:
        """The other parts of a clause in their order: (role, head, text)."""
        found = []
        heads = [(verb, c) for c in verb.rights]
        attributes = [c for c in verb.rights if c.dep_ in ("attr", "acomp")]
        heads += [(a, c) for a in attributes for c in a.rights if c.dep_ == "prep" and c.lower_ != "of"]
        for _, child in heads:
            if child.dep_ in ("prep", "agent", "dative") and child.pos_ == "ADP":
                objects = [c for c in child.children if c.dep_ == "pobj"]
                if objects:
                    found.append((child.dep_, objects[0], f"{child.lower_} {self.say(objects[0])}"))
            elif child.dep_ in ("dobj", "attr", "oprd", "dative", "npadvmod"):
                found.append((child.dep_, child, self.say(child)))
            elif child.dep_ in ("acomp", "prt", "advmod") and child.right_edge.i - child.left_edge.i < 4:
                found.append((child.dep_, child, self.text(child.left_edge.i, child.right_edge.i + 1)))
            elif child.dep_ in ("xcomp", "advcl", "ccomp"):
                words = self.text(child.left_edge.i, child.right_edge.i + 1)
                found.append((child.dep_, child, words if len(words.split()) < 12 else ""))
        return found

    def others(self, clause: dict, without: list) -> str:
        """The rest of a clause for a question, often shortened as a person would."""
        keep = {"dobj": 0.95, "attr": 0.95, "acomp": 0.95, "prt": 1, "oprd": 0.95, "xcomp": 0.9, "prep": 0.55,
                "agent": 0.7, "dative": 0.7, "advmod": 0.3, "advcl": 0.15, "ccomp": 0.7, "npadvmod": 0.3}  # fmt: skip
        skip = {t.i for t in without}
        words, preps = [], 0
        for role, token, text in clause["parts"]:
            first = role == "prep" and preps == 0
            preps += role == "prep"
            if token.i not in skip and self.rng.random() < (0.8 if first else keep[role]):
                words.append(text)
        return " ".join(words)

    def ask(self, clause: dict) -> None:
        """All questions about one clause."""
        name, passive = clause["name"], clause["passive"]
        turned = lambda *without: f"{clause['front']} {name} {clause['rest']} {self.others(clause, without)}"  # noqa: E731
        patient = next((t for role, t, _ in clause["parts"] if role in ("dobj", "attr", "oprd")), None)
        agent = next((t for role, t, _ in clause["parts"] if role == "agent"), None)
        doer = None if passive else name
        suffers = name if passive else (self.say(patient) if patient is not None else None)
        if passive and agent is not None:
            doer = self.say(agent)

        def reworded(role: str, span: tuple[int, int]) -> None:
            templates = ASK.get((clause["lemma"], role), [])
            for template in self.rng.sample(templates, min(3, len(templates))):
                if ("{A}" in template and doer is None) or ("{O}" in template and suffers is None):
                    continue
                self.add(template.replace("{A}", doer or "").replace("{O}", suffers or ""), span, "reworded")

        self.ask_subject(clause, reworded)
        for role, token, _ in clause["parts"]:
            if role in ("acomp", "prt", "advmod", "ccomp"):
                continue
            if role in ("xcomp", "advcl"):
                self.ask_clause(clause, role, token, turned(token))
                continue
            if token.pos_ not in ("NOUN", "PROPN", "NUM", "X", "SYM") or token.lower_ in ("which", "whom", "addition"):
                continue
            span = self.span(token)
            kind = self.type_of(token, span)
            ways, narrow = self.which(token, span)
            counted = self.number(token)
            if counted is not None and kind != "time":
                number, rest = counted
                if role in ("prep", "agent"):
                    self.add(f"{token.head.lower_} how many {rest} {turned(token)}", number)
                    self.add(f"how many {rest} {turned(token)} {token.head.lower_}", number)
                else:
                    self.add(f"how many {rest} {turned(token)}", number)
            if role in ("dobj", "attr", "oprd", "npadvmod"):
                if role == "npadvmod" and kind != "time":
                    continue
                if kind == "time":
                    self.add(f"when {turned(token)}", span)
                    continue
                if role == "attr" and clause["lemma"] == "be" and name == "{S}":
                    self.ask_definition(token, span)
                for _ in range(2):
                    self.add(f"{self.rng.choice(ways)} {turned(token)}", narrow)
                if not passive:
                    reworded("obj", narrow)
            elif role == "agent":
                for _ in range(2):
                    self.add(f"{self.rng.choice(ways)} {turned(token)} by", narrow)
                self.add(f"by {self.rng.choice(ways).replace('Who', 'whom')} {turned(token)}", narrow)
                active = clause["verb"].text if clause["verb"].text.endswith("ed") else None
                if active and name:
                    self.add(f"{self.rng.choice(ways)} {active} {name} {self.others(clause, [token])}", narrow)
                reworded("subj", narrow)
            elif role == "prep":
                if clause["lemma"] == "be" and patient is not None:  # "X is a city in Y": where is X?
                    if kind not in ("place", "time") or token.head.lower_ not in ("in", "on", "at", "near", "from"):
                        continue
                    short = lambda *_: f"{clause['front']} {name}"  # noqa: E731
                    self.ask_prep(token, span, narrow, kind, ways, short, reworded)
                self.ask_prep(token, span, narrow, kind, ways, turned, reworded)

    def ask_prep(self, token, span, narrow, kind, ways, turned, reworded) -> None:
        """Questions whose answer follows a preposition: when, where, with whom."""
        prep = token.head.lower_
        way = self.rng.choice(ways)
        if kind == "time":
            year = re.fullmatch(r"[12]?\d{3}", self.text(*span))
            ways = ["When", "When"] + (["In what year", "In which year", "What year"] if year else [])
            if prep in ("until", "till", "to"):
                ways = ["Until when", "Until what year", "When did it end:"][:2]
            elif prep in ("since", "from"):
                ways = ["Since when", "From when", "When"]
            elif prep in ("for", "over", "during"):
                ways = ["How long", "For how long", "When"]
            for _ in range(2):
                self.add(f"{self.rng.choice(ways)} {turned(token)}", span)
            reworded("when", span)
            return
        if kind == "place" and prep in ("in", "at", "on", "near", "to", "into", "from", "off", "along", "across",
                                        "through", "within", "around", "throughout"):  # fmt: skip
            tail = "from" if prep == "from" else ""
            self.add(f"where {turned(token)} {tail}", span)
            self.add(f"{prep} {way.lower()} {turned(token)}", narrow)
            if prep != "from":
                reworded("where", span)
            return
        if prep in ("in", "at", "on", "near", "into") and (token.ent_type_ == "ORG" or token.lemma_.lower() in PLACES):
            self.add(f"where {turned(token)}", span)
            reworded("where", span)
        if prep in ("because", "due") or token.head.head.lower_ in ("because", "due"):
            self.add(f"why {turned(token)}", span)
        if prep in ("as", "by") and token.head.head.lemma_ in ("know", "call", "name", "refer", "describe", "regard"):
            self.add(f"how {turned(token)}", span)
        person = "whom" if way.startswith("Who") else way.lower()
        self.add(f"{prep} {person} {turned(token)}", narrow)
        self.add(f"{way} {turned(token)} {prep}", narrow)

    def ask_subject(self, clause: dict, reworded) -> None:
        """Who or what does it: the subject is the answer."""
        owner = clause["owner"]
        if owner.pos_ not in ("NOUN", "PROPN", "X", "PRON"):
            return
        if owner.pos_ == "PRON":
            if self.subject is None or self.rng.random() < 0.6 or owner.lower_ not in ("he", "she", "it", "they"):
                return
            owner = self.subject
        span = self.span(owner)
        ways, narrow = self.which(owner, span)
        if clause["name"] == "{S}":
            narrow = span
            ways = ["Who", "Which {K}", "Which person"] if self.person else ["What", "Which {K}", "Which {K}"]
        counted = self.number(owner)
        if counted is not None:
            self.add(f"how many {counted[1]} {clause['said']} {self.others(clause, [])}", counted[0])
        for _ in range(2):
            self.add(f"{self.rng.choice(ways)} {clause['said']} {self.others(clause, [])}", narrow)
        if not clause["passive"]:
            reworded("subj", narrow)
        elif clause["name"] != "{S}":
            reworded("obj", narrow)
        rest = [c for c in self.doc[span[0] : span[1]] if c.lower_ in ("its", "his", "her", "their")]
        if rest and clause["lemma"] == "be":  # "Its capital is Port Moresby": what is the capital?
            for role, token, _ in clause["parts"]:
                if role == "attr":
                    self.add(f"what {clause['front']} {clause['name']}", self.span(token))
                    self.add(f"what {clause['front']} the name of {clause['name']}", self.span(token))

    def ask_clause(self, clause: dict, role: str, token, question: str) -> None:
        """Why and what for: a clause is the answer ("to loosen the soil", "because it is rare")."""
        left, right = token.left_edge.i, token.right_edge.i + 1
        if right - left > 14:
            return
        mark = self.doc[left].lower_
        if role == "advcl" and mark in ("because", "since"):
            self.add(f"why {question}", (left, right))
        elif role == "advcl" and mark in ("to", "so"):
            for way in self.rng.sample(["why", "for what purpose", "what for"], 2):
                self.add(f"{way} {question}", (left, right))
        elif role == "advcl" and mark == "by":
            self.add(f"how {question}", (left, right))
        elif role == "xcomp" and mark == "to" and clause["lemma"] in ("use", "aim", "try", "seek", "help", "want"):
            self.add(f"what {clause['front']} {clause['name']} {clause['rest']} to do", (left + 1, right))
            self.add(f"what {clause['front']} {clause['name']} {clause['rest']} for", (left, right))

    def ask_definition(self, token, span: tuple[int, int]) -> None:
        """What or who the subject is; for a person the trade and the country, for a work its year."""
        be = self.verb if self.verb in ("is", "was", "are", "were") else "is"
        asked = [f"Who {be} {{S}}", f"What {be} {{S}} by profession", f"Who {be} {{S}}"] if self.person else [
            f"What {be} {{S}}", f"What kind of thing {be} {{S}}", f"What {be} {{S}}", f"What {be} {{S}} exactly"]  # fmt: skip
        for question in self.rng.sample(asked, 2 if token.sent.start == 0 else 1):
            self.add(question, span, "reworded")
        words = list(self.doc[span[0] : span[1]])
        if self.person and words and words[0].ent_type_ == "NORP" and len(words) > 1:
            country = ["Where was {S} from", "Which country did {S} come from", "What nationality was {S}",
                       "To which country did {S} belong", "What was the nationality of {S}"]  # fmt: skip
            for question in self.rng.sample(country, 2):
                self.add(question, (words[0].i, words[0].i + 1), "reworded")
            trade = ["What was {S}'s job", "What was the profession of {S}", "What did {S} do for a living",
                     "What did {S} work as", "What was {S}"]  # fmt: skip
            for question in self.rng.sample(trade, 2):
                self.add(question, (words[1].i, span[1]), "reworded")

    # names beside names, patterns, gaps

    def ask_names(self) -> None:
        """Additions ("his nephew, Toyotomi Hidetsugu"): the name from the description and the other way round."""
        for token in self.doc:
            if token.dep_ != "appos" or token.pos_ not in ("PROPN", "NOUN") or token.head.pos_ not in ("PROPN", "NOUN"):
                continue
            one, other = token.head, token
            if one.pos_ == "NOUN" and other.pos_ == "PROPN":
                _, narrow = self.which(other, self.span(other))
                who = "Who" if self.type_of(other, narrow) == "person" else "What"
                self.add(f"{who} is {self.say(one)}", narrow)
                self.add(f"what is the name of {self.say(one)}", narrow)
            elif one.pos_ == "PROPN" and other.pos_ == "NOUN":
                who = "Who" if self.type_of(one, self.span(one)) == "person" else "What"
                self.add(f"{who} was {self.say(one)}", self.span(other))

    def ask_patterns(self) -> None:
        """Questions of `PATTERNS`, three for each match, in the words that a person would use."""
        text = self.doc.text
        for pattern, templates in PATTERNS:
            for match in re.finditer(pattern.replace("{T}", re.escape(self.title)), text):
                start, end = match.span("a")
                found = text[start:end]
                for article in ("the ", "a ", "an "):
                    if found.lower().startswith(article):
                        start += len(article)
                end = start + len(text[start:end].rstrip(" ,;:"))
                other = match.groupdict().get("f") or ""
                ways = templates.split("|")
                for way in self.rng.sample(ways, min(3, len(ways))):
                    question = way.replace("{f}", other)
                    if end > start and text[start:end].lower() not in question.lower():
                        self.asked.append((question, start, end, "reworded"))

    def ask_gaps(self) -> None:
        """A part of a sentence with an entity taken out and a question word in front (Lewis et al. 2019)."""
        heads = {"PERSON": ["Who", "Which person"], "GPE": ["Where", "Which place", "Which country", "Which city"],
                 "LOC": ["Where", "Which place"], "DATE": ["When", "What year", "In which year"], "FAC": ["Where"],
                 "ORG": ["What", "Which organisation", "Who"], "NORP": ["Who", "Which people"],
                 "CARDINAL": ["How many"], "QUANTITY": ["How much", "How long", "How big"], "MONEY": ["How much"],
                 "PERCENT": ["How many percent", "What percentage", "How much"], "EVENT": ["What", "Which event"],
                 "WORK_OF_ART": ["What", "Which work"], "LANGUAGE": ["Which language"], "TIME": ["When"]}  # fmt: skip
        for entity in self.doc.ents:
            if entity.label_ not in heads or self.rng.random() < 0.5 or entity.text == self.title:
                continue
            sentence = entity.sent
            left, right = entity.start, entity.end
            while left > sentence.start and entity.start - left < 9 and self.doc[left - 1].text not in ",;()—":
                left -= 1
            while right < sentence.end - 1 and right - entity.end < 9 and self.doc[right].text not in ",;()—":
                right += 1
            words = [t.text for t in self.doc[left:right] if not entity.start <= t.i < entity.end]
            if len(words) < 4:
                continue
            words = [w for w in words if self.rng.random() > 0.1]
            order = sorted(range(len(words)), key=lambda i: i + self.rng.uniform(0, 2.5))
            self.add(self.rng.choice(heads[entity.label_]) + " " + " ".join(words[i] for i in order),
                     (entity.start, entity.end), "gap")  # fmt: skip


def article_questions(title: str, doc, rng: random.Random) -> tuple[Article, list[tuple[str, int, int, str]]]:
    """An article and its questions: (question, start, end in characters, what made it), none twice."""
    article = Article(title, doc, rng)
    for token in doc:
        if token.pos_ in ("VERB", "AUX") and token.dep_ not in ("aux", "auxpass"):
            clause = article.clause(token)
            if clause is not None:
                article.ask(clause)
    article.ask_names()
    article.ask_patterns()
    article.ask_gaps()
    return article, list(dict.fromkeys(article.asked))


# --- everyday paragraphs -----------------------------------------------------------------------------------------

NAMES_HE = "Adam Ahmed Alex Andrew Ben Carlos Chen Daniel David Dmitri Emil Erik Felix Finn George Hamid Hans Henry " \
    "Hiro Hugo Ivan Jack Jakob Jamal James Jonas Jorge Kofi Lars Leo Liam Luca Marco Mark Martin Max Mehmet Nico " \
    "Oliver Omar Oscar Paul Pedro Peter Rafael Raj Robert Sam Samuel Simon Stefan Thomas Tim Victor William Yusuf"  # fmt: skip
NAMES_SHE = "Aisha Alice Amelia Amina Anna Astrid Beatriz Carla Carmen Charlotte Chloe Diana Elena Elif Ella Emma Eva " \
    "Fatima Fiona Grace Greta Hana Helen Ines Ingrid Irene Isabel Jana Jasmine Kate Katya Lara Laura Leila Lena Lisa " \
    "Lucia Maria Marie Maya Mei Mia Nadia Naomi Nina Nora Olga Olivia Paula Rosa Ruth Sara Sofia Sonia Vera Yuki Zoe"  # fmt: skip
CITIES = "Paris|London|Madrid|Rome|Athens|Lisbon|Dublin|Oslo|Stockholm|Copenhagen|Warsaw|Prague|Budapest|Zurich|Geneva|" \
    "Munich|Cologne|Leipzig|Bristol|Manchester|Glasgow|Boston|Chicago|New York|San Francisco|Seattle|Denver|Montreal|" \
    "Vancouver|Mexico City|Lima|Bogota|Nairobi|Cairo|Lagos|Cape Town|Istanbul|Tehran|Mumbai|Delhi|Bangkok|Hanoi|" \
    "Singapore|Tokyo|Osaka|Seoul|Beijing|Sydney|Melbourne|Auckland|Turin|Seville|Marseille|Antwerp|Utrecht|Graz|" \
    "Queens|Manhattan|Oakland|a small village|the mountains|a town by the sea|the north of Spain|southern France"  # fmt: skip
WORK = "Google|Siemens|Microsoft|Nokia|Spotify|Blue Bottle|Green Leaf|the city hospital|a small bakery|the town library|a bank|" \
    "the university|Northern Lights|an insurance company|the museum of art|Parker and Sons|a law firm|the post office|" \
    "Open Books|Deep Water|Red Kite Software|the airport|Star Coffee|a primary school|Data Garden|the fire station|" \
    "Happy Pets|a film studio|Silver Bridge|the national park|a car factory|Friendly Robots|Laughing Cow|Bright Minds"  # fmt: skip
JOBS = "a teacher|a nurse|a doctor|a bus driver|an engineer|a baker|a carpenter|a pilot|a cook|a lawyer|a journalist|" \
    "a librarian|a gardener|a plumber|a programmer|a data scientist|a photographer|a dentist|a farmer|a hairdresser|" \
    "a musician|a painter|a police officer|a postman|a vet|a waiter|a tailor|an architect|an accountant|a translator"  # fmt: skip
HOBBIES = "playing chess|swimming|painting|dancing|hiking in the hills|reading crime novels|playing the piano|" \
    "playing football|gardening|cooking|riding a bike|collecting stamps|fishing|singing in a choir|knitting|sailing|" \
    "taking photographs|watching old films|running|climbing|learning languages|building model trains|surfing"  # fmt: skip
FOODS = "pizza|rice and beans|apple pie|noodles|fish soup|pancakes|chocolate cake|lentil curry|fried eggs|sushi|salad|" \
    "dumplings|strawberries|cheese sandwiches|mushroom risotto|roast chicken|porridge|bananas|vegetable stew"  # fmt: skip
COLOURS = "red|blue|green|yellow|white|black|grey|orange|purple|pink|dark blue|light green|silver|gold"
ANIMALS = "cat|dog|rabbit|parrot|horse|hamster|goldfish|turtle|pony|goat"
PETS = "Bella|Rex|Whiskers|Milo|Luna|Charlie|Rocky|Snowy|Pepper|Ginger|Nemo|Shadow|Coco|Daisy|Felix|Toby|Misty|Oscar"
SUBJECTS = "physics|history|biology|law|music|chemistry|economics|art history|philosophy|computer science|geography|" \
    "engineering|literature|psychology|architecture|French|mechanical engineering|astronomy|dentistry"  # fmt: skip
VEHICLES = "bus|train|bike|car|tram|boat|metro|ferry|taxi|scooter"
DAYS = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
REASONS = "it was raining|she was ill|the road was closed|he had lost his keys|there was no more bread|of a strike|" \
    "of the storm|the engine was broken|of the heavy traffic|the shop was closed|they were tired|of the holiday|of fog|of ice"  # fmt: skip
THINGS = "a coat|a pair of shoes|a lamp|an old clock|a guitar|a novel|a blue vase|a tent|a wooden table|a new phone|a kite|" \
    "a warm hat|a camera|a chair|a box of pencils|a map|a birthday cake|two tickets|a red umbrella|a bottle of oil"  # fmt: skip
FEARS = "spiders|the dark|heights|loud noises|fireworks|dogs|snakes|water|storms|flying|mice|the vacuum cleaner"
KIN = {"brother": "he", "sister": "she", "father": "he", "mother": "she", "uncle": "he", "aunt": "she", "cousin": "he",
       "neighbour": "she", "friend": "he", "best friend": "she", "grandmother": "she", "grandfather": "he",
       "daughter": "she", "son": "he", "husband": "he", "wife": "she", "boss": "she", "colleague": "he"}  # fmt: skip

# Each fact: statements (the answer in brackets), then questions. {s} subject, {p} possessive, {v} "s" of the third
# person, {b} am/is, {h} have/has, {q} subject in questions, {Q} possessive in questions, {d} do/does, {a} am/is.
FACTS = {
    "name": ("{P} name {is} [{name}].|{s} {b} called [{name}].", "What is {Q} name?|What {a} {q} called?|What is the name?|"
             "How {a} {q} called?|Tell me {Q} name"),
    "home": ("{s} live{v} in [{city}].|{P} home is in [{city}].|{s} {h} lived in [{city}] for years.|{s} {h} a flat in [{city}].|"
             "{s} moved to [{city}] last year.",
             "Where {d} {q} live?|In which city {d} {q} live?|Where is {Q} home?|What city {d} {q} live in?|"
             "Which place {d} {q} call home?|Where {a} {q} at home?|In what town {d} {q} live?"),
    "work": ("{s} work{v} at [{work}] in {city}.|{s} work{v} for [{work}] in {city}.|{s} {h} a job at [{work}] in {city}.|"
             "{s} work{v} at [{work}].|{s} work{v} for [{work}].|{s} {b} employed by [{work}].|{s} started to work at [{work}].",
             "Where {d} {q} work?|For whom {d} {q} work?|What is {Q} employer?|Who {d} {q} work for?|Where is {Q} job?|"
             "Which company {d} {q} work for?|Where {a} {q} employed?|At which place {d} {q} work?"),
    "workplace": ("{s} work{v} at {work} in [{city}].|{s} work{v} for {work} in [{city}].",
                  "In which city {d} {q} work?|In what town {d} {q} work?|In which place is {Q} job?|Which city {d} {q} work in?"),
    "job": ("{s} {b} [{job}].|{s} work{v} as [{job}].|{s} earn{v} {p} money as [{job}].|{s} became [{job}] in 2015.",
            "What is {Q} job?|What {d} {q} do for a living?|What is {Q} profession?|What {d} {q} work as?|"
            "What {a} {q} by profession?|What kind of work {d} {q} do?|Which job {d} {q} have?"),
    "age": ("{s} {b} [{age}] years old.|{s} {b} [{age}].|{s} just turned [{age}].|{s} {b} now [{age}] years old.",
            "How old {a} {q}?|What is {Q} age?|How many years old {a} {q}?|What age {a} {q}?"),
    "origin": ("{s} come{v} from [{city}].|{s} {b} originally from [{city}].|{s} {w} born in [{city}].|{s} grew up in [{city}].",
               "Where {d} {q} come from?|Where {a} {q} from?|Where {w} {q} born?|What is {Q} birthplace?|"
               "In which city {w} {q} born?|Where did {q} grow up?"),
    "hobby": ("{s} love{v} [{hobby}].|{s} like{v} [{hobby}].|{p2} hobby is [{hobby}].|{s} enjoy{v} [{hobby}] at weekends.|"
              "In {p} free time {s2} like{v} [{hobby}].",
              "What {d} {q} like to do?|What is {Q} hobby?|What {d} {q} enjoy?|What {d} {q} love?|"
              "What {d} {q} do in {Q} free time?|What {d} {q} do for fun?|How {d} {q} spend the weekend?"),
    "food": ("{P} favourite food is [{food}].|{s} like{v} to eat [{food}].|{s} always eat{v} [{food}] for lunch.|"
             "{s} cook{v} [{food}] every week.",
             "What is {Q} favourite food?|What {d} {q} like to eat?|What {d} {q} eat?|Which food {d} {q} like?|"
             "Which dish {d} {q} like?"),
    "colour": ("{P} favourite colour is [{colour}].|{s} like{v} the colour [{colour}] best.",
               "What is {Q} favourite colour?|Which colour {d} {q} like?|What colour {d} {q} like best?"),
    "study": ("{s} stud{y} [{subject}] in {city}.|{s} stud{y} [{subject}] at the university.|{s} {h} a degree in [{subject}].|"
              "{s} teach{es} [{subject}] at a school.",
              "What {d} {q} study?|Which subject {d} {q} study?|What is {Q} subject?|What subject {d} {q} know about?|"
              "What {d} {q} teach?"),
    "studyplace": ("{s} stud{y} {subject} in [{city}].|{s} went to university in [{city}].",
                   "Where {d} {q} study?|In which city {d} {q} study?|Where {a} {q} a student?|In what town did {q} go to university?"),
    "language": ("{s} speak{v} [{language}] at home.|{s} {b} learning [{language}].|{P} first language is [{language}].",
                 "Which language {d} {q} speak?|What language {d} {q} speak?|What {d} {q} learn?|What is {Q} language?"),
    "pet": ("{s} {h} a {animal} called [{pet}].|{P} {animal} is called [{pet}].|{P} {animal} [{pet}] sleeps all day.",
            "What is the name of {Q} {animal}?|What is {Q} {animal} called?|What is the {animal}'s name?|How is the {animal} called?"),
    "petkind": ("{s} {h} [a {animal}] called {pet}.", "What kind of animal {d} {q} have?|What animal is {pet}?|Which pet {d} {q} have?"),
    "way": ("{s} go{es} to work by [{vehicle}].|{s} take{v} the [{vehicle}] to town.|{s} travel{v} to the office by [{vehicle}].|"
            "{s} always come{v} by [{vehicle}].",
            "How {d} {q} go to work?|How {d} {q} get to town?|How {d} {q} travel?|How {d} {q} get there?|What {d} {q} take to town?"),
    "time": ("{s} get{v} up at [{time}].|{s} start{v} work at [{time}].|{s} go{es} to bed at [{time}].|The lesson begins at [{time}].|"
             "The film starts at [{time}].|The shop opens at [{time}].|The plane leaves at [{time}].|The bus leaves at [{time}] from the station.",
             "When is it?|At what time is it?|When does it start?|At what time does it happen?|What time is it?"),
    "with": ("On {day} {s2} play{v} tennis with [{other}].|{s} go{es} to the market with [{other}] every {day}.|"
             "{s} share{v} a flat with [{other}].|{s} went on holiday with [{other}].",
             "With whom {d} {q} do that?|Who {d} {q} go with?|Who {a} {q} with?|Who {d} {q} meet?|With whom {a} {q}?"),
    "day": ("{s} visit{v} {other} every [{day}].|On [{day}] {s2} visit{v} {other}.|{s} always {h} a piano lesson on [{day}].",
            "When {d} {q} do that?|On which day is it?|On what day {d} {q} do it?|Which day is it?"),
    "reason": ("{s} came too late because [{reason}].|{s} stayed at home because [{reason}].|The bus was late because [{reason}].|"
               "{s} could not come because [{reason}].|The party was cancelled because [{reason}].",
               "Why was that?|Why did it happen?|What was the reason?|Why {w} {q} late?|Why was it late?|Why did {q} stay at home?"),
    "price": ("The ticket costs [{price}].|{s} paid [{price}] for the book.|A coffee is [{price}] there.|The coat cost [{price}].",
              "How much is it?|How much did it cost?|What is the price?|How much does it cost?|What did {q} pay?|How much money is it?"),
    "buy": ("Yesterday {s2} bought [{thing}].|{s} bought [{thing}] at the market.|{s} gave {other} [{thing}] as a present.|"
            "{s} got [{thing}] for {p} birthday.",
            "What did {q} buy?|What did {q} get?|What was the present?|What did {q} give away?|What was bought?"),
    "fear": ("{s} {b} afraid of [{fear}].|{s} {b} scared of [{fear}].|{s} {b} frightened by [{fear}].",
             "What {a} {q} afraid of?|What {d} {q} fear?|What scares {o}?|Of what {a} {q} afraid?|What frightens {o}?"),
    "found": ("{s} found the {animal} in [{place}].|{s} lost {p} keys in [{place}].|{s} met {other} in [{place}].|"
              "{s} left {p} bag in [{place}].",
              "Where was that?|Where did {q} find it?|Where did it happen?|Where did {q} meet?|Where was it?|Where did {q} lose it?"),
    "number": ("{s} {h} [{few}] children.|{s} {h} [{few}] cousins.|There are [{few}] people in {p} family.|{s} own{v} [{few}] bikes.",
               "How many are there?|How many {d} {q} have?|How many children {d} {q} have?|How many people are there?"),
    "carcolour": ("{P} car is [{colour}].|{P} house is [{colour}].|{P} new bike is [{colour}].",
                  "What colour is it?|Which colour does it have?|What colour is the car?|What colour is the house?"),
}  # fmt: skip
LANGUAGES = "Spanish|German|Italian|Japanese|Arabic|Polish|Turkish|Portuguese|Russian|Dutch|Swedish|Hindi|Chinese|Greek"
SPOTS = "a park|the old town|the station|a forest near the lake|the cinema|a café in Paris|the garden|a shop|the attic|" \
    "the library|a car park|the kitchen|a field near Oxford|the bus"  # fmt: skip
NAMED = {"time": ["get up", "start", "lesson", "film", "shop", "plane", "bus", "bed"]}


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
            slots = _slots(rng)
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
    made = {
        "get{v} up": "When {d} {q} get up?|At what time {d} {q} get up?|When {d} {q} wake up?",
        "start{v} work": "When {d} {q} start work?|At what time {d} {q} begin to work?",
        "to bed": "When {d} {q} go to bed?|When {d} {q} sleep?", "lesson begins": "When does the lesson start?|At what time does the lesson begin?",
        "film starts": "When does the film begin?|What time does the film start?", "shop opens": "When does the shop open?|At what time can you go to the shop?",
        "plane leaves": "When does the plane leave?|What time is the flight?", "bus leaves": "When does the bus leave?|What time does the bus go?",
        "play{v} tennis": "Who {d} {q} play tennis with?|With whom {d} {q} play tennis?", "to the market with": "Who {d} {q} go to the market with?",
        "share{v} a flat": "With whom {d} {q} live?|Who {d} {q} share a flat with?", "on holiday": "Who did {q} go on holiday with?|With whom did {q} travel?",
        "piano lesson": "When {d} {q} have a piano lesson?|On which day is the piano lesson?", "visit{v}": "When {d} {q} visit {other}?|On what day {d} {q} visit {other}?",
        "came too late": "Why did {q} come too late?|Why {w} {q} late?", "stayed at home": "Why did {q} stay at home?|Why did {q} not go out?",
        "bus was late": "Why was the bus late?|Why did the bus come late?", "could not come": "Why could {q} not come?", "cancelled": "Why was the party cancelled?|Why was there no party?",
        "ticket costs": "How much is a ticket?|What does the ticket cost?|What is the price of the ticket?", "for the book": "How much was the book?|What did {q} pay for the book?",
        "coffee": "How much is a coffee?|What does a coffee cost?", "coat cost": "How much did the coat cost?|What was the price of the coat?",
        "bought": "What did {q} buy?|What thing did {q} buy?", "present": "What did {q} give {other}?|What present did {other} get?", "birthday": "What did {q} get for {Q} birthday?|What present did {q} get?",
        "found the": "Where did {q} find the {animal}?|Where was the {animal}?", "lost": "Where did {q} lose {Q} keys?|Where are the keys?",
        "met": "Where did {q} meet {other}?|In what place did {q} meet {other}?", "bag": "Where is {Q} bag?|Where did {q} leave {Q} bag?",
        "children": "How many children {d} {q} have?|How many kids {d} {q} have?", "cousins": "How many cousins {d} {q} have?", "people in": "How many people are in {Q} family?|How big is {Q} family?",
        "bikes": "How many bikes {d} {q} have?|How many bikes {d} {q} own?", "car is": "What colour is {Q} car?|Which colour does {Q} car have?", "house is": "What colour is {Q} house?|What is the colour of {Q} house?",
        "bike is": "What colour is {Q} bike?|Which colour is {Q} bike?", "teach{es}": "What {d} {q} teach?|What subject {d} {q} teach?", "degree": "What {d} {q} have a degree in?|What is {Q} degree in?",
        "learning": "What language {a} {q} learning?|What {a} {q} learning?", "to town": "How {d} {q} get to town?|What {d} {q} take to town?", "to work by": "How {d} {q} go to work?|How {d} {q} get to work?",
        "born in": "Where {w} {q} born?|In which city {w} {q} born?|What is {Q} birthplace?", "grew up": "Where did {q} grow up?|In which city did {q} grow up?", "moved to": "Where did {q} move?|To which city did {q} move?",
        "cook{v}": "What {d} {q} cook?|Which dish {d} {q} cook?",
    }  # fmt: skip
    fitting = [q for part, q in made.items() if part in statement]
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


def _slots(rng: random.Random) -> dict[str, str]:
    pick = lambda text: rng.choice(text.split("|"))  # noqa: E731
    few = ["two", "three", "four", "five", "six", "seven", "ten", "twelve", "nine", "11", "15"]
    hour = f"{rng.randint(1, 12)}:{rng.choice(['00', '05', '10', '15', '20', '30', '40', '45', '50'])}"
    others = (NAMES_HE + " " + NAMES_SHE).split()
    other = rng.choice([rng.choice(others), f"my {rng.choice(sorted(KIN))}", f"my friend {rng.choice(others)}"])
    return {"city": pick(CITIES), "work": pick(WORK), "job": pick(JOBS), "age": str(rng.randint(3, 95)), "hobby": pick(HOBBIES),
            "food": pick(FOODS), "colour": pick(COLOURS), "subject": pick(SUBJECTS), "language": pick(LANGUAGES),
            "animal": pick(ANIMALS), "pet": pick(PETS), "vehicle": pick(VEHICLES), "day": pick(DAYS), "reason": pick(REASONS),
            "thing": pick(THINGS), "fear": pick(FEARS), "place": pick(SPOTS), "few": rng.choice(few), "other": other,
            "time": rng.choice([hour, f"half past {rng.choice(few)}", f"{rng.choice(few)} o'clock", f"{rng.randint(1, 12)} pm"]),
            "price": rng.choice([f"{rng.randint(2, 90)} euros", f"${rng.randint(2, 90)}", f"{rng.randint(2, 90)} dollars",
                                 f"{rng.randint(2, 90)} pounds"])}  # fmt: skip


def _say(statement: str, person: dict, slots: dict, full: bool) -> str:
    """A statement about somebody, first person or third, by name or by pronoun."""
    me = person["me"]
    called = person["called"] if full else person["pronoun"]
    own = "my" if me else {"he": "his", "she": "her"}[person["pronoun"]]
    whose = own if me or not full else f"{person['called']}'s"
    words = {"s": called, "s2": called, "p": own, "p2": whose, "P": whose, "v": "" if me else "s", "es": "" if me else "es",
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


# --- variation, and the answer by hand ---------------------------------------------------------------------------


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


def answer(model, tokenizer, question: str, context: str, longest: int = 30) -> dict:
    """The part of `context` that answers `question`, found by hand from the start and end logits.

    Returns answer, start and end (characters), score (the probability that the answer starts here and ends there;
    "no answer", the [CLS] token, has its share too) and margin (best span's logits minus those of "no answer"; below
    0 the model would rather not answer). longest: tokens of the longest answer.
    """
    import torch

    encoded = tokenizer(question, context, truncation="only_second", max_length=512, return_offsets_mapping=True,
                        return_tensors="pt")  # fmt: skip
    offsets = encoded.pop("offset_mapping")[0].tolist()
    in_context = torch.tensor([i == 1 for i in encoded.sequence_ids(0)])
    with torch.inference_mode():
        output = model(**encoded.to(model.device))
    start, end = output.start_logits[0].float().cpu(), output.end_logits[0].float().cpu()
    allowed = in_context.clone()
    allowed[0] = True  # [CLS] stands for "no answer"
    start, end = (x.masked_fill(~allowed, -torch.inf) for x in (start, end))
    pair = start.log_softmax(0)[:, None] + end.log_softmax(0)[None, :]
    spans = torch.ones_like(pair, dtype=torch.bool).triu() & torch.ones_like(pair, dtype=torch.bool).tril(longest - 1)
    best = pair.masked_fill(~(spans & in_context[:, None] & in_context[None, :]), -torch.inf)
    first, last = divmod(int(best.argmax()), len(start))
    left, right = offsets[first][0], offsets[last][1]
    return {"answer": context[left:right], "start": left, "end": right, "score": float(pair[first, last].exp()),
            "margin": float(start[first] + end[last] - start[0] - end[0])}  # fmt: skip
