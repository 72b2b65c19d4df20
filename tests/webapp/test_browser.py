"""The site in a real browser: typing, keys, links, small screens, darkness, paper."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from selenium.webdriver.common.keys import Keys

from indexer import QueryLog, build_index
from tests.helpers.chromium import Browser, browsing, served
from tests.helpers.sites import make_index

pytestmark = pytest.mark.browser

PASSAGE = "Possible Side Effects and Considerations of Using Elavil"


@pytest.fixture(scope="module")
def address(corpus_index: Path) -> Iterator[str]:
    with served(corpus_index) as address:
        yield address


@pytest.fixture(scope="module")
def odd_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(make_index(tmp_path_factory.mktemp("site"))) as address:
        yield address


@pytest.fixture(scope="module")
def window(address: str) -> Iterator[Browser]:
    with browsing(address) as browser:
        yield browser


@pytest.fixture
def browser(window: Browser) -> Browser:
    """The window as a newcomer has it."""
    window.open("/robots.txt")
    window.run("localStorage.clear()")
    window.complaints()
    return window


def marks(browser: Browser) -> list[str]:
    script = "return [...document.querySelectorAll('mark')].map((mark) => mark.textContent)"
    found: list[str] = browser.run(script)
    return found


def asked(browser: Browser) -> dict[str, list[str]]:
    return parse_qs(urlsplit(browser.driver.current_url).query)


def in_view(browser: Browser, selector: str) -> bool:
    script = """
        const box = document.querySelector(arguments[0]).getBoundingClientRect();
        return box.top >= 0 && box.bottom <= innerHeight;
    """
    return bool(browser.run(script, selector))


def test_results_come_as_you_type_and_lead_to_the_passage(browser: Browser) -> None:
    browser.open("/")
    assert browser.focused().get_attribute("name") == "q"
    browser.press(*"tapering")
    browser.wait(lambda: asked(browser) == {"q": ["tapering"]})  # before that, of "taperin*"
    browser.wait(lambda: browser.run("return document.title").startswith("tapering: "))
    assert marks(browser) == ["tapering"]
    assert browser.text("[data-count]") == "1 passage"
    assert browser.text("h2 .open") == PASSAGE
    browser.find("a.open").click()
    browser.wait(lambda: "/articles/" in browser.driver.current_url)
    assert marks(browser) == ["tapering"]
    browser.wait(lambda: in_view(browser, "mark"))
    target = browser.find(":target")
    assert "Gradually tapering off" in target.text
    assert target.value_of_css_property("outline-style") == "solid"
    assert "1 of 1 match" in browser.text("[data-matches]")
    assert PASSAGE in browser.text("[role=status].linked-note")
    assert not browser.complaints()


def test_what_is_entered_is_written_down_and_what_is_still_typed_is_not(
    corpus_index: Path, tmp_path: Path
) -> None:
    log = QueryLog(tmp_path / "log")

    def written() -> list[tuple[str, int]]:
        return [(row.query, row.times) for row in log.report().rows]

    with served(corpus_index, QUERY_LOG=log.path) as address, browsing(address) as browser:
        browser.open("/")
        browser.press(*"warfarin")
        browser.wait(lambda: browser.run("return document.title").startswith("warfarin: "))
        assert written() == []
        browser.press(Keys.ENTER)
        browser.wait(lambda: written() == [("warfarin", 1)])
        browser.press(Keys.ENTER, *" zzz", Keys.ENTER)
        browser.wait(lambda: written() == [("warfarin", 1), ("warfarin zzz", 1)])


def test_half_a_word_finds_what_begins_so(browser: Browser) -> None:
    browser.open("/")
    browser.press(*"taperi")
    browser.wait(lambda: marks(browser) == ["tapering"])
    browser.wait(lambda: asked(browser) == {"q": ["taperi*"]})
    assert "showing words with this beginning" in browser.text(".notes")
    browser.press(Keys.ENTER)
    browser.driver.refresh()  # the address in the bar is of what is shown
    assert marks(browser) == ["tapering"]


def test_back_goes_back_through_questions(browser: Browser) -> None:
    browser.open("/")
    browser.press(*"tapering")
    browser.wait(lambda: marks(browser) == ["tapering"])
    browser.press(Keys.ENTER)
    browser.run("document.activeElement.select()")
    browser.press(*"fibromyalgia")
    browser.wait(lambda: marks(browser) == ["fibromyalgia"])
    browser.press(Keys.ENTER)
    browser.driver.back()
    browser.wait(lambda: marks(browser) == ["tapering"])
    assert browser.find("#q").get_attribute("value") == "tapering"
    browser.driver.back()
    browser.wait(lambda: browser.all(".welcome"))
    assert browser.find("#q").get_attribute("value") == ""
    browser.driver.forward()
    browser.wait(lambda: marks(browser) == ["tapering"])


def test_the_last_answer_wins(browser: Browser) -> None:
    browser.open("/")
    browser.run("""
        const real = window.fetch;
        window.fetch = (url, options) => {
          const slow = String(url).includes("q=pain");
          const later = new Promise((done) => setTimeout(done, slow ? 700 : 0));
          return later.then(() => real(url, { ...options, signal: undefined }));
        };
    """)
    browser.press(*"pain")
    time.sleep(0.3)  # the question has been sent, its answer is still to come
    browser.run("document.activeElement.select()")
    browser.press(*"tapering")
    browser.wait(lambda: marks(browser) == ["tapering"])
    time.sleep(0.8)  # by now the slow answer is there
    assert marks(browser) == ["tapering"]


def test_an_answer_that_comes_while_a_key_waits_does_not_pass_for_its_own(browser: Browser) -> None:
    browser.open("/")
    browser.run("""
        const real = window.fetch;
        window.fetch = (url, options) => real(url, options).then((answer) => {
          if (String(url).includes("q=taperi&")) type("n", "g");
          return answer;
        });
        const box = document.querySelector("#q");
        const type = (...keys) => {
          for (const key of keys) {  // two at once: the second one waits
            box.value += key;
            box.dispatchEvent(new Event("input", { bubbles: true }));
          }
        };
        box.value = "taper";
        type("i");
    """)
    browser.wait(lambda: asked(browser) == {"q": ["tapering"]})
    browser.wait(lambda: browser.run("return document.title").startswith("tapering: "))


def test_results_do_not_flicker(browser: Browser) -> None:
    browser.open("/?q=pain")
    browser.run("""
        window.emptied = 0;
        new MutationObserver(() => {
          if (!document.querySelector("[data-count]")) window.emptied += 1;
        }).observe(document.querySelector("[data-results]"), { childList: true, subtree: true });
    """)
    browser.find("#q").send_keys(" threshold")
    browser.wait(lambda: asked(browser) == {"q": ["pain threshold"]})
    browser.wait(lambda: "threshold" in marks(browser))
    assert browser.run("return window.emptied") == 0


def test_how_words_match_can_be_changed_at_once(browser: Browser) -> None:
    browser.open("/?q=taper")
    assert marks(browser) == ["tapering"]
    browser.find("input[value=word] + span").click()
    browser.wait(lambda: "No passage found" in browser.text("[data-count]"))
    assert asked(browser) == {"q": ["taper"], "match": ["word"]}


def test_everything_by_keyboard(browser: Browser) -> None:
    browser.open("/articles")
    browser.press("/")
    assert browser.focused().get_attribute("name") == "q"
    browser.press(*"pain/", Keys.ENTER)
    browser.wait(lambda: asked(browser) == {"q": ["pain/"]})  # a / within a field is a /
    browser.find("a.open")
    browser.press("/")
    browser.wait(lambda: browser.focused().get_attribute("name") == "q")
    browser.press(Keys.ARROW_DOWN)
    first = browser.find("a.open")
    assert browser.focused() == first  # suggestions or none
    browser.press(Keys.ARROW_DOWN)
    assert browser.focused() != first
    browser.press(Keys.ARROW_UP)
    assert browser.focused() == first
    browser.press(Keys.ENTER)
    browser.wait(lambda: "/articles/elavil" in browser.driver.current_url)
    position = browser.find("[data-position]")
    before = int(position.text.split()[0])
    browser.press("n")
    assert position.text == f"{before + 1} of"
    browser.wait(lambda: in_view(browser, "mark[data-current]"))
    browser.press("p", "p")
    assert position.text == f"{(before - 2) % 38 + 1} of"


def test_arrows_reach_every_passage_of_a_group(tmp_path: Path) -> None:
    text = "\n\n".join(f"Passage {n} is about sprockets too." for n in range(8))
    (tmp_path / "one.md").write_text(f"# One\n\n## Two\n\n{text}\n", encoding="utf-8")
    build_index([tmp_path / "one.md"], tmp_path / "index")
    with served(tmp_path / "index") as address, browsing(address) as browser:
        browser.open("/?q=sprockets")
        wanted = browser.run("""
            const links = [...document.querySelectorAll(".hit .actions a:first-of-type")];
            return links.map((link) => link.pathname);
        """)
        assert len(set(wanted)) == 8
        assert not browser.find("details.more .hit").is_displayed()  # some are folded
        browser.press("/", Keys.ARROW_DOWN)
        reached = []
        for _ in wanted:
            reached.append(browser.focused().get_attribute("pathname"))
            assert browser.focused().is_displayed()
            browser.press(Keys.ARROW_DOWN)
        assert reached == wanted
        for _ in wanted:
            browser.press(Keys.ARROW_UP)
        assert browser.focused() == browser.find("#q")


def test_escape_leaves_the_box_first_and_clears_it_second(browser: Browser) -> None:
    browser.open("/")
    browser.press(*"tapering")
    browser.wait(lambda: marks(browser) == ["tapering"])
    browser.find("[role=option]")
    browser.press(Keys.ESCAPE)
    assert value(browser, "#q") == "tapering"
    assert browser.focused() == browser.find("body")
    assert not browser.all("[role=option]")
    browser.press(Keys.ESCAPE)
    assert value(browser, "#q") == ""
    browser.wait(lambda: browser.all(".welcome"))
    browser.press(*"pain", Keys.ESCAPE, "n", Keys.ESCAPE)
    assert value(browser, "#q") == "pain"  # something else came between


def test_a_slash_that_needs_shift_works_and_shortcuts_leave_others_alone(browser: Browser) -> None:
    browser.open("/articles")
    press = """
        document.body.dispatchEvent(
          new KeyboardEvent("keydown", { bubbles: true, key: "/", ...arguments[0] }));
        return document.activeElement.name ?? "";
    """
    assert browser.run(press, {"ctrlKey": True}) == ""
    assert browser.run(press, {"metaKey": True}) == ""
    assert browser.run(press, {"shiftKey": True}) == "q"


def test_a_question_mark_shows_the_keys(browser: Browser) -> None:
    browser.open("/articles")
    browser.press("?")
    assert browser.find("dialog[open]").is_displayed()
    browser.press(Keys.ESCAPE)
    assert not browser.all("dialog[open]")
    browser.find("[data-keys]").click()
    assert browser.find("dialog[open]").is_displayed()


def test_suggestions_are_a_combobox(browser: Browser) -> None:
    browser.open("/articles")
    box = browser.find("#q")
    box.send_keys("taper")
    browser.find("[role=option]")
    assert box.get_attribute("aria-expanded") == "true"
    box.send_keys(Keys.ARROW_RIGHT)
    chosen = browser.find("[aria-selected=true]")
    assert box.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    assert browser.focused() == box
    box.send_keys(Keys.ESCAPE)
    assert box.get_attribute("aria-expanded") == "false"
    assert box.get_attribute("value") == "taper"
    box.send_keys("i")
    browser.find("[role=option]")
    box.send_keys(Keys.ARROW_DOWN, Keys.ENTER)
    browser.wait(lambda: asked(browser) == {"q": ["tapering"]})


def test_a_heading_is_suggested_and_opens_its_section(browser: Browser) -> None:
    browser.open("/")
    browser.press(*"consid")
    browser.click("[role=option].heading")
    browser.wait(lambda: "/articles/" in browser.driver.current_url)


def test_recent_questions_stay_in_the_browser(browser: Browser) -> None:
    browser.open("/")
    browser.press(*"tapering", Keys.ENTER)
    browser.wait(lambda: marks(browser) == ["tapering"])
    browser.open("/")
    browser.press(Keys.ARROW_DOWN)
    assert browser.text("[role=option].recent") == "tapering"
    browser.press(Keys.ENTER)
    browser.wait(lambda: marks(browser) == ["tapering"])
    assert not browser.driver.get_cookies()


def test_links_and_quotes_are_copied(browser: Browser) -> None:
    origin = browser.address
    rights = ["clipboardReadWrite", "clipboardSanitizedWrite"]
    browser.command("Browser.grantPermissions", origin=origin, permissions=rights)
    browser.open("/?q=tapering")
    read = "return navigator.clipboard.readText()"
    browser.find("[data-copy=link]").click()
    browser.wait(lambda: browser.run(read).startswith(f"{origin}/p/"))
    link = browser.run(read)
    browser.find("[data-copy=quote]").click()
    browser.wait(lambda: browser.run(read) != link)
    quote = browser.run(read)
    assert quote.startswith("“Moreover, abrupt discontinuation")
    assert quote.endswith(f"Elavil for Chronic Pain: an Off-label Use, {PASSAGE}. {link}")
    browser.wait(lambda: browser.find("[data-said]").get_property("textContent") == "Copied")
    rich = """
        const [item] = await navigator.clipboard.read();
        const blob = await item.getType("text/html");
        return await blob.text();
    """
    html = str(browser.run(rich))
    assert "<blockquote" in html
    assert link in html
    browser.open("/articles/elavil-for-chronic-pain")
    browser.run("document.querySelector('p.passage .pilcrow').click()")
    browser.wait(lambda: browser.run(read).startswith(f"{origin}/p/") and browser.run(read) != link)
    assert browser.driver.current_url.endswith(browser.find(":target").get_attribute("id") or "?")


@pytest.mark.parametrize("width", [375, 1280])
def test_title_and_section_are_in_sight_where_a_link_leads(odd_address: str, width: int) -> None:
    with browsing(odd_address, width) as reader:
        reader.open("/articles/waiting")
        passages = reader.run(
            "return [...document.querySelectorAll('[data-passage]')].map((p) => p.dataset.passage)"
        )
        reader.open(f"/p/{passages[17]}")
        assert in_view(reader, "[data-here]")
        assert reader.text("[data-here] a") == "Waiting"
        section = reader.text("[data-section]")
        assert section.startswith("Month ")
        covered = """
            const line = document.querySelector("[data-here]").getBoundingClientRect();
            return document.querySelector(":target").getBoundingClientRect().top < line.bottom;
        """
        assert not reader.run(covered)
        reader.run("document.querySelectorAll('.prose h2')[2].scrollIntoView()")
        reader.wait(lambda: reader.text("[data-section]") == "Month 3" != section)
        reader.run("scrollTo(0, 0)")
        reader.wait(lambda: not reader.find("[data-here]").is_displayed())


def select(browser: Browser, selector: str, start: int, end: int) -> str:
    """Selects characters of the first text of an element; what is then selected."""
    script = """
        const text = document.querySelector(arguments[0]).firstChild;
        getSelection().setBaseAndExtent(text, arguments[1], text, arguments[2]);
        return String(getSelection());
    """
    found: str = browser.run(script, selector, start, end)
    return found


def copied(browser: Browser) -> str:
    """The plain text in the clipboard."""
    return str(browser.run("return navigator.clipboard.readText()"))


def value(browser: Browser, selector: str) -> str:
    """What a field holds."""
    return str(browser.find(selector).get_property("value"))


def is_copied(browser: Browser, text: str) -> bool:
    return copied(browser) == text


def allow_copying(browser: Browser) -> None:
    rights = ["clipboardReadWrite", "clipboardSanitizedWrite"]
    browser.command("Browser.grantPermissions", origin=browser.address, permissions=rights)


def test_selected_words_have_a_link_that_works_without_scripts(
    browser: Browser, address: str
) -> None:
    allow_copying(browser)
    browser.open("/articles/elavil-for-chronic-pain")
    words = select(browser, ".prose > p.passage", 12, 45).strip()
    browser.wait(lambda: browser.find("[data-selection]").is_displayed())
    browser.press("c")
    assert browser.focused().text == "Copy link"
    browser.press(Keys.ENTER)
    browser.wait(lambda: "text=" in copied(browser))
    link = copied(browser)
    assert browser.run("return String(getSelection())").strip() == words  # it stays selected
    browser.press(Keys.TAB, Keys.ENTER)
    browser.wait(lambda: copied(browser).startswith(f"“{words}”"))
    assert copied(browser).endswith(link)
    browser.find("h1").click()
    browser.wait(lambda: not browser.find("[data-selection]").is_displayed())
    assert not browser.complaints()
    with browsing(address, scripts=False) as receiver:
        receiver.open(link.removeprefix(address))
        assert "".join(marks(receiver)) == words
        assert in_view(receiver, "mark.selected")
        assert not receiver.find("[data-selection]").is_displayed()


def test_a_selection_over_blocks_and_cells_is_linked_whole(odd_address: str) -> None:
    with browsing(odd_address) as browser:
        allow_copying(browser)
        browser.open("/articles/glance")
        browser.run("""
            const from = document.querySelector(".prose h2").firstChild;
            const to = [...document.querySelectorAll(".prose li")].at(-1).firstChild;
            getSelection().setBaseAndExtent(from, 2, to, 4);
        """)
        words = str(browser.run("return String(getSelection())"))
        browser.wait(lambda: browser.find("[data-selection]").is_displayed())
        browser.find("[data-selection] [data-copy=link]").click()
        browser.wait(lambda: "text=" in copied(browser))
        browser.open(copied(browser).removeprefix(odd_address))
        assert "".join("".join(marks(browser)).split()) == "".join(words.split())


def test_the_second_of_equal_words_is_linked_as_such(odd_address: str) -> None:
    with browsing(odd_address) as browser:
        allow_copying(browser)
        browser.open("/articles/waiting")
        text = browser.run("return document.querySelector('p.passage').firstChild.data")
        second = text.index("waiting", text.index("waiting") + 1)
        select(browser, "p.passage", second, second + 7)
        browser.wait(lambda: browser.find("[data-selection]").is_displayed())
        browser.find("[data-selection] [data-copy=link]").click()
        browser.wait(lambda: "text=waiting" in copied(browser))
        browser.open(copied(browser).removeprefix(odd_address))
        (before,) = browser.run("return [document.querySelector('mark').previousSibling.data]")
        assert before == text[:second]


def test_where_nothing_can_be_copied_it_can_be_by_hand(address: str) -> None:
    with browsing(address) as browser:
        blind = "Object.defineProperty(navigator, 'clipboard', { value: undefined })"
        browser.command("Page.addScriptToEvaluateOnNewDocument", source=blind)
        browser.open("/?q=tapering")
        assert not any(button.is_displayed() for button in browser.all("[data-copy]"))
        browser.find(".actions a:last-child").click()
        assert value(browser, "#as-markdown").startswith("> Moreover")
        browser.open("/articles/elavil-for-chronic-pain")
        words = select(browser, ".prose > p.passage", 12, 45).strip()
        browser.wait(lambda: browser.find("[data-selection]").is_displayed())
        browser.find("[data-selection] a").click()
        assert words in value(browser, "#as-text")


def test_each_format_is_copied_as_it_stands(browser: Browser) -> None:
    allow_copying(browser)
    browser.open("/?q=tapering")
    browser.find(".actions a:last-child").click()
    for name in ("link", "text", "markdown", "html"):
        wanted = value(browser, f"#as-{name}")
        browser.find(f"[data-copy={name}]").click()
        browser.wait(partial(is_copied, browser, wanted))


def test_the_theme_is_kept(browser: Browser) -> None:
    ground = "return getComputedStyle(document.documentElement).backgroundColor"
    browser.media(prefers_color_scheme="light")
    browser.open("/")
    light = browser.run(ground)
    browser.media(prefers_color_scheme="dark")
    dark = browser.run(ground)
    assert light != dark
    browser.find("[data-theme-switch]").click()  # from the system's choice to light
    assert browser.run(ground) == light
    browser.open("/articles")
    assert browser.run(ground) == light
    browser.media()


def test_on_paper_only_the_article_is_left(browser: Browser) -> None:
    browser.open("/articles/elavil-for-chronic-pain?q=pain")
    browser.media(type="print")
    for selector in (".top", ".bottom", ".matches", ".contents", ".where", ".pilcrow"):
        assert not any(found.is_displayed() for found in browser.all(selector)), selector
    mark = browser.find("mark")
    assert mark.value_of_css_property("text-decoration-line") == "underline"
    browser.media()
    paper = browser.command("Page.printToPDF")
    assert base64.b64decode(paper["data"]).startswith(b"%PDF")


def test_without_scripts_the_whole_way_works(address: str) -> None:
    with browsing(address, scripts=False) as browser:
        browser.open("/")
        browser.find("#q").send_keys("tapering", Keys.ENTER)
        browser.wait(lambda: marks(browser) == ["tapering"])
        assert not any(button.is_displayed() for button in browser.all("[data-copy]"))
        browser.find("a.open").click()
        browser.wait(lambda: "/articles/" in browser.driver.current_url)
        assert marks(browser) == ["tapering"]
        target = browser.find(":target")
        assert "Gradually tapering off" in target.text
        assert target.value_of_css_property("outline-style") == "solid"
        browser.find(".matches .all").click()
        browser.wait(lambda: browser.all("a.open"))


def test_a_linked_group_is_outlined_whole(odd_address: str) -> None:
    with browsing(odd_address) as browser:
        browser.open("/?q=doctor")
        browser.find("a.open").click()
        browser.wait(lambda: "/articles/" in browser.driver.current_url)
        outlined = [
            item.text.split("\n")[0]
            for item in browser.all(".prose li")
            if item.value_of_css_property("outline-style") != "none"
        ]
        assert outlined == ["Ask your doctor", "Halve the dose", "Stop when you feel well"]


def test_a_word_marked_in_part_is_read_as_one(odd_address: str) -> None:
    with browsing(odd_address) as browser:
        browser.open("/?q=100+mg")
        assert [mark.text for mark in browser.all(".word mark")] == ["100", "mg"]
        tree = browser.command("Accessibility.getFullAXTree")["nodes"]
        said = [
            node["name"]["value"]
            for node in tree
            if not node.get("ignored") and node.get("role", {}).get("value") == "StaticText"
        ]
        assert "100mg" in said
        assert "100" not in said


@pytest.mark.parametrize(
    "path",
    ["/", "/?q=pain", "/?q=qqqq+zzzz", "/articles", "/articles/elavil-for-chronic-pain?q=pain",
     "/outline/elavil-for-chronic-pain", "/help", "/api/", "/nope", "/links",
     "/p/06b1012f988de5e3/cite", "/p/06b1012f988de5e3?text=abrupt+discontinuation"],
)  # fmt: skip
def test_a_narrow_screen_needs_no_sideways_scrolling(narrow: Browser, path: str) -> None:
    narrow.open(path)
    assert narrow.run("return document.documentElement.scrollWidth") <= 375


def test_long_words_stay_within_a_narrow_screen(tmp_path: Path) -> None:
    word = "Pneumonoultramicroscopicsilicovolcanoconiosis" * 3
    text = f"# {word} title\n\n## {word}\n\nA sprocket, {word}.\n\n## Rest\n\n- a sprocket {word}\n"
    text += f"\n### {word}\n\n#### Deep\n\nA sprocket, too.\n"
    (tmp_path / "long.md").write_text(text, encoding="utf-8")
    build_index(tmp_path / "long.md", tmp_path / "index")
    with served(tmp_path / "index") as address, browsing(address, width=375) as browser:
        for path in (
            "/",
            "/?q=sprocket",
            "/articles",
            "/articles/long?q=sprocket",
            "/outline/long",
            "/audit?q=sprocket&by=section",
            "/audit/concordance?q=sprocket",
        ):
            browser.open(path)
            assert browser.run("return document.documentElement.scrollWidth") <= 375, path
