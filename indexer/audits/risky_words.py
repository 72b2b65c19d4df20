"""The words that make a difference between two copies a risk, by language.

Each line gives what counts as the same thing: `key: "words, or expressions of words"`, in lower
case. Words that are no more than frequent in medical texts (*doctor*, *pharmacist*, *child* against
nothing) are none. Numbers, units and signs are the same in all languages; the lists of frequencies
and opposites know English.
"""

from __future__ import annotations

_AUXILIARIES = "do does did must should can could shall will would is are was were has have had"
_CONTRACTED = """don't doesn't didn't mustn't shouldn't can't couldn't shan't won't wouldn't isn't
    aren't wasn't weren't hasn't haven't hadn't needn't"""
_OTHER_NEGATIONS = """no not never none neither nor cannot nobody nothing nowhere non
    avoid avoided avoiding"""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NOT = [f"{word} {no}" for word in _AUXILIARIES.split() for no in ("not", "never")]

NEGATIONS: dict[str, dict[str, str]] = {
    "en": {
        "not": ", ".join((*_NOT, *_CONTRACTED.split(), *_OTHER_NEGATIONS.split(), "no longer")),
        "without": "without",
        "except": "except, except for, apart from, other than",
        "unless": "unless",
        "hardly": "hardly, scarcely, barely",
    },
    "de": {
        "nicht": "nicht, kein, keine, keinen, keinem, keiner, keines, nie, niemals, weder",
        "ohne": "ohne",
        "ausser": "außer",
    },
    "fr": {
        "pas": "ne, n, pas, jamais, aucun, aucune, ni, non, rien",
        "sans": "sans",
        "sauf": "sauf",
    },
    "es": {
        "no": "no, nunca, jamas, ni, ningun, ninguna, ninguno, nada, tampoco",
        "sin": "sin",
        "salvo": "salvo",
    },
    "it": {
        "non": "non, mai, ne, nessun, nessuna, nessuno, niente, neanche",
        "senza": "senza",
        "tranne": "tranne",
    },
    "pt": {
        "nao": "não, nunca, jamais, nem, nenhum, nenhuma, nada",
        "sem": "sem",
        "exceto": "exceto",
    },
    "nl": {
        "niet": "niet, geen, nooit, noch, nergens",
        "zonder": "zonder",
        "tenzij": "tenzij",
        "behalve": "behalve",
    },
    "sv": {"inte": "inte, ej, aldrig, ingen, inget, inga, varken", "utan": "utan"},
    "da": {"ikke": "ikke, aldrig, ingen, intet, hverken", "uden": "uden"},
    "no": {"ikke": "ikke, aldri, ingen, intet, verken", "uten": "uten"},
}

QUALIFIERS: dict[str, dict[str, str]] = {
    "en": {
        "only": "only",
        "contraindicated": "contraindicated, contraindication, contraindications",
        "dangerous": "dangerous, fatal",
    },
    "de": {
        "kann": "kann, können",
        "soll": "soll, sollte, sollen, sollten",
        "muss": "muss, müssen",
        "nur": "nur",
        "höchstens": "höchstens, bis zu",
        "mindestens": "mindestens",
        "vor": "vor",
        "nach": "nach",
    },
    "fr": {
        "peut": "peut, peuvent",
        "doit": "doit, doivent",
        "seulement": "seulement",
        "maximum": "maximum, au plus",
        "minimum": "minimum, au moins",
        "avant": "avant",
        "après": "après",
    },
    "es": {
        "puede": "puede, pueden",
        "debe": "debe, deben",
        "solo": "solo, sólo, solamente",
        "máximo": "máximo, como máximo",
        "mínimo": "mínimo, al menos",
        "antes": "antes",
        "después": "después",
    },
}

# Words of one line exclude each other: a risk where one stands against another.
OPPOSITES: dict[str, tuple[str, ...]] = {
    "duty": (
        "must, shall, have to, has to, need to, needs to",
        "should, ought to",
        "may, might, can, could",
    ),
    "limit": (
        "at most, no more than, not more than, up to, a maximum of, maximum of, maximum",
        "at least, no less than, not less than, no fewer than, a minimum of, minimum of, minimum",
    ),
    "bound": ("above, over, more than", "below, under, less than, fewer than"),
    "amount": ("more", "less, fewer"),
    "extreme": ("most, highest, largest", "least, lowest, smallest"),
    "order": ("before", "after", "during", "until"),
    "change": (
        "increase, increases, increased, increasing, raise, raises, raised, rise, rises, rising",
        "decrease, decreases, decreased, decreasing, reduce, reduces, reduced, reducing, lower, "
        "lowers, lowered, lowering, fall, falls",
    ),
    "worth": (
        "improve, improves, improved, better, relieves, relieve",
        "worsen, worsens, worsened, worse",
    ),
    "level": ("high, higher", "low"),
    "hour": ("morning, mornings", "noon, midday", "afternoon", "evening", "night, bedtime"),
    "side": ("left", "right"),
    "course": (
        "stop, stops, stopped, stopping, discontinue, discontinued, discontinuing",
        "start, starts, started, starting, begin, begins, beginning",
        "continue, continues, continued, continuing",
    ),
    "finding": ("positive", "negative"),
    "severity": ("mild", "moderate", "severe"),
    "speed": ("slowly, slow, gradually", "quickly, fast, rapidly, abruptly, suddenly"),
    "stage": ("acute", "chronic"),
    "age": ("adult, adults", "child, children, infant, infants, baby, babies"),
    "sex": ("women, woman, female, females", "men, man, male, males"),
    "harm": ("safe", "dangerous, harmful"),
    "way": ("oral, orally, by mouth", "topical, topically", "intravenous, intravenously"),
    "meal": ("empty", "full"),
}

