"""Questions about what verbs say, in the words that a person would use."""

# The table is one line an entry, however long.
# ruff: noqa: E501

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


def table(text: str) -> dict[tuple[str, str], list[str]]:
    """`VERBS` by (lemma, role)."""
    found: dict[tuple[str, str], list[str]] = {}
    for line in text.strip().splitlines():
        head, templates = line.split(": ", 1)
        verbs, role = head.split("/")
        for verb in verbs.split():
            found.setdefault((verb, role), []).extend(templates.split("|"))
    return found


ASK = table(VERBS)
