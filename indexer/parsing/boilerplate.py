"""Recognises boilerplate around an article: cookie notices, breadcrumbs, calls to action.

In: one line of text and its position. Out: whether it is boilerplate. Refuses nothing. A line needs
strong evidence to count as boilerplate, because boilerplate is left out of search.
"""

from __future__ import annotations

import re
from typing import Literal

Certainty = Literal["sure", "likely"]

EDGE = 3  # lines at either end of an article in which patterns for its head or foot apply
_LONGEST_ANYWHERE = 80  # code points of a line that is boilerplate wherever it stands
LONGEST = 300  # code points; a longer line is content

# Lines that are boilerplate wherever they stand.
_ANYWHERE = re.compile(
    r"""(?ix)^\W*(?:
      (?:toggle|open|close|main)\ (?:navigation|menu|sidebar)
    | advertisement | sponsored\ content | back\ to\ (?:the\ )?top
    | (?:share|tweet|pin|email|print)\ this(?:\ (?:page|article|post|story))?
    | accept\ (?:all\ )?cookies | cookie\ (?:settings|preferences|policy)
    )\W*$"""
)

# Boilerplate at the head of a page: beginnings of lines, and words anywhere in a line.
_HEAD = re.compile(
    r"""(?ix)
      (?:an?\ |the\ )?(?:\w+\ ){0,3}(?:image|photo(?:graph)?|picture|illustration|drawing)
      \ (?:of|showing|with)\b
    | \W*(?:menu|home|search|log\ ?in|sign\ ?in|subscribe|you\ are\ here\b.*)\W*$
    """
)
_HEAD_ANYWHERE = re.compile(
    r"""(?x)
      \bfavicon\b | \b(?:logo|icon|banner|emblem)\b(?!\s+(?:design|type))
    | \b(?:we|this\ (?:web)?site|our\ (?:web)?site|by\ (?:using|continuing))\b.*\bcookies?\b
    | \bcookies?\b.*\b(?:accept|consent|agree|improve|experience|browsing)\b
    | \bjavascript\b.*\b(?:enable|disabled|required)
    """
)
_TRAIL = re.compile(r"(?i)^\W*(?:home|start|inicio|blog|articles|news)\s*(?:[>»›/|→·\\]|::).+")
_CRUMBS = re.compile(r"^[^.!?:;,]{1,40}(?:\s+[>»›→]\s+[^.!?:;,]{1,60}){1,6}$")

