"""What French speakers choose when they are asked for a password: bases, and what they add to them."""

from __future__ import annotations

from collections.abc import Iterator

KEYBOARD = """
azerty azertyu azertyui azertyuio azertyuiop qsdfgh qsdfghj qsdfghjk qsdfghjkl qsdfghjklm wxcvbn aqwzsx
azeqsd azerty1 aqw zsx edc azsxdc azqswx poiuytreza ytreza mlkjhgfdsq nbvcxw aze azer wxcv qsdf qwerty
qwertz
"""
FAVOURITES = """
motdepasse motpasse motdepass mdp monmotdepasse lemotdepasse passe password admin administrateur bonjour
bonsoir salut coucou soleil lune etoile doudou chouchou loulou louloute loulette jetaime jtaime jetadore
amour amoure mamour monamour moncoeur coeur bisous bisou calin calinou cherie cheri chaton minou minette
titi toto tata tutu titou nounours nounou doudoune babou bebe bibou bouboule boubou caramel chocolat
vanille fraise cerise framboise noisette princesse princes prince papillon poupette puce pupuce pepette
choupette choupinette canaille coquin coquine coco cocotte lapin lapinou poisson dauphin chien chienne
chiens chat chats chatte cheval chevaux poney mouton tigre lion panthere loup ours oiseau tortue souris
vacances famille enfant enfants maman papa mamie papy mamounette maison jardin voiture camion moto velo
bateau musique guitare piano football foot rugby tennis basket danse natation cuisine cinema voyage plage
montagne campagne ocean mer ciel nuage pluie neige soleils liberte egalite fraternite france francais
paris bleu rouge vert jaune gris noir blanc orange violet rose printemps automne hiver dimanche lundi
mardi mercredi jeudi vendredi samedi janvier fevrier mars avril juin juillet aout septembre octobre
novembre decembre bienvenue bonheur joie paix courage espoir reve rever vive vivelafrance lavieestbelle
cestlavie vie belle beau cool super genial geniale magique secret secrete confidentiel ordinateur
portable telephone internet sfr bouygues freebox livebox windows maitresse professeur ecole college lycee
eleve classe mairie bureau travail boulot compta direction secretariat accueil entreprise societe
association region departement commune temporaire provisoire changeme changermoi achanger nouveau
nouvelle ancien utilisateur compte client invite visiteur stagiaire test tests testtest essai demo
formation merde putain connard salope zizi caca pipi prout fuck sexe pokemon naruto zelda mario pikachu
minecraft fortnite starwars batman superman spiderman asterix obelix tintin harrypotter sephiroth dragon
dragonball sangoku vegeta lucifer satan diablo ange angel angelo demon zorro rocky scooby snoopy garfield
simba bambi nemo felix filou gribouille mistigri moustache rex medor milou juventus barcelone olympique
allezlom allezlol supporter zidane mbappe ronaldo messi platini griezmann peugeot renault citroen clio
twingo megane ferrari porsche yamaha kawasaki suzuki ducati harley honda nutella cocacola ricard pastis
apero biere champagne bordeaux bourgogne fromage camembert baguette croissant
"""
PLACES = """
paris marseille lyon toulouse nice nantes strasbourg montpellier bordeaux lille rennes reims toulon
grenoble dijon angers nimes lemans brest tours amiens limoges annecy perpignan metz besancon orleans
rouen mulhouse caen nancy avignon poitiers larochelle pau bayonne biarritz cannes antibes calais
dunkerque lorient quimper vannes saintetienne clermont valence chambery ajaccio bastia corse bretagne
normandie alsace lorraine auvergne aquitaine nouvelleaquitaine occitanie provence languedoc picardie
champagne ardennes vendee charente dordogne gironde landes savoie martinique guadeloupe reunion guyane
mayotte tahiti bruxelles liege charleroi namur mons anvers gand belgique wallonie suisse geneve lausanne
luxembourg quebec montreal maroc algerie tunisie senegal portugal espagne italie casablanca alger tunis
dakar casa bled
"""
FIRST_NAMES = """
nicolas julien thomas alexandre pierre antoine maxime guillaume romain kevin jeremy anthony sebastien
mathieu vincent david florian clement benjamin quentin christophe frederic laurent stephane olivier
philippe patrick michel jean alain bernard daniel jacques christian eric pascal thierry didier bruno
gilles dominique gerard andre rene claude marcel roger robert louis lucas hugo theo enzo nathan leo
raphael arthur jules adam gabriel paul victor martin axel noah ethan mathis tom evan baptiste valentin
dylan jordan bryan steven mickael fabien fabrice cedric ludovic jerome arnaud damien gregory yann yannick
loic mohamed mehdi karim rachid samir said youssef ibrahim mamadou camille marie sarah laura julie manon
pauline marine lea emma chloe lucie mathilde charlotte clara oceane anais justine morgane melanie celine
aurelie emilie sophie nathalie isabelle sylvie valerie veronique christine catherine francoise monique
martine nicole jacqueline jeanne brigitte chantal patricia corinne sandrine stephanie virginie caroline
claire helene anne annie agnes florence delphine karine laetitia jessica amandine audrey elodie vanessa
angelique marion alice juliette louise jade lola ines zoe rose romane agathe eva nina mila lina anna
elise margaux noemie fanny coralie priscilla fatima aicha nadia samira leila yasmine amelie estelle
gaelle solene maeva
"""

