"""Words that many people take as a password, dressed up or not, in the languages spoken here."""

_LISTED = """
aaaa aap abc abcabc abcd abcdef access adios adler admin admin123 administrator affe ajax
alexander allmende always amazon amen america amsterdam andrea andreas android angel animal anna
anne annika antwerpen apfel appel apple april arschloch arsenal arthur asdf asdfasdf asdfgh
asdfghjkl asshole audi august augustus austria autumn avengers awesome azerty baby babyboy
babygirl bach baer bailey banana banane barbara barcelona baseball basel basketball batman
batterystaple bayern bbbb beach bear beatles beautiful beer beethoven bella bello benutzer berg
berlin bern bernd besiktas bianca bird birthday bitch bitcoin bitte bjorn black blau blauw
blessed blitz bloem blue blume bmw borussia bos brasil bremen bremerhaven brother bruder brussel
bruxelles buddy buster butterfly camaro canada captain cash cat champion change changeme charlie
cheese chelsea cherry chess chicken china chocolade chocolate christ christian christina
christmas christus ciao claudia coffee commons computer cookie cool correcthorse
correcthorsebatterystaple corvette counterstrike cowboy cowboys crystal daisy dallas daniel
daniela danke david december default delfin dennis deutschland dezember diablo diamant diamond
dienstag dier dieter dinsdag doctor dodger dodgers dog dolfijn dolphin donald donderdag donner
donnerstag dortmund draak drache dragon dresden dummkopf eagle eagles easter eenhoorn eiland
eindhoven einhorn eins einstein einszweidrei elefant elena elephant elfe elisabeth elvis emily
eminem emma engel engelchen erfolg eva ewig excalibur facebook fairy faith fall familie family
father fatima februar februari february fee felix fenerbahce ferien ferrari feyenoord fisch fish
florian flower fluss football forest forever formula formule fortnite frank frankfurt franziska
freedom freiheit freitag friday frieden frodo fruehling frühling fuck fuckoff fuckyou fussball
gabriel galatasaray gandalf garden garfield garten gast gebruiker geburtstag geel geheim
geheimnis geil gelb geld gemeinsam genius george germany gewinner ginger gitarre gmail god
goethe goku gold golden golf goodbye google gott green groen groningen gruen grün guest guitar
hallo hallohallo hamburg handball hannah hans harley hart hase hasi haus heart heather heaven
heike hello hellohello hellokitty helmut hemel herbst herfst herz himmel hobbit hockey hoffnung
hoi holiday holland home hond honda honey honig honing hope horse horsebattery hotmail hottie
house huhn huis hund hundert hundred hunter ichliebedich idiot ikhouvanjou ilovey iloveyou immer
india ingrid insel instagram internet iphone ironman island istanbul jan jana januar januari
january japan jasmin jasmine jennifer jessica jesus jesuschrist joerg johanna johannes john
jonas jonathan jordan joshua juergen juli julia julian july june juni juventus kaas kaese kaffee
kaninchen kapitaen kapitein karin kat katharina katrin katze keks kennwort kerstmis kevin killer
kip kirsche kitty klasse klaus klootzak koala koeln koffie konijn kristall kuerbis käse köln
lakers lara laura leeuw legolas lehrer leipzig lena lente leon letmein letmein123 liebe liefde
lightning lila lily linda linkedin linux lion lisa liverpool loewe login london loser louis love
lovely loveyou luca lucas lucky luigi lukas luna maandag maart madonna madrid maerz maggie magic
magie mai mama manchester manuel marcel march marco maria marie mario marketplace marktplatz
markus martin martina master matrix matrose matthew matthias maus mausi max maxi maximilian may
meer mei meinpasswort melanie mercedes merlin metallica mexico michael michelle mickey microsoft
mijnwachtwoord million millionaer minecraft mittwoch mohamed moin monday money monika monkey
montag mooi moskau mother mountain mozart muenchen music musik mustang mutter muziek mypass
mypassword märz münchen nachbar nachbarn nadine naruto natalie natur nature natuur nederland
neighbour neighbourhood network neuespasswort never newpassword newton nichts nicole niemals
niets niklas nina ninja nintendo nirvana nokia none nothing november number ocean october
oesterreich oktober olifant oliver olivia omama one onetwothree opapa open opensesame orange
oranje ostern ozean paard panda panther papa paris parool pasen pass passpass passw0rd passwd
password password123 passwort pasta patrick paul peace penguin pepper perfect perfekt peter
petra pferd philipp phoenix pikachu pinguin pink piraat pirat pirate pizza playstation please
pokemon police polizei pony poop porsche pretty prima princess prinses prinzessa prinzessin
privat private psv pswd pumpkin puppy purple pussycat qwer qwerqwer qwerty qwerty123 qwertyuiop
qwertz qwertzuiop rabbit rafael rainbow ralf rammstein ranger realmadrid rebecca red regenbogen
regenboog rex richard river robert roblox rocky roland rood root rosa rose rosen rot rotterdam
russia sabine sailor samantha samen samstag samsung samuel samurai sandra sara sarah saturday
schach schalke schatje schatten schatz schatzi scheisse schiller schmetterling schoen schokolade
schueler schwarz schweiz schwester schön scooter sea sebastian secret secret123 security
september server servus sesame sex sexy shadow shark shit sicherheit silber silke silver silvia
simba simon sister skywalker slayer slipknot snoopy soccer sofia soldier sommer sonic
sonnenblume sonnenschein sonntag sophie spiderman spring star startrek starwars steelers stefan
stefanie steffi stephan ster stern strand student stuttgart success sugar summer summertime
sunday sunflower sunshine super superman superuser susanne suzuki sven switzerland tallinn tanja
teacher temp temppass tennis tequila test tester testing tetris texas thankyou thomas thorsten
three thunder thursday tier tiger tim timo tobias toegang together toll toor tovenaar toyota
trustno tuesday tuin turkiye turtle twitter two ukraine ulrike unbekannt unicorn united unknown
urlaub user username utrecht uwe vader vakantie vanessa vater verjaardag victoria vienna violet
violett vlinder vodka voetbal vogel volker volkswagen volleyball vrede vrijdag vrijheid
wachtwoord wald warcraft wednesday weihnachten weiss weiß welcome welcome123 welkom werder
werner whatever whiskey white wien william willkommen windows winner winter wintertime wit
wizard woensdag wolf wolfgang worldofwarcraft xbox yahoo yamaha yankees yellow yoda youtube
yxcvbn zaterdag zauberer zelda zomer zondag zonnebloem zonnetje zucker zuerich zugang zuhause
zwart zxcv zxcvbn zürich österreich
"""

WORDS = frozenset(_LISTED.split())
