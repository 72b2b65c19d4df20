"""Word lists for text analysis: abbreviations, sentence starters, function words, languages.

All in lower case. Abbreviations lack their last full stop, as Punkt expects. A common word ("no",
"in", "am") is not listed as an abbreviation: missing the end of a sentence is worse than ending one
early.
"""

from __future__ import annotations

from collections.abc import Iterable


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


SNOWBALL = {
    "ar": "arabic",
    "da": "danish",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "nb": "norwegian",
    "nn": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
}

ABBREVIATIONS = {
    "*": _set("""
        dr prof mr mrs ms mme st jr sr rev hon gen col capt lt sgt gov sen rep pres
        mg mcg µg μg kg ml dl cl cm mm km hr hrs min mins sec secs wk wks mo mos yr yrs tbsp tsp
        oz lb lbs ft mmol mol iu meq kcal
        vs cf etc al e.g i.e eg ie viz approx ca resp incl excl max est
        fig figs eq eqs vol vols pp ed eds ch sect sec ref refs tab nos
        a.m p.m b.i.d t.i.d q.i.d q.d q.h p.o p.r.n i.v i.m s.c h.s a.c p.c o.d b.d t.d.s
        u.s u.k e.u u.n d.c ph.d m.d b.sc m.sc d.o r.n pharm.d
        inc ltd co corp bros dept univ assn
        jan feb mar apr jun jul aug sept oct nov dec
    """),
    "de": _set("""
        bzw ca d.h evtl ggf inkl insb nr o.ä s.o s.u sog u.a usw u.u vgl z.b z.t abs bd hrsg jh
        str tel tgl mind std zzgl
    """),
    "fr": _set("m mm mlle p.ex c.-à-d env art chap éd vol av apr cf n.b s.v.p tél"),
    "es": _set("sra srta dra ud uds p.ej núm pág págs art cap aprox tel avda ee.uu"),
    "it": _set("sig sigg sig.ra dott dott.ssa pag pagg es p.es art cap ecc tel"),
    "nl": _set("bijv d.w.z enz evt m.b.t nl o.a t.o.v z.g blz dhr mevr drs"),
    "pt": _set("dra sra p.ex pág págs art cap aprox tel ex"),
    "sv": _set("bl.a d.v.s t.ex osv m.m kl nr s.k"),
    "da": _set("bl.a d.v.s f.eks osv m.m kl nr s.k"),
}

# After an abbreviation, these words with a capital begin a sentence ("take 5 mg. The dose …").
SENTENCE_STARTERS = {
    "en": _set("""
        the this these those it its they their there he she his her we our you your in on at by
        for from with without after before during when while if although though because since
        as however therefore moreover furthermore also then thus both each all some many most
        other others patients people do don't never always avoid stop take talk tell ask call
        what which who why how a an
    """),
    "de": _set("der die das ein eine es er sie wir ihr in im bei mit nach vor wenn falls nehmen"),
    "fr": _set("le la les un une il elle ils elles nous vous en dans ce cette ces si ne prenez"),
    "es": _set("el la los las un una en si no este esta estos estas se tome consulte"),
}

# Before a number a full stop after these does not end a sentence (No. 26).
NUMBERED = _set("no nos nr nrs num núm chap vers ver tel fn")

# Words that take a lone capital letter; a full stop after it ends a sentence (vitamin C. Avoid).
LETTERED = _set("""
    vitamin vitamins hepatitis type types group groups grade class classes category stage phase
    part section appendix figure fig table panel plan option arm cohort schedule level factor
    protein influenza flu streptococcus strep subtype step point area zone line room ward block
    team item box set drug compound treatment question answer product formula annex exhibit form
    botulinum toxin immunoglobulin ig antigen blood coenzyme amphotericin penicillin polymyxin
    ciclosporin cyclosporin cyclosporine haemophilia hemophilia letter letters grades
    vitamine hépatite groupe classe catégorie annexe tableau partie phase vitamina hepatitis tipo
    grupo clase categoría anexo parte hepatit gruppe typ klasse kategorie anhang abschnitt epatite
    gruppo classe categoria vitamines vitaminen vitaminer
""")

