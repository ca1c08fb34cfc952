"""What common nouns stand for: persons, places, kinds of things; and the names of countries."""

# words in names that say what the thing is: "Battle" in "Battle of Hastings"
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

# where something may be or happen
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