# Longer than fifteen signs: the sole-factor minimum needs its own list (standards, A8).
PHRASES = """
jetaimepourlavie jetaimemonamour jetaimepourtoujours jetaimetropfort jetaimetresfort jetaimemoncoeur
jetaimemabelle monpetitcoeur monpetitchat monpetitlapin monchatsappelle monmotdepasse cestmonmotdepasse
voicimonmotdepasse motdepassesecret motdepasseoublie motdepasseperdu motdepassefacile motdepassedifficile
motdepassecomplique motdepasseprovisoire motdepassetemporaire nouveaumotdepasse ancienmotdepasse
monancienmotdepasse changermotdepasse monnouveaumotdepasse jesaispasquoimettre jenesaispas
jaioubliemonmotdepasse oubliemotdepasse pasdemotdepasse lavieestbelle lavieestunlongfleuvetranquille
lavieestunreve laviecontinue vivelesvacances vivementlesvacances vivelafrance vivelarepublique vivelamour
vivelaliberte libertefraternite liberteegalitefraternite marseillaise allonsenfantsdelapatrie
allezlesbleus allezlolympique olympiquedemarseille olympiquelyonnais parissaintgermain
girondinsdebordeaux stadetoulousain stadefrancais bonjourtoutlemonde bonjourlemonde bonjourbonjour
bonnejournee ilfaitbeauaujourdhui lesoleilbrille lesoleilselevealest ilfaitchaud petitpapanoel joyeuxnoel
bonneannee joyeuxanniversaire bonanniversaire unpourtoustouspourun untresordeconfiance jesuiscontent
jesuisleroidumonde jesuislemeilleur jesuisunprince jesuisuneprincesse jesuisfatigue jesuislapersonne
maisonmaison souslesoleil aupaysdesmerveilles lepetitprince lapetitesirene laportedubonheur latoureiffel
arcdetriomphe leschampselysees frerejacques frerejacquesdormezvous auclairdelalune
alouettegentillealouette surlepontdavignon unsouriceauvert ainsifontfontfont unelfeunefee
lesangesdelateleverite azertyuiopqsdfghjklmwxcvbn azertyuiopqsdfghjklm azertyuiopqsdfgh qsdfghjklmwxcvbn
azertyuiop123456789 azertyuiop1234567890 1234567890azertyuiop azerty123456789 azertyazerty
azertyazertyazerty 123456789azerty 123soleil123soleil undeuxtroissoleil undeuxtroisquatrecinq
undeuxtroisquatre abcdefghijklmnopqrstuvwxyz abcdefghijklmnop abcdefghijklmno 123456789abcdef
abcdef123456789 agencenationale ministeredelinterieur educationnationale collectiviteterritoriale
conseilregional mairiedeparis francetravail caissedallocationsfamiliales assurancemaladie
serviceinformatique serviceclient administrateur administrateursysteme superadministrateur administration
motdepasseadmin adminadminadmin
"""

PRINTED = ("babou45+", "cool72++", "123soleil*")  # in a guide that thousands of teachers hold
DIGITS = tuple(str(number) for number in range(1, 100)) + tuple(f"{number:02d}" for number in range(1, 10))
RUNS = ("000", "007", "111", "123", "1234", "12345", "123456", "321", "666", "974")
RECENT_YEARS = tuple(str(year) for year in range(1950, 2027))
SIGNS = ("!", "*", "+", ".", "?", "$", "@", "-", "!!", "++")
FEW_DIGITS = ("1", "2", "3", "01", "12", "13", "59", "69", "75", "123", "1234", "2024", "2025", "2026")
LEADING = ("1", "12", "123", "1234")
WORTH_LISTING = 8  # every portal asks for this many: a made-up shorter one is refused for its length


def habits() -> Iterator[str]:
    """In small letters only: the look-up tries small letters too."""
    return (word for word in _habits() if len(word) >= WORTH_LISTING)


def _habits() -> Iterator[str]:
    for base in _words(KEYBOARD, FAVOURITES, PLACES, FIRST_NAMES):
        yield from _with_digits(base)
    for base in _words(KEYBOARD, FAVOURITES):
        yield from _with_signs(base)
    yield from PRINTED
    for phrase in _words(PHRASES):
        yield from (phrase, *(phrase + tail for tail in (*FEW_DIGITS, *SIGNS)))


def _with_digits(base: str) -> Iterator[str]:
    yield from (base, base + base)
    yield from (base + tail for tail in (*DIGITS, *RUNS, *RECENT_YEARS, *SIGNS))
    yield from (head + base for head in LEADING)


def _with_signs(base: str) -> Iterator[str]:
    """For the policies that ask for a digit and a special: `soleil12!`, `soleil!12`, `123soleil*`."""
    for sign in SIGNS[:3]:
        yield from (base + digits + sign for digits in FEW_DIGITS)
        yield from (base + sign + digits for digits in FEW_DIGITS[:4])
        yield from (head + base + sign for head in LEADING)


def _words(*blocks: str) -> list[str]:
    return list(dict.fromkeys(word for block in blocks for word in block.split()))
