"""Everyday facts about people: sentences that tell them, questions about them, and what fills the gaps of both."""

# The tables are one line an entry, however long.
# ruff: noqa: E501

import random

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
LANGUAGES = "Spanish|German|Italian|Japanese|Arabic|Polish|Turkish|Portuguese|Russian|Dutch|Swedish|Hindi|Chinese|Greek"
SPOTS = "a park|the old town|the station|a forest near the lake|the cinema|a café in Paris|the garden|a shop|the attic|" \
    "the library|a car park|the kitchen|a field near Oxford|the bus"  # fmt: skip
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

# part of a statement: questions that fit it alone, where a fact is told of many kinds of things
FITTING = {
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


def fillers(rng: random.Random) -> dict[str, str]:
    """A word or a few for each gap in `FACTS` and `FITTING` that does not depend on the person."""
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
