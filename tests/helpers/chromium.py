"""Chromium as Debian installs it, and a server for its requests."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait
from waitress.server import create_server

from webapp import create_app

PATIENCE = 10  # seconds until an awaited element counts as missing


def paths() -> tuple[str, str]:
    """Paths of Chromium and its driver; if missing, skips the test or, in CI, fails it."""
    found = shutil.which("chromium"), shutil.which("chromedriver")
    if found[0] and found[1]:
        return found[0], found[1]
    if os.environ.get("CI"):
        pytest.fail("Chromium is missing: apt-get install chromium chromium-driver")
    pytest.skip("Chromium is not installed: apt-get install chromium chromium-driver")


@contextmanager
def served(index: Path, **config: Any) -> Iterator[str]:
    """The address of a server over an index."""
    app = create_app({"INDEX": index, **config})
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    closing = threading.Event()

    def run() -> None:
        try:
            server.run()
        except (OSError, ValueError):  # it may be waiting on the very socket that is closed
            if not closing.is_set():
                raise

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        closing.set()
        server.close()
        thread.join(PATIENCE)
        app.extensions["library"].close()


idle: list[webdriver.Chrome] = []  # started and not in use; `tests/conftest.py` ends them


def started() -> webdriver.Chrome:
    """Start Chromium with an empty tab, which stays open."""
    chromium, driver = paths()
    options = Options()
    options.binary_location = chromium
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    chrome = webdriver.Chrome(options=options, service=Service(driver))
    chrome.set_script_timeout(120)  # seconds, for a machine under load
    return chrome


class Browser:
    """One tab of a Chromium of its own."""

    def __init__(self, address: str, width: int = 1280, height: int = 900) -> None:
        self.driver = idle.pop() if idle else started()
        self.driver.switch_to.new_window("tab")
        self.address = address
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.command("Emulation.setDeviceMetricsOverride", **size)

    def command(self, name: str, **arguments: Any) -> Any:
        """One command of the DevTools protocol."""
        return self.driver.execute_cdp_cmd(name, arguments)

    def media(self, **features: str) -> None:
        """Emulates a medium (`type`) or preferences (prefers_color_scheme="dark")."""
        kind = features.pop("type", "")
        wanted = [
            {"name": name.replace("_", "-"), "value": value} for name, value in features.items()
        ]
        self.command("Emulation.setEmulatedMedia", media=kind, features=wanted)

    def open(self, path: str) -> None:
        """Goes to a page of the site."""
        self.driver.get(self.address + path)

    def run(self, script: str, *arguments: Any) -> Any:
        """Run a script and return its result."""
        return self.driver.execute_script(script, *arguments)

    def find(self, selector: str) -> WebElement:
        """The first element, waited for."""
        self.wait(lambda: self.all(selector))
        return self.all(selector)[0]

    def all(self, selector: str) -> list[WebElement]:
        """All elements that are there now."""
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector: str) -> str:
        """The text of the first element in one line."""
        return " ".join(self.find(selector).text.split())

    def press(self, *keys: str) -> None:
        """Presses keys one after another, wherever the focus is."""
        for key in keys:
            webdriver.ActionChains(self.driver).send_keys(key).perform()

    def wait(self, condition: Any) -> None:
        """Wait until the condition holds; tries again if elements are redrawn meanwhile."""
        WebDriverWait(
            self.driver,
            PATIENCE,
            poll_frequency=0.02,
            ignored_exceptions=(StaleElementReferenceException,),
        ).until(lambda _: condition())

    def click(self, selector: str) -> None:
        """Clicks the first element, waited for."""
        self.wait(lambda: (self.find(selector).click(), True)[1])  # type: ignore[func-returns-value]

    def focused(self) -> WebElement:
        """The element that has the focus."""
        return self.driver.switch_to.active_element

    def complaints(self) -> list[str]:
        """Messages of the console since the last call."""
        entries = self.driver.execute("getLog", {"type": "browser"})["value"]
        return [str(entry["message"]) for entry in entries]

    def close(self) -> None:
        """Closes all tabs but the empty one, clears stored data, puts the browser into `idle`."""
        self.command("Storage.clearDataForOrigin", origin=self.address, storageTypes="all")
        self.command("Browser.resetPermissions")
        first, *others = self.driver.window_handles
        for tab in others:
            self.driver.switch_to.window(tab)
            self.driver.close()
        self.driver.switch_to.window(first)
        self.complaints()
        idle.append(self.driver)


@contextmanager
def browsing(address: str, width: int = 1280, *, scripts: bool = True) -> Iterator[Browser]:
    """A browser without state from earlier use."""
    browser = Browser(address, width)
    try:
        if not scripts:
            browser.command("Emulation.setScriptExecutionDisabled", value=True)
        yield browser
    except BaseException:
        browser.driver.quit()
        raise
    browser.close()
