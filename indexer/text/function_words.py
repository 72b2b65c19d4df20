"""Function words: articles, pronouns, conjunctions, auxiliaries and question words by language.

In: ISO 639-1 codes. Out: words, folded. They say little about the topic of a text. They are
indexed, found and counted like all others; word lists can leave them out of what they show. None of
them changes the meaning of a medical sentence: no negation, modal, condition, number, unit,
quantity or word of time is among them (not, no, without, never, may, must, can, if, only, until …).
A language without a list has none. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


FUNCTION_WORDS = {
    "en": _set("""
        the an and or but so as than then that this these those such of to in on at by for from
        with into onto upon about it its itself they them their theirs themselves he him his
        himself she her hers herself we us our ours ourselves you your yours yourself yourselves me
        my mine myself who whom whose which what when where why how is are was were be been
        being am do does did doing done has have had having there here also just
        very too quite rather really because while whilst though although whereas however therefore
        thus hence i'm i've i'd i'll it's that's there's what's who's where's how's here's
        you're you've you'd you'll we're we've we'd we'll they're they've they'd they'll he's
        he'd he'll she's she'd she'll let let's get gets got getting please tell know want
        someone somebody something anyone anybody anything everyone everybody everything thing
        things way ways etc oh yes ok okay via per amongst among within
    """),
    "de": _set("""
        der die das und in den von zu mit sich des auf fur ist im dem ein eine einen einem einer
        eines als auch es an werden wird wurde wurden aus er hat haben hatte dass sie nach bei am um
        wir ihr ihre ihren ihrem sein seine war waren sind zum zur wie was wer wo warum welche
        welcher welches dieser diese dieses oder aber so da durch uber
    """),
    "fr": _set("""
        de la le et les des en un une du que est qui dans par au aux sur ce cette ces se il elle ils
        elles sont avec son sa ses ou on nous vous leur leurs votre vos notre nos etre avoir ete
        etait cela comme donc quel quelle quels quelles comment quand quoi pour
    """),
    "es": _set("""
        de la que el en los las del se un una por con para su sus al lo como le les es son fue era
        ser ha han este esta estos estas ese esa eso esto cual quien donde cuando porque pero
    """),
    "it": _set("""
        di il la che in un una per del della dei delle dal dalla al alla alle gli le lo con si da
        come sono era essere ha hanno questo questa questi queste quale chi dove quando ma ed
    """),
    "pt": _set("""
        de que do da dos das em um uma para com os as no na nos nas por ao aos seu sua seus suas
        ou como foi era ser sao este esta isto isso qual quem onde quando mas
    """),
    "nl": _set("""
        de van een het en in is dat op te zijn met aan er om ook als dan bij of uit worden
        wordt werd door naar heeft hebben had die deze dit wat wie waar hoe maar
    """),
    "sv": _set("""
        och att det som en ett pa ar av for den till med de har om var jag sig fran vi han hon ni
        detta dessa vad vem hur men
    """),
    "da": _set("""
        og det at en et den til er som pa de med af har var jeg sig fra vi han hun dette disse
        hvad hvem hvor hvordan men
    """),
    "no": _set("""
        og det at en et den til er som pa de med av har var jeg seg fra vi han hun dette disse
        hva hvem hvor hvordan men
    """),
    "fi": _set("ja on se han oli ovat mutta kun myos joka jotka niin kuin ole olla tama mika kuka"),
    "ro": _set("de si in la cu pe din care este un sa pentru sunt au fi se prin dar ca al ale"),
    "hu": _set("az es hogy is egy ez de van el ki mi ezt azt volt mint meg"),
    "ru": _set("и в на я что он с а как это по но из у за от так о для же бы к мы они она его"),
}
# One-letter words; separate, since a letter may name a vitamin or a drug.
_LETTERS = {
    "en": _set("a i"),
    "fr": _set("a y l d"),
    "es": _set("a y o e"),
    "it": _set("a e i o"),
    "pt": _set("a e o"),
    "sv": _set("i"),
    "da": _set("i"),
    "no": _set("i"),
    "hu": _set("a"),
}


def function_words(languages: Iterable[str]) -> frozenset[str]:
    """The function words of all these languages, including one-letter words."""
    codes = set(languages)
    lists = [words[code] for words in (FUNCTION_WORDS, _LETTERS) for code in codes & words.keys()]
    return frozenset().union(*lists)
