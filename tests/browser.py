"""Pages in a real browser, opened from disk and without a network."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

Open = Callable[..., Any]


def left_out(reason: str) -> NoReturn:
    """Skip the test, or fail it where EXPLORER=required says that nothing may be left out."""
    if os.environ.get("EXPLORER") == "required":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One browser for all tests."""
    if BROWSER is None:
        left_out("no browser on this machine: install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Open]:
    """Opens a page from disk; afterwards nothing must have been asked for or complained of."""
    complaints: list[str] = []
    contexts = []

    def open_page(html: str, link: str = "", ready: str = "#live[data-ready]", **options: Any) -> Any:
        context = browser.new_context(offline=True, accept_downloads=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(1000 * LONGEST)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: wanted(request.url))
        file = tmp_path / f"page{len(contexts)}.html"
        file.write_text(html, "utf-8")
        page.goto(file.as_uri() + link)
        page.wait_for_selector(ready)
        return page

    def wanted(url: str) -> None:
        if not url.startswith(("file:", "blob:", "data:", "about:")):
            complaints.append(f"asked for {url}")

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


REST = """() => new Promise((resolve) => {
  let still = 0;
  const observer = new MutationObserver(() => (still = 0));
  observer.observe(document, { attributes: true, characterData: true, childList: true, subtree: true });
  const frame = () => {
    const busy = (window.narrows ?? []).some((stage) => stage.decoding.busy);
    still = busy ? 0 : still + 1;
    if (still < 10) return requestAnimationFrame(frame);
    observer.disconnect();
    resolve();
  };
  requestAnimationFrame(frame);
})"""
"""Resolves once nothing has been decoded and nothing in the document has changed for ten frames."""


LONGEST = 600.0
"""Seconds after which what a page was to do will never come."""


def until(page: Any, expression: str) -> None:
    """Wait until an expression is true in the page, whose policy lets no script ask for it."""
    deadline = time.monotonic() + LONGEST
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, f"never came: {expression}"
        page.wait_for_timeout(20)


def rest(page: Any) -> None:
    """Wait until the page has done what it was told, however busy the machine is."""
    page.evaluate(REST)
