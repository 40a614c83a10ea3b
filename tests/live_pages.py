"""Pages with their live part, in a real browser."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from narrows.report import live
from tests.browser import Open, left_out

EXPLORER = Path(__file__).parents[1] / "explorer"

BUILT = live.BUILT
"""Where the page's live part is, which other tests leave out."""


@pytest.fixture(scope="module")
def live_part() -> Iterator[None]:
    """Pages with their live part, every model exported once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(live, "BUILT", BUILT)
        patch.setattr(live, "model_files", functools.cache(live.model_files))
        yield


@pytest.fixture
def opened_live(opened: Open) -> Open:
    """Opens pages that have their live part."""
    if not BUILT.joinpath("explorer.js").is_file():
        left_out("the live part is not built: npm could not be reached")
    return opened


def point(page: Any, x: float, y: float, steps: int = 1) -> None:
    """Move the cursor to a place on the plane, in shares of its width and height."""
    page.locator(".plane").scroll_into_view_if_needed()
    box = page.locator(".plane").bounding_box()
    page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=steps)


def axe(page: Any) -> None:
    """Nothing in the page keeps anybody out, as far as a machine can tell."""
    page.evaluate((EXPLORER / "node_modules/axe-core/axe.min.js").read_text("utf-8"))
    found = page.evaluate("axe.run('.live')")["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
