"""The picture of a scan in the live part of its page: selections go both ways."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from narrows.data.scan_axes import parse_scan_axes
from narrows.data.scan_reading import read_scan
from narrows.data.sources import InMemory
from narrows.fitting.fit import fit
from narrows.report import render
from narrows.runs.run import Run
from tests.browser import Open, until
from tests.live_pages import axe
from tests.tasks.maps.test_maps import two_phases

pytestmark = pytest.mark.usefixtures("live_part")


@pytest.fixture(scope="module")
def run() -> Run:
    data = read_scan(InMemory(two_phases()), parse_scan_axes("YX|E"), "phases")
    return fit(data, latent_dim=2, overrides={"training": {"epochs": 4}})


@pytest.fixture(scope="module")
def scan_page(run: Run, live_part: None) -> str:
    return render(run)


@pytest.fixture
def opened(opened_live: Open) -> Open:
    return opened_live


def drag(page: Any, element: str, corners: list[tuple[float, float]]) -> None:
    """Press the pointer at the first place of an element, in shares of its size, and drag it along the others."""
    found = page.locator(element)
    found.scroll_into_view_if_needed()
    box = found.bounding_box()
    for i, (x, y) in enumerate(corners):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=4)
        if not i:
            page.mouse.down()
    page.mouse.up()


def test_a_lasso_in_the_scan_selects_places_and_their_codes(opened: Open, scan_page: str, run: Run) -> None:
    page = opened(scan_page)
    page.get_by_role("button", name="Lasso").click()
    drag(page, ".scan", [(0.01, 0.01), (0.49, 0.01), (0.49, 0.99), (0.01, 0.99), (0.01, 0.01)])
    selected = page.evaluate("narrows[0].selected")
    assert selected == [16 * y + x for y in range(14) for x in range(8)]
    until(page, "document.querySelector('.selection').textContent.includes('their mean signal')")
    assert "112 selected; their mean signal" in page.locator(".selection").text_content()
    assert run.evidence.originals is not None
    held_out = run.evidence.places
    assert held_out is not None
    mine = int(np.isin(held_out.held_out, selected).sum())
    assert f"Originals of the {mine} that this page carries" in page.locator(".selection").text_content()
    axe(page)


def test_a_selection_on_the_plane_is_shown_in_the_scan(opened: Open, scan_page: str, run: Run) -> None:
    page = opened(scan_page)
    page.get_by_role("button", name="Box").click()
    drag(page, ".plane", [(0.01, 0.01), (0.5, 0.99)])
    selected = page.evaluate("narrows[0].selected")
    assert selected
    alpha = "[...document.querySelector('.scan-places').getContext('2d').getImageData(0, 0, 16, 14).data]"
    shown = np.array(page.evaluate(f"{alpha}.filter((_, i) => i % 4 === 3)"))
    assert np.flatnonzero(shown == 255).tolist() == selected


def test_a_click_on_a_place_picks_it(opened: Open, scan_page: str) -> None:
    page = opened(scan_page)
    box = page.locator(".scan").bounding_box()
    page.locator(".scan").click(position={"x": 3.5 / 16 * box["width"], "y": 2.5 / 14 * box["height"]})
    until(page, "document.querySelector('.picked').textContent.includes('line 2, column 3')")
