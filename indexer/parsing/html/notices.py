"""Drafts that are about the page itself: read more, subscribe, published on, cookies, menus.

In: the drafts of a whole page. Out: the same drafts, some of them turned into boilerplate. Refuses
nothing. Only strong evidence counts: the whole line, or its beginning if the line is a link, in
fifteen languages; long cookie notices and dates only near the start or end of a page, and cookie
notices not on a page about cookies.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from itertools import takewhile

from indexer.parsing.article import Draft, squeeze
from indexer.parsing.boilerplate import (
    EDGE,
    PAGE,
    PAGE_FOOT,
    PASS_ON,
    boilerplate_certainty,
    is_trail,
    is_warning,
    says,
)

_KINDS = ("paragraph", "heading", "list_item")
_LONGEST = 120  # characters of a notice
_LONGEST_COOKIES = 400
_MOSTLY = 0.6  # share of a line's characters inside links from which it is a link
_FEWEST_LINKS = 3  # in a menu
_PROSE = 200  # characters of paragraphs from which a page has more than a menu
# The patterns are compared with lines in lower case.
_MORE = re.compile(  # the whole line
    r"(?:read|see|show|view|load|learn|find out) more|continue reading\b.*|more [»›→]"
    r"|open (?:image )?in (?:a )?new (?:tab|window)|advertisements?|sponsored(?: links| content)?"
    r"|read (?:the )?(?:full|whole|rest of the) (?:story|article|post)"
    r"|lire la suite|en savoir plus|(?:voir|afficher|lire) plus|weiterlesen|weiter lesen"
    r"|mehr (?:lesen|erfahren|anzeigen)|leer más|seguir leyendo|(?:ver|saber) más"
    r"|leggi (?:tutto|di più)|continua a leggere|scopri di più"
    r"|lees (?:meer|verder)|(?:ler|leia|saiba|ver) mais"
    r"|continu(?:e|ar) (?:lendo|a ler)|läs mer|læs mere|les mer|lue lisää|czytaj (?:więcej|dalej)"
    r"|číst (?:dále|více)|читать (?:далее|дальше|полностью)|подробнее|続きを読む|もっと見る"
    r"|阅读更多|查看更多|继续阅读|더 ?보기",
)
_ALSO = re.compile(  # beginnings of a line of links
    r"(?:read (?:also|next|more)\b|(?:à )?lire (?:aussi|également)|lesen sie (?:auch|mehr)"
    r"|(?:das könnte sie )?auch interessant|le[ae] también|te puede interesar|leggi anche|lees ook"
    r"|leia (?:também|ainda)|läs också|læs også|les også|lue myös|czytaj (?:też|także|również)"
    r"|čtěte také|читайте также|関連記事|相关阅读|延伸阅读)",
)
_SUBSCRIBERS = re.compile(
    r"already (?:a subscriber|have an account|subscribed)\b"
    r"|(?:this (?:article|story|content) is )?for subscribers only"
    r"|(?:sign|log) in (?:or register )?to (?:read|continue|post|comment|leave a)"
    r"|subscribe (?:now )?to (?:read|continue|keep reading)"
    r"|déjà abonn|réservée?s? (?:à nos|aux) abonn|bereits abonnent|(?:nur|exklusiv) für abonnenten"
    r"|ya eres suscriptor|(?:exclusivo|solo) para suscriptores"
    r"|già abbonat|riservat[oa] agli abbonati"
    r"|(?:al|bent u) abonnee|alleen voor abonnees|já é assinante|exclusivo para assinantes"
    r"|redan prenumerant|allerede abonnent|tylko dla prenumeratorów|только для подписчиков",
)
_STEMS = ("subscri", "abon", "abbon", "suscri", "assin", "prenum", "подпис", "in to ", "account",
          "register")  # fmt: skip
_DATED = re.compile(
    r"(?:publi[ée]+s? le|mise?s? à jour le|post[ée]+ le|(?:veröffentlicht|aktualisiert) (?:am|:)"
    r"|(?:page |content )?(?:last |next )?review(?:ed)?(?: due)?:"
    r"|(?:publicado|actualizado) el|(?:pubblicato|aggiornato) il|(?:gepubliceerd|bijgewerkt) op"
    r"|(?:publicado|atualizado) em|(?:publicerad|uppdaterad)\b|(?:julkaistu|päivitetty)\b"
    r"|(?:opublikowano|zaktualizowano)\b|(?:published|posted|last (?:updated|modified))(?: on|:))"
    r"(?=.*(?:\d{4}|\d{1,2}[./:h]\d{1,2}))(?!.*[.!?]\Z)",
)
_COOKIES = re.compile(
    r"\b(?:we|this (?:web)?site|our (?:web)?site|by (?:using|continuing)|nous utilisons|ce site|en "
    r"(?:poursuivant|continuant)|wir (?:verwenden|nutzen)|diese (?:web)?seite|utilizamos|usamos"
    r"|este sitio|questo sito|utilizziamo|usiamo|(?:wij|we) gebruiken|deze (?:web)?site"
    r"|este site|vi använder|vi bruger|vi bruker|käytämme|(?:ta|nasza) strona|ten serwis|używamy"
    r"|(?:tyto|naše) stránky|používáme|(?:этот|данный|наш) сайт|мы используем|χρησιμοποιούμε"
    r"|folosim|acest site)\b.*\bcookies?\b|当サイト.*cookie"
    r"|\bcookies?\b.*\b(?:accept|consent|agree|accepter|zustimmen|akzeptieren|aceptar|accettare"
    r"|accepteren|aceitar|godkänn)",
)
_LEADS = re.compile(
    r"(?i)related(?: (?:articles?|posts?|topics?|content|stories|links?|pages?|reading|news))?"
    r"|you (?:may|might) also (?:like|be interested in|enjoy)|more (?:from|on|in|like this)\b.*"
    r"|(?:read|up) (?:next|more|also)|recommended(?: for you| reading)?"
    r"|most (?:read|popular)|popular(?: posts| articles)?"
    r"|(?:latest|recent) (?:news|posts|articles)|trending(?: now)?"
    r"|share(?: this.*)?|follow us.*|subscribe.*|newsletter.*|(?:\d+ )?comments?|leave a "
    r"(?:reply|comment)|advertisements?|sponsored(?: content)?|table of contents|contents|"
    r"on this page|in this article|tags|categories|filed under"
)
_CONTENTS = re.compile(r"(?i)(?:table of )?contents|on this page|in this article|jump to")


def mark_boilerplate(drafts: Sequence[Draft]) -> None:
    """Turn drafts that are about the page itself into boilerplate, in place."""
    _mark_related_links(drafts)
    _mark_closing(drafts)
    _mark_notices(drafts)


def _mark_related_links(drafts: Sequence[Draft]) -> None:
    """Turn sections under a heading such as "Related articles" into boilerplate.

    Only if their text, up to the next heading of the same or a higher level, is mostly links.
    Also turns the label "Contents" directly above boilerplate, such as a table of contents.
    """
    for number, draft in enumerate(drafts):
        label = draft.text.rstrip(" :…!")
        if draft.kind == "heading" and _LEADS.fullmatch(label):
            section = [draft, *takewhile(partial(_is_below, draft.level), drafts[number + 1 :])]
            body = [d for d in section if d.kind != "heading"]
            total = sum(len(squeeze(d.text)) for d in body)
            if sum(d.linked for d in body) >= 0.7 * total:
                _make_boilerplate(section)
        elif draft.kind in ("heading", "paragraph") and _CONTENTS.fullmatch(label):
            following = drafts[number + 1 : number + 2]
            if following and following[0].kind == "boilerplate":
                _make_boilerplate([draft])


def _mark_closing(drafts: Sequence[Draft]) -> None:
    """Turn notices and calls to action at the very end into boilerplate."""
    content = [d for d in drafts if d.kind != "boilerplate"]
    for from_end, draft in enumerate(reversed(content[1:])):
        is_call = boilerplate_certainty(squeeze(draft.text), EDGE, from_end)
        if draft.kind not in ("paragraph", "heading") or not is_call:
            break
        _make_boilerplate([draft])


def _is_below(level: int, draft: Draft) -> bool:
    return draft.kind != "title" and (draft.kind != "heading" or draft.level > level)


def _make_boilerplate(drafts: Sequence[Draft]) -> None:
    """Turn drafts of any kind into boilerplate."""
    for draft in drafts:
        draft.kind, draft.level, draft.group = "boilerplate", 0, 0
        draft.header, draft.cells, draft.heads, draft.number = False, (), (), None


def _mark_notices(drafts: Sequence[Draft]) -> None:
    """Turn a menu of links at the start, and notices anywhere, into boilerplate."""
    content = [d for d in drafts if d.kind != "boilerplate"]
    words = sum(len(d.text) for d in content if d.kind == "paragraph")
    above = list(takewhile(lambda d: d.kind != "title", content))
    if len(above) == len(content):  # there is no title
        above = list(takewhile(lambda d: d.kind == "list_item" and _is_link(d), content))
    leading = [d for d in above if d.kind in ("list_item", "paragraph") and _is_link(d)]
    leading = [draft for draft in leading if not is_warning(draft.text)]
    if len(leading) >= _FEWEST_LINKS and words >= _PROSE:
        _make_boilerplate(leading)
    last = len(content) - EDGE
    for place, draft in enumerate(content):
        at_edge = place <= EDGE or place >= last
        longest = _LONGEST_COOKIES if at_edge else _LONGEST
        if draft.kind not in _KINDS or len(draft.text) > longest or len(content) == 1:
            continue
        text = squeeze(draft.text).strip(" …›»→>.").lower()
        is_notice = len(text) <= _LONGEST and (
            _MORE.fullmatch(text)
            or (any(map(text.__contains__, _STEMS)) and _SUBSCRIBERS.search(text))
            or (_is_link(draft) and (_ALSO.match(text) or (at_edge and is_trail(draft.text))))
            or (draft.kind == "paragraph" and place >= last and says(text, PAGE_FOOT))
            or (at_edge and (_DATED.match(text) or says(text, PASS_ON) or says(text, PAGE)))
        )
        if not is_notice and at_edge and _COOKIES.search(text):
            is_notice = sum("cookie" in one.text.lower() for one in content) <= EDGE
        if is_notice:
            _make_boilerplate([draft])


def _is_link(draft: Draft) -> bool:
    return draft.linked >= _MOSTLY * len(draft.text)
