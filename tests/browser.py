"""A browser without a window, for tests of pages; it is Debian's Chromium with its driver."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
REQUIRED = os.environ.get("SCHEDKIT_REQUIRE_BROWSER") == "1"
needed = pytest.mark.skipif(
    not ((BROWSER and DRIVER) or REQUIRED), reason="Chromium is not installed; on Debian `make browser` installs it"
)
_OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--force-device-scale-factor=1",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)


class Browser:
    """A window of the browser."""

    def __init__(self, driver: Any) -> None:
        self._driver = driver

    def open(self, page: Path, *, width: int = 1280, height: int = 900, dark: bool = False) -> None:
        """Opens a page at a size, in light or dark colours, and waits until it has been drawn."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self._driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        self._driver.get_log("browser")
        self._driver.get(page.as_uri())
        self.settle()

    def settle(self) -> None:
        """Waits until what has changed is drawn."""
        self._driver.execute_async_script(
            "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)));"
        )

    def run(self, script: str, *arguments: Any) -> Any:
        """The value that a script returns."""
        return self._driver.execute_script(script, *arguments)

    def press(self, selector: str, *keys: str) -> None:
        """Presses keys in an element, as a user does."""
        element = self._driver.find_element("css selector", selector)
        element.send_keys(*keys)
        self.settle()

    def click(self, selector: str, x: int | None = None, y: int | None = None) -> None:
        """Clicks on an element, or inside of it at some pixels from its upper left corner."""
        from selenium.webdriver.common.action_chains import ActionChains  # noqa: PLC0415

        element = self._driver.find_element("css selector", selector)
        if x is None or y is None:
            element.click()
        else:
            size = element.size
            ActionChains(self._driver).move_to_element_with_offset(
                element, x - size["width"] // 2, y - size["height"] // 2
            ).click().perform()
        self.settle()

    def text(self, selector: str) -> str:
        """The text that an element shows."""
        return str(self._driver.find_element("css selector", selector).text)

    def complaints(self) -> list[str]:
        """Errors of scripts, and everything that the browser would not load or run, since the page was opened."""
        return [entry["message"] for entry in self._driver.get_log("browser") if entry["level"] == "SEVERE"]

    def accessible(self) -> list[tuple[str, str]]:
        """Role and name of everything that a screen reader meets."""
        tree = self._driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})
        nodes = [node for node in tree["nodes"] if not node["ignored"]]
        return [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes]

    def printed(self) -> int:
        """Prints the page; returns the size of the PDF in bytes."""
        return len(self._driver.print_page())


@contextlib.contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """Starts a browser whose profile lies in a folder."""
    from selenium import webdriver  # noqa: PLC0415
    from selenium.webdriver.chrome.service import Service  # noqa: PLC0415

    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER or ""
    for option in (*_OPTIONS, f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = Service(DRIVER, log_output=os.devnull)
    driver = webdriver.Chrome(options=options, service=service)
    try:
        yield Browser(driver)
    finally:
        driver.quit()