# Group "": expressions that say the same and are no risk.
FREQUENCIES: dict[str, tuple[str, ...]] = {
    "period": (
        "hourly, an hour, per hour, each hour, every hour",
        "daily, a day, per day, each day, every day",
        "nightly, every night, each night",
        "weekly, a week, per week, each week, every week",
        "monthly, a month, per month, each month, every month",
        "yearly, annually, a year, per year, each year, every year",
    ),
    "times": (
        "1 times, once",
        "2 times, twice, bd, bid",
        "3 times, thrice, tds, tid",
        "4 times, qds, qid",
    ),
    "how often": (
        "always",
        "usually, generally, normally, mostly",
        "often, frequently",
        "sometimes, occasionally",
        "rarely, seldom",
    ),
    "how common": ("common, commonly", "uncommon, uncommonly", "rare"),
    "other": ("every other day, alternate days, on alternate days", "every second week"),
    "": ("immediately, at once, straight away, straightaway, right away",),
}

# What is a risk even if nothing stands against it.
STRONG = frozenset(
    """may, might, only, contraindicated, contraindication, contraindications, dangerous, fatal,
    at most, no more than, not more than, up to, a maximum of, maximum of, at least, no less than,
    not less than, no fewer than, a minimum of, minimum of,
    daily, hourly, nightly, weekly, monthly, yearly, annually, per day, per hour, per week,
    every day, every hour, every week, every month, a day, a week, a month, twice, thrice, bd, bid,
    tds, tid, qds, qid, every other day, alternate days, on alternate days, rarely, two, three,
    four, five, six, seven, eight, nine, ten, eleven, twelve, fifteen, twenty, thirty, forty, fifty,
    sixty, hundred, thousand, half, double, dozen""".replace("\n    ", " ").split(", ")
)

_TO_TWELVE = "zero one two three four five six seven eight nine ten eleven twelve"
NUMBERS = {
    **{str(number): word for number, word in enumerate(_TO_TWELVE.split())},
    "15": "fifteen",
    "20": "twenty",
    "30": "thirty",
    "40": "forty",
    "50": "fifty",
    "60": "sixty",
    "100": "hundred",
    "1000": "thousand",
    "1/2": "half",
    "1/4": "quarter",
    "1/3": "third",
    "2x": "double",
    "dozen": "dozen",
    "1st": "first",
    "2nd": "second",
}


def _units(**said: str) -> dict[str, str]:
    return {word: key for key, words in said.items() for word in words.split()}


UNITS = {
    **_units(
        mg="mg mgs milligram milligrams milligramme milligrammes",
        mcg="mcg μg ug microgram micrograms microgramme microgrammes",
        ng="ng nanogram nanograms",
        g="gram grams gramme grammes",
        kg="kg kilogram kilograms kilo kilos",
        ml="ml mls millilitre millilitres milliliter milliliters",
        l="litre litres liter liters",
        dl="dl decilitre decilitres",
        mol="mol mole moles",
        mmol="mmol millimole millimoles",
        meq="meq",
        iu="iu ie",
        second="seconds sec secs",
        minute="minute minutes min mins",
        hour="hour hours hr hrs",
        day="day days",
        week="week weeks",
        month="month months",
        year="year years",
        percent="percent percentage % pct",
        permille="‰",
        mmhg="mmhg",
        kcal="kcal",
        mm="mm millimetre millimetres",
        cm="cm centimetre centimetres",
    ),
    "°c": "°c",
    "° c": "°c",
    "°f": "°f",
    "° f": "°f",
    "°": "°",
}
# Units after a number alone: what else they mean is commoner.
FORMS = _units(
    tablet="tablet tablets",
    capsule="capsule capsules",
    drop="drop drops",
    puff="puff puffs",
    teaspoon="teaspoon teaspoons teaspoonful teaspoonfuls",
    tablespoon="tablespoon tablespoons tablespoonful tablespoonfuls",
    spoon="spoonful spoonfuls",
    dose="dose doses",
    sachet="sachet sachets",
    patch="patch patches",
    unit="unit units",
    second="second",
    degree="degree degrees",
)
LETTERS = _units(g="g", l="l", hour="h", day="d", second="s", m="m", month="mo")

# What changes with a number: "1 box is", "5 boxes are", "5 times a day".
WITH_NUMBERS = _set("a an per each every time times is are was were has have")

# What numbers are given to by the layout: "see section 4".
REFERENCES = _set("""section sections step steps figure figures fig diagram diagrams table tables
    page pages chapter part appendix note""")

PREFIXES_OF_NEGATION = ("un", "in", "im", "ir", "il", "non", "dis")
OPPOSITE_PREFIXES = (
    *(("hypo", "hyper"), ("pre", "post"), ("intra", "inter"), ("under", "over")),
    *(("tachy", "brady"), ("micro", "macro"), ("anti", "pro"), ("in", "ex")),
)