# Beginnings of lines that are boilerplate at the foot of a page.
_FOOT = re.compile(
    r"""(?ix)
      \W*(?:©|\(c\)|copyright\b).*\b(?:\d{4}|rights)\b
    | \W*(?:privacy(?:\ (?:policy|notice))?|terms(?:\ (?:of|and)\ \w+)?|contact|sitemap|imprint
       |impressum|kontakt|datenschutz(?:erklärung)?|mentions\ légales|aviso\ legal|note\ legali)
       (?:\s*[|·•/-]\s*[\w ]+)+$ | \W*(?:follow|find|like)\ us\ on\b
    | \W*(?:share|tweet|print|email|facebook|twitter|linkedin|pinterest)\W*$
    | \W*(?:related|recommended|popular|recent)\ (?:articles|posts|stories|reading)\W*$
    | \W*(?:previous|next|older|newer)\ (?:post|article|page)s?\b.{0,80}$
    """
)
# A call to action urges the reader to take up a firm's offer.
_CALL = re.compile(
    r"""(?x)\b(?:
      book | call | contact | schedule | subscribe | sign\ up | get\ (?:in\ touch|started|your
        |an?\ free)
    | request | download | learn\ more | click\ here | shop | buy | order | join | register
    | reach\ out | talk\ to | speak\ (?:to|with) | make\ an\ appointment | enrol+ | start\ your
    | have\ (?:any\ |more\ )?questions | visit\ (?:us|our) | find\ out\ more | claim | reserve
    )\b"""
)
_OFFER = re.compile(
    r"""(?x)\b(?:
      (?:free|your|a|an|the|our)\s+(?:\w+\s+){0,2}(?:consultations?|appointments?|demos?|trials?
        |quotes?|newsletters?|estimates?|offers?|visits?|sessions?|evaluations?|assessments?)
    | (?:our|the)\s+(?:\w+\s+){0,2}(?:team|office|clinic|experts?|specialists?
        |mailing\ list|shop|store|services?|products?|programs?|treatments|practice)
    | us(?=\W|$) | newsletter | for\ free | today | now | online
    )\b | \(?\b\d{3}\)?[-.\ ]\d{3}[-.\ ]\d{4}\b"""
)
# Lines that show that a web page was copied whole: links that skip its menu, or open it.
PAGE = re.compile(
    r"""(?ix)^\W*(?:
      (?:skip|jump|go)\ (?:directly\ )?(?:(?:to|over)\ )?(?:the\ )?(?:main\ |page\ |site\ )?
        (?:content|navigation|menu|search|footer|text|article)
    | accessibility\ (?:links|help|menu|statement)
    | (?:open|toggle|show)\ (?:main\ |the\ )?(?:navigation|menu)(?:\ menu)?
    | (?:direkt\ )?zum\ (?:haupt)?inhalt(?:\ (?:springen|wechseln|gehen))?
    | (?:direkt\ )?zu[mr]\ (?:haupt|service)?(?:navigation|suche|menü|fu(?:ß|ss)zeile)
        (?:\ (?:springen|gehen))? | (?:aller|passer|acc[ée]der|sauter)\ (?:directement\ )?
        (?:au\ (?:contenu(?:\ principal)?|menu|pied\ de\ page)|à\ la\ (?:recherche|navigation))
    | (?:(?:ir|saltar|pasar|pular|avan[çc]ar)\ (?:al?|para\ o|ao)|omita\ y\ vaya\ al)
        \ (?:contenido|conte[úu]do)(?:\ principal)?
    | (?:vai|salta|passa)\ al\ contenuto(?:\ principale)?
    | (?:direct\ |ga\ )?naar\ (?:de\ )?(?:hoofd)?inhoud(?:\ (?:gaan|springen))?
    | (?:hoppa|g[åa])\ (?:till|til)\ (?:hoved|huvud)?(?:inneh[åa]ll(?:et)?|inn?hold(?:et)?)
    | naar\ hoofdinhoud | p[řr]ej[íi]t\ na\ obsah | spring\ til\ (?:hoved)?indhold
    | przejd[źz]\ do\ (?:g[łl][óo]wnej\ )?(?:tre[śs]ci|zawarto[śs]ci) | siirry\ sis[äa]lt[öo][öo]n
    | перейти\ к\ (?:основному\ )?содерж(?:ани[юя]|имому)
    | (?:перейти|перехід)\ (?:до|к)\ (?:основного\ )?(?:вмісту|контент[уа])
    | μετάβαση\ στο\ (?:κύριο\ )?περιεχόμενο | ugrás\ a\ tartalomra | sari\ la\ conținut
    | (?:p[řr]esko[čc]it|prejsť)\ na\ (?:hlavn[íý]\ )?obsah | (?:ana\ )?içeriğe\ (?:geç|atla)
    | (?:presko[čc]i|idi|sko[čc]i)\ na\ (?:glavn[io]\ )?(?:sadržaj|vsebino)
    | 본문(?:으로)?\ ?바로\ ?가기 | (?:メインコンテンツ|本文)(?:へ|に).* | 跳[转轉]?[到至].*内容
    )\W*$"""
)
# Entries of menus of web sites.
MENU = re.compile(
    r"""(?ix)^\W*(?:
      home(?:page)? | news | search(?:\ for\ .{1,20})? | menu | (?:log|sign)[ -]?(?:in|up|out)
    | about(?:\ us)? | contact(?:\ us)? | help | faqs? | subscribe | donate | shop | cart | account
    | my\ account | register | sitemap | blog | podcasts? | videos? | newsletters? | events
    | careers | jobs | support | products | services | more
    | startseite | suchen? | kontakt | anmelden | abmelden | hilfe | impressum | über\ uns
    | aktuelles | themen | accueil | rechercher? | connexion | se\ connecter | aide | s'abonner
    | à\ propos | actualités | inicio | buscar | iniciar\ sesión | contacto | ayuda | noticias
    | acerca\ de | cerca | accedi | contatti | chi\ siamo | zoeken | inloggen | over\ ons | nieuws
    )\W*$"""
)
# Lines at the foot of such a page: related reading, review dates, legal notices.
PAGE_FOOT = re.compile(
    r"""(?ix)^\W*(?:
      (?:related|more|recommended)\ (?:content|articles|topics|stories|reading|pages)
    | (?:page|content)?\ ?(?:last|next)\ (?:medically\ )?(?:review(?:ed)?|updated)
        (?:\ (?:on|due))?:?\ .*\d{4}
    | (?:was|is)\ this\ (?:page|article|information)?\ ?(?:helpful|useful)
    | did\ this\ answer\ your\ question | ¿le\ pareció\ útil\ .*
    | .*\b(?:all\ rights\ reserved|alle\ rechte\ vorbehalten|tous\ droits\ réservés
        |todos\ los\ derechos\ reservados|todos\ os\ direitos\ reservados
        |tutti\ i\ diritti\ riservati|alle\ rechten\ voorbehouden|wszelkie\ prawa\ zastrzeżone
        |med\ ensamrätt|все\ права\ защищены)\b.* | ©.* | (?:privacy|cookies?)(?:\ policy|\ notice)?
    | terms\ (?:of|and)\ (?:use|service|conditions) | impressum
    | datenschutz(?:erklärung)? | das\ könnte\ sie\ auch\ interessieren
    | mentions\ légales | politique\ de\ confidentialité | plan\ du\ site | (?:à\ )?lire\ aussi
    | aviso\ legal | pol[íi]tica\ de\ (?:privacidade?|cookies) | art[íi]culos\ relacionados
    | note\ legali | informativa\ sulla\ privacy | leggi\ anche | articoli\ correlati
    | privacyverklaring | lees\ ook
    | regulamin | polityka\ prywatności | (?:czytaj|zobacz)\ (?:też|także)
    | läs\ (?:mer|också|även) | om\ webbplatsen | les\ også | læs\ også | lue\ myös
    | termos\ de\ uso | leia\ (?:também|mais) | artigos\ relacionados
    | (?:читайте|смотрите)\ также | политика\ конфиденциальности
    | 関連(?:記事|ページ|リンク) | プライバシーポリシー | お問い合わせ
    | 相关(?:文章|阅读) | 隐私政策
    )\W*$"""
)
# Links within such a page to share or print it.
PASS_ON = re.compile(
    r"""(?ix)^\W*(?:
      (?:share|tweet|print|e-?mail|copy\ link|listen)(?:\ (?:this\ )?(?:page|article))?
    | share\ on\ \w+ | teilen | drucken | partager | imprimer | compartir | imprimir | condividi
    | stampa | delen | afdrukken | udostępnij | drukuj | dela | skriv\ ut | compartilhar
    | поделиться | распечатать | シェア(?:する)? | 印刷(?:する)? | 分享 | 打印
    )\W*$"""
)
_BARE_CALL = re.compile(
    r"""(?ix)^\W*(?:get\ started | learn\ more | read\ more | sign\ up | subscribe | shop | contact
    | contact\ us | about\ us | get\ in\ touch | donate | register | apply | download)\W*$"""
)
_CARE = re.compile(  # words of medical advice
    r"\b(?:doctor|pharmacist|nurse|physician|gp|midwife|emergency|ambulance|911|999|11[12])\b"
    r"|\b(?:not|never|stop|dose|doses|tablets?|medicines?|medications?|treatment|worse|at once)\b"
    r"|n['’]t\b|\b(?:symptom|bleed|poison|overdos|suicid|allerg|pregnan|urgent|immediate|infect)"
    r"|\bif (?:your?|the|it)\b (?!have (?:any|more|further) )"
)
_WARNS = re.compile(  # except "Do not sell my data", which the law requires below pages
    r"\b(?:not(?! (?:sell|share my))|never|warning|caution|danger|keep out|contra-?indicated)\b"
    r"|n['’]t\b"
)
_MOST_CALL_WORDS = 20