# After these, *no* is an answer and ends a sentence even before a number.
ANSWERS = _set("""
    is was be says said say answer answered answers reply replied
""")

# Words between two lone letters: vitamins A and C.
JOINING = _set("""
    and or & to und oder et ou y o e
""")

# Words before an initial: by J. Smith.
BEFORE_NAMES = _set("""
    by and or with from of to for see both but via per de von van et dr mr mrs ms prof sir
    late author authors editor surgeon professor doctor physician
""")

# Words that, capitalised after an initial, are no surname.
NO_NAMES = _set("""
    the this these those it they their there we you your if when while although because
    since as however therefore moreover furthermore also then patients people
""")

# Domain and file suffixes: after a full stop without a space they continue a name (Booking.Com).
ENDINGS = _set("""
    com net org gov edu info io co uk de fr eu js ts py md txt html pdf
""")

# Languages with a decimal comma (by the number symbols of CLDR).
DECIMAL_COMMA = _set("""
    az be bg bs ca cs da de el es et eu fi fr gl hr hu hy id is it ka kk lt lv mk nb nl nn no pl
    pt ro ru sk sl sq sr sv tr uk uz vi
""")

# The most common function words of each language; enough of them identify a text's language.
TELLING_WORDS = {
    "en": _set("""the of and to in a is that for it with as was on be by this are or from at
        which an not have his but you had can their they has were"""),
    "de": _set("""der die und in den von zu das mit sich des auf fur ist im dem nicht ein eine
        als auch es an werden aus er hat dass sie nach wird bei"""),
    "fr": _set("""de la le et les des en un du une que est pour qui dans a par plus pas au sur
        ne se ce il sont la avec son ou aux l d"""),
    "es": _set("""de la que el en y a los del se las por un para con no una su al lo como mas o
        pero sus le ya este si es son"""),
    "it": _set("""di e il la che in un a per e non una sono del della con si da come le dei nel
        alla gli al piu anche delle lo i"""),
    "pt": _set("""de a o que e do da em um para com nao uma os no se na por mais as dos como mas
        ao ele das a seu sua ou"""),
    "nl": _set("""de van een het en in is dat op te zijn met voor niet aan er om ook als dan
        maar bij of uit nog worden door naar heeft"""),
    "sv": _set("""och i att det som en pa ar av for med till den har de inte om ett men var
        jag sig fran vi kan nar"""),
    "da": _set("""og i at det er en til af pa de med der for den ikke et som har var men han
        fra vi kan om sig ved"""),
    "no": _set("""og i det er pa som en til av at for med de ikke den har et var om han men fra
        vi kan seg ved etter"""),
    "fi": _set("""ja on ei se etta han oli ovat mutta kun myos jos tai joka niin kuin ole vain
        sen olla"""),
    "ro": _set("""de si in la cu a pe din care este nu un o ca sa pentru mai sunt au fi se prin
        dar"""),
    "hu": _set("""a az es hogy nem is egy meg ez de ha vagy csak volt mar mint el van kell"""),
    "ru": _set("""и в не на я что он с а как это по но из у за от так о для же вы бы к мы"""),
    "ar": _set("""في من على إلى أن عن مع هذا هذه التي الذي لا ما كان أو هو هي"""),
}

# Function word → the languages that have it.
LANGUAGES_OF: dict[str, frozenset[str]] = {
    word: frozenset(code for code, words in TELLING_WORDS.items() if word in words)
    for word in frozenset().union(*TELLING_WORDS.values())
}

# Words that say little about the topic of a text: articles, pronouns, conjunctions, auxiliaries and
# question words, folded. They are indexed, found and counted like all others; lists of words can
# leave them out of what they show. None changes the meaning of a medical sentence: no negation,
# modal, condition, number, unit, quantity or word of time is among them (not, no, without, never,
# may, must, can, if, only, until …).
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
    """The function words of all these languages, including one-letter words; a language without a
    list has none."""
    codes = set(languages)
    lists = [words[code] for words in (FUNCTION_WORDS, _LETTERS) for code in codes & words.keys()]
    return frozenset().union(*lists)
