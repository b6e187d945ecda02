"""What the pages say, in three languages; the English sentence is the key."""

from collections.abc import Callable

LANGUAGES = ("en", "de", "nl")

WORDS: dict[str, tuple[str, str]] = {
    "Sandbox": ("Testumgebung", "Testomgeving"),
    "No money moves here. Never type a real card number.": (
        "Hier fließt kein Geld. Gib nie eine echte Kartennummer ein.",
        "Hier gaat geen geld om. Vul nooit een echt kaartnummer in.",
    ),
    "Pay": ("Bezahlen", "Betalen"),
    "Reserve": ("Reservieren", "Reserveren"),
    "Save a card": ("Karte hinterlegen", "Kaart bewaren"),
    "Nothing is charged now. The card is kept for later.": (
        "Jetzt wird nichts abgebucht. Die Karte wird für später hinterlegt.",
        "Er wordt nu niets afgeschreven. De kaart wordt bewaard voor later.",
    ),
    "The amount is held on the card and taken later, or released.": (
        "Der Betrag wird auf der Karte reserviert und später abgebucht oder freigegeben.",
        "Het bedrag wordt op de kaart gereserveerd en later afgeschreven of vrijgegeven.",
    ),
    "Pick a test card": ("Wähle eine Testkarte", "Kies een testkaart"),
    "One click uses it.": ("Ein Klick genügt.", "Eén klik is genoeg."),
    "Cards that work": ("Karten, die gehen", "Kaarten die werken"),
    "Cards that fail": ("Karten, die scheitern", "Kaarten die mislukken"),
    "Or type its number": ("Oder gib ihre Nummer ein", "Of vul het nummer in"),
    "Card number": ("Kartennummer", "Kaartnummer"),
    "Use this card": ("Diese Karte nehmen", "Deze kaart gebruiken"),
    "Go back without a card": ("Ohne Karte zurück", "Terug zonder kaart"),
    "That did not work": ("Das hat nicht geklappt", "Dat is niet gelukt"),
    "Try another card.": ("Nimm eine andere Karte.", "Probeer een andere kaart."),
    "This is done": ("Das ist erledigt", "Dit is klaar"),
    "Continue": ("Weiter", "Verder"),
    "This page has closed": ("Diese Seite ist geschlossen", "Deze pagina is gesloten"),
    "Go back and start again from there.": (
        "Geh zurück und fang dort von vorne an.",
        "Ga terug en begin daar opnieuw.",
    ),
    "Go back": ("Zurück", "Terug"),
    "There is nothing here": ("Hier ist nichts", "Hier is niets"),
    "Your bank asks": ("Deine Bank fragt", "Je bank vraagt"),
    "Is it you who wants to pay %(total)s?": (
        "Möchtest du %(total)s bezahlen?",
        "Wil jij %(total)s betalen?",
    ),
    "Is it you who wants to save this card?": (
        "Möchtest du diese Karte hinterlegen?",
        "Wil jij deze kaart bewaren?",
    ),
    "Yes, approve": ("Ja, freigeben", "Ja, goedkeuren"),
    "No, refuse": ("Nein, ablehnen", "Nee, weigeren"),
    "A real bank would ask for a code or a fingerprint. Here you decide what it answers.": (
        "Eine echte Bank würde nach Code oder Fingerabdruck fragen. Hier entscheidest du.",
        "Een echte bank zou om een code of vingerafdruk vragen. Hier beslis jij.",
    ),
    "Works": ("Geht", "Werkt"),
    "Works (Mastercard)": ("Geht (Mastercard)", "Werkt (Mastercard)"),
    "Wants you to approve it once, then works": (
        "Will einmal freigegeben werden, geht dann",
        "Wil één keer goedkeuring, werkt daarna",
    ),
    "Wants you to approve every payment": (
        "Will bei jeder Zahlung freigegeben werden",
        "Wil bij elke betaling goedkeuring",
    ),
    "Wants you to approve it once, then has no money": (
        "Will einmal freigegeben werden, hat dann kein Geld",
        "Wil één keer goedkeuring, heeft daarna geen geld",
    ),
    "Works; money that goes back to it takes a while": (
        "Geht; was darauf zurückgeht, braucht eine Weile",
        "Werkt; wat erop teruggaat, duurt even",
    ),
    "Works; money that goes back to it comes back after a while": (
        "Geht; was darauf zurückgeht, kommt nach einer Weile wieder",
        "Werkt; wat erop teruggaat, komt na een tijdje terug",
    ),
    "Works; its bank takes the money back as fraud after a while": (
        "Geht; die Bank holt das Geld nach einer Weile als Betrug zurück",
        "Werkt; de bank haalt het geld na een tijdje terug als fraude",
    ),
    "Works; its bank takes the money back after a while, as nothing was delivered": (
        "Geht; die Bank holt das Geld nach einer Weile zurück, weil nichts geliefert wurde",
        "Werkt; de bank haalt het geld na een tijdje terug, omdat er niets is geleverd",
    ),
    "Works; its bank asks about the payment after a while": (
        "Geht; die Bank fragt nach einer Weile nach der Zahlung",
        "Werkt; de bank vraagt na een tijdje naar de betaling",
    ),
    "Can be saved, is declined when charged": (
        "Lässt sich hinterlegen, wird beim Abbuchen abgelehnt",
        "Kan bewaard worden, wordt geweigerd bij het afschrijven",
    ),
    "Declined: not enough money": ("Abgelehnt: zu wenig Geld", "Geweigerd: te weinig geld"),
    "Always declined": ("Immer abgelehnt", "Altijd geweigerd"),
    "Declined: reported lost": ("Abgelehnt: verloren gemeldet", "Geweigerd: als verloren gemeld"),
    "Declined: reported stolen": (
        "Abgelehnt: gestohlen gemeldet",
        "Geweigerd: als gestolen gemeld",
    ),
    "Declined: expired": ("Abgelehnt: abgelaufen", "Geweigerd: verlopen"),
    "Declined: the bank's computer is down": (
        "Abgelehnt: Störung bei der Bank",
        "Geweigerd: storing bij de bank",
    ),
    "Your card was declined.": ("Deine Karte wurde abgelehnt.", "Je kaart is geweigerd."),
    "Your card has insufficient funds.": (
        "Auf deiner Karte ist nicht genug Geld.",
        "Er staat niet genoeg geld op je kaart.",
    ),
    "Your card has expired.": ("Deine Karte ist abgelaufen.", "Je kaart is verlopen."),
    "Your card number is incorrect.": (
        "Die Kartennummer stimmt nicht.",
        "Het kaartnummer klopt niet.",
    ),
    "Your card was declined. Your request was in test mode, but used a non test card.": (
        "Das ist keine Testkarte. Hier gehen nur Testkarten; die Nummer wurde nicht gespeichert.",
        "Dat is geen testkaart. Hier werken alleen testkaarten; het nummer is niet bewaard.",
    ),
    "An error occurred while processing your card. Try again in a little bit.": (
        "Bei der Bank ist etwas schiefgegangen. Versuch es gleich noch einmal.",
        "Er ging iets mis bij de bank. Probeer het zo nog eens.",
    ),
    "We are unable to authenticate your payment method. Please choose a different payment method"
    " and try again.": (
        "Die Zahlung wurde nicht freigegeben. Nimm eine andere Karte oder versuch es noch einmal.",
        "De betaling is niet goedgekeurd. Neem een andere kaart of probeer het nog eens.",
    ),
    "Getting paid": ("Ausgezahlt werden", "Uitbetaald worden"),
    "See below.": ("Sieh unten nach.", "Kijk hieronder."),
    "The payment provider asks who you are before it pays you out. Here you make somebody up.": (
        "Bevor ausgezahlt wird, fragt der Zahlungsdienst, wer du bist. Hier denkst du dir jemanden"
        " aus.",
        "Voor er wordt uitbetaald, vraagt de betaaldienst wie je bent. Hier verzin je iemand.",
    ),
    "Be a test person": ("Sei eine Testperson", "Wees een testpersoon"),
    "One click fills everything in.": (
        "Ein Klick füllt alles aus.",
        "Eén klik vult alles in.",
    ),
    "Everything is fine at once": ("Alles ist sofort in Ordnung", "Alles is meteen in orde"),
    "Is checked for ten minutes, then fine": (
        "Wird zehn Minuten lang geprüft, dann in Ordnung",
        "Wordt tien minuten gecontroleerd, dan in orde",
    ),
    "Is fine, but has two weeks to show an identity document": (
        "Ist in Ordnung, muss aber in zwei Wochen einen Ausweis zeigen",
        "Is in orde, maar moet binnen twee weken een identiteitsbewijs tonen",
    ),
    "Is fine, but payouts come back": (
        "Ist in Ordnung, aber Auszahlungen kommen zurück",
        "Is in orde, maar uitbetalingen komen terug",
    ),
    "Is rejected": ("Wird abgelehnt", "Wordt afgewezen"),
    "Or fill it in yourself": ("Oder füll es selbst aus", "Of vul het zelf in"),
    "Nothing of it is kept but the test IBAN.": (
        "Davon wird nur die Test-IBAN behalten.",
        "Alleen de test-IBAN wordt bewaard.",
    ),
    "Name": ("Name", "Naam"),
    "Date of birth": ("Geburtsdatum", "Geboortedatum"),
    "Street and number": ("Straße und Hausnummer", "Straat en huisnummer"),
    "IBAN": ("IBAN", "IBAN"),
    "Payouts arrive": ("Auszahlungen kommen an", "Uitbetalingen komen aan"),
    "Payouts fail": ("Auszahlungen scheitern", "Uitbetalingen mislukken"),
    "Hand it in": ("Abschicken", "Versturen"),
    "This is needed.": ("Das wird gebraucht.", "Dit is nodig."),
    "That is no test IBAN. Take one of those below.": (
        "Das ist keine Test-IBAN. Nimm eine von denen unten.",
        "Dat is geen test-IBAN. Neem een van die hieronder.",
    ),
    "Go back without finishing": ("Zurück, ohne fertig zu werden", "Terug zonder af te maken"),
    "This account was rejected. It receives nothing and is not paid out.": (
        "Dieses Konto wurde abgelehnt. Es empfängt nichts und wird nicht ausgezahlt.",
        "Deze rekening is afgewezen. Ze ontvangt niets en wordt niet uitbetaald.",
    ),
    "An identity document is wanted": (
        "Ein Ausweis wird gebraucht",
        "Er is een identiteitsbewijs nodig",
    ),
    "Upload a test document": ("Testausweis hochladen", "Testdocument uploaden"),
    "Money came back from your bank account": (
        "Von deinem Bankkonto kam Geld zurück",
        "Er kwam geld terug van je bankrekening",
    ),
    "Name another one, and you are paid out again.": (
        "Nenn ein anderes, dann wirst du wieder ausgezahlt.",
        "Noem een andere, dan word je weer uitbetaald.",
    ),
    "Nothing more is wanted of you.": (
        "Von dir wird nichts mehr gebraucht.",
        "Er is niets meer van je nodig.",
    ),
    "Your money": ("Dein Geld", "Je geld"),
    "Balance": ("Guthaben", "Saldo"),
    "Can be paid out now": ("Kann jetzt ausgezahlt werden", "Kan nu worden uitbetaald"),
    "Available later": ("Später verfügbar", "Later beschikbaar"),
    "Nothing has come yet.": ("Noch ist nichts gekommen.", "Er is nog niets gekomen."),
    "Payouts": ("Auszahlungen", "Uitbetalingen"),
    "Nothing was paid out yet.": (
        "Noch wurde nichts ausgezahlt.",
        "Er is nog niets uitbetaald.",
    ),
    "to …%(last4)s": ("auf …%(last4)s", "naar …%(last4)s"),
    "is being prepared": ("wird vorbereitet", "wordt voorbereid"),
    "on its way": ("unterwegs", "onderweg"),
    "paid out": ("ausgezahlt", "uitbetaald"),
    "came back": ("zurückgekommen", "teruggekomen"),
    "called off": ("abgesagt", "geannuleerd"),
}


def in_language(language: str) -> Callable[..., str]:
    """The function that says a sentence in `language`; an unknown sentence stays English."""

    def say(sentence: str, **facts: str) -> str:
        known = dict(zip(LANGUAGES[1:], WORDS.get(sentence, ()), strict=False))
        return known.get(language, sentence) % facts

    return say