def boilerplate_certainty(line: str, from_start: int, from_end: int) -> Certainty | None:
    """How certainly `line` is boilerplate, by its words and position; None if it is not.

    `from_start` and `from_end` count the article's lines before and after it. The rest of the
    article can outweigh "likely" (see `plain_text.title`).
    """
    if len(line) > LONGEST:
        return None
    if says(line, _ANYWHERE) or says(line, PAGE):
        return "sure"
    if from_start < EDGE:
        if is_trail(line):
            return "sure"
        if _HEAD.match(line) or _HEAD_ANYWHERE.search(line.lower()):
            return "likely"
    if from_end < EDGE and (
        _FOOT.match(line) or "all rights reserved" in line.lower() or is_call(line)
    ):
        return "likely"
    return None


def says(line: str, form: re.Pattern[str]) -> bool:
    """Whether `line` is short and matches `form`, one of the patterns above."""
    return len(line) <= _LONGEST_ANYWHERE and form.match(line) is not None


def is_trail(line: str) -> bool:
    """Whether `line` is a breadcrumb trail, the position of a page in its site."""
    return bool(_CRUMBS.match(line) or _TRAIL.match(line))


def is_warning(line: str) -> bool:
    """Whether `line` warns or forbids, and not about cookies; it is then kept as content."""
    lower = line.lower()
    return _WARNS.search(lower) is not None and "cookie" not in lower


def is_call(line: str) -> bool:
    """Whether `line` asks the reader to book, call, subscribe …; medical advice does not count."""
    if len(line.split()) > _MOST_CALL_WORDS:
        return False
    lower = re.sub(r"([?!.])(?=\w)", r"\1 ", line.lower())
    if _CARE.search(lower):
        return False
    return bool(_BARE_CALL.match(line) or (_CALL.search(lower) and _OFFER.search(lower)))
