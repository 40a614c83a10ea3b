"""The page of one graph in a real browser: its nodes on the plane, and what it says of them."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from narrows.data.graphs.graph import Graph, as_graph
from narrows.fitting.fit import fit
from narrows.report import partners, render
from narrows.runs import shown_nodes
from narrows.runs.links import likeliest
from narrows.runs.run import Run
from tests.browser import Open, rest
from tests.live_pages import axe, point
from tests.samples import communities

pytestmark = pytest.mark.usefixtures("live_part")

GRAPH = communities(60)
EDGES = GRAPH["edges"]
WORDS = tuple(f"word-{i}" for i in range(40))
LABELS = np.array(["art", "law", "sea", "war"])[GRAPH["labels"]]
IDS = tuple(f"paper-{i}" for i in range(60))


@pytest.fixture(scope="module")
def run() -> Run:
    graph = Graph(EDGES, GRAPH["x"], labels=LABELS, ids=IDS, feature_names=WORDS)
    return fit(as_graph(graph), latent_dim=4, overrides={"training": {"epochs": 5}})


@pytest.fixture(scope="module")
def page_of_run(run: Run, live_part: None) -> str:
    return render(run)


def pick(page: Any, *rows: int) -> None:
    page.evaluate("rows => narrows[0].setPicks(rows, null)", list(rows))
    rest(page)


def neighbours(row: int) -> list[int]:
    return sorted(int(other) for pair in EDGES.tolist() if row in pair for other in pair if other != row)


def test_a_node_shows_its_neighbours_and_features_and_they_are_joined_on_the_plane(
    opened_live: Open, page_of_run: str
) -> None:
    page = opened_live(page_of_run)
    for row in (5, 40):
        pick(page, row)
        panel, near = page.locator(".picked"), neighbours(row)
        assert panel.locator(".what").text_content() == f"paper-{row} · {LABELS[row]}"
        assert panel.locator("h3").first.text_content() == f"{len(near)} neighbours"
        assert panel.locator(".strip .chip").all_text_contents() == [IDS[other] for other in near]
        words = np.flatnonzero(GRAPH["x"][row])
        shown = panel.locator(".words bdi").all_text_contents()
        assert set(shown) <= {WORDS[word] for word in words}
        assert len(shown) == min(len(words), shown_nodes.MOST_FEATURES)
        joins = page.evaluate("narrows[0].plane.joins.filter((join) => !join.likely).length")
        assert joins == len(near)
        assert page.evaluate("narrows[0].plane.joins.filter((join) => join.likely).length") == 10


def test_likely_edges_are_those_of_links(opened_live: Open, page_of_run: str, run: Run) -> None:
    page = opened_live(page_of_run)
    found = likeliest(run, 10**4)
    for row in (0, 33):
        own = (found.pairs == row).any(axis=1)
        others = (found.pairs[own].sum(axis=1) - row)[:10]
        pick(page, row)
        table = page.locator(".picked .cells").first.locator("tbody tr")
        assert table.locator(".chip").all_text_contents() == [IDS[other] for other in others]
        shares = [float(text[:-2]) for text in table.locator(".odds").all_text_contents()]
        expected = 100 / (1 + np.exp(-found.log_odds[own][:10]))
        np.testing.assert_allclose(shares, expected, atol=0.11)


def test_what_is_picked_leads_on_to_its_neighbours(opened_live: Open, page_of_run: str) -> None:
    page = opened_live(page_of_run)
    pick(page, 5)
    other = page.locator(".picked .strip .chip").first
    name = other.text_content()
    other.click()
    page.locator(".picked .what", has_text=name).wait_for()
    page.get_by_role("button", name="Pick B, to compare").click()
    third = page.locator(".picked .strip .chip").last
    row = IDS.index(third.text_content())
    third.click()
    page.get_by_text("An edge joins them.").wait_for()
    both = set(neighbours(row)) & set(neighbours(IDS.index(name)))
    assert set(page.locator(".picked .strip .chip").all_text_contents()) == {IDS[each] for each in both}
    pick(page, 5)
    page.get_by_role("button", name="Select it and its neighbours").click()
    assert page.evaluate("narrows[0].selected") == [5, *neighbours(5)]


def test_a_node_is_found_by_name_and_by_keys_alone(opened_live: Open, page_of_run: str) -> None:
    page = opened_live(page_of_run)
    page.get_by_label("Find a node").fill("PAPER-17")
    page.keyboard.press("Enter")
    page.locator(".picked .what", has_text="paper-17").wait_for()
    assert page.evaluate("document.activeElement.className") == "plane"
    page.get_by_label("Find a node").fill("paper-2")
    assert page.locator(".search .chip").all_text_contents()[:3] == ["paper-2", "paper-20", "paper-21"]
    page.get_by_label("Find a node").fill("nobody")
    page.get_by_text("Nothing is called so.").wait_for()
    page.locator(".plane").focus()
    page.keyboard.press("Escape")
    page.get_by_text("Click a node, or find it by name").wait_for()
    for key in ("ArrowRight", "Shift+ArrowDown"):
        page.keyboard.press(key)
    for _ in range(12):
        page.keyboard.press("-")
    page.keyboard.press("Enter")
    page.locator(".picked .what").wait_for()
    assert page.locator(".nearest .where").text_content() in {*IDS, "No node is near"}


def test_a_node_is_picked_by_touch(opened_live: Open, page_of_run: str) -> None:
    page = opened_live(page_of_run, has_touch=True, viewport={"width": 390, "height": 844})
    page.locator(".plane").scroll_into_view_if_needed()
    box = page.locator(".plane").bounding_box()
    at = "(({view, xs, ys}) => view.toScreen(xs[21], ys[21]))(narrows[0].plane)"
    x, y = page.evaluate(at)
    page.touchscreen.tap(box["x"] + x, box["y"] + y)
    page.locator(".picked .what").wait_for()
    picked = page.evaluate("narrows[0].picks.rows[0]")
    px, py = page.evaluate(at.replace("21", str(picked)))
    assert np.hypot(px - x, py - y) < 14
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_lasso_selects_several_and_counts_their_edges(
    opened_live: Open, page_of_run: str, run: Run
) -> None:
    page = opened_live(page_of_run)
    page.get_by_role("button", name="Lasso").click()
    for i, (x, y) in enumerate([(0.02, 0.02), (0.6, 0.02), (0.6, 0.98), (0.02, 0.98)]):
        point(page, x, y, steps=5)
        if not i:
            page.mouse.down()
    page.mouse.up()
    rest(page)
    rows = page.evaluate("narrows[0].selected")
    assert 3 < len(rows) < 60
    inside = np.isin(EDGES, rows).sum(axis=1)
    said = page.locator(".selection").text_content()
    assert f"{(inside == 2).sum()} edges between them, {(inside == 1).sum()} to other nodes." in said
    with page.expect_download() as download:
        page.get_by_role("button", name="Codes as CSV").click()
    with Path(download.value.path()).open(newline="") as file:
        found = list(csv.DictReader(file))
    assert [row["id"] for row in found] == [IDS[row] for row in rows]
    codes = [[float(row[f"z{k}"]) for k in range(4)] for row in found]
    np.testing.assert_allclose(codes, run.evidence.codes[rows], atol=abs(run.evidence.codes).max() / 65000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(opened_live: Open, page_of_run: str, scheme: str, width: int) -> None:
    page = opened_live(page_of_run, color_scheme=scheme, viewport={"width": width, "height": 844})
    page.evaluate("narrows[0].setPicks([5], [1, 2, 3])")
    page.get_by_label("Find a node").fill("paper")
    rest(page)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_of_many_nodes_some_are_shown_and_that_is_said(
    opened_live: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shown_nodes, "MOST_NODES", 40)
    monkeypatch.setattr(partners, "MOST_PAIRS", 60 * 10)
    run = fit(as_graph(Graph(EDGES, nodes=60)), latent_dim=2, overrides={"training": {"epochs": 2}})
    html = render(run)
    assert "Looked for between 10 of the nodes and 40 others, drawn at random from all 60." in html
    page = opened_live(html)
    rows = run.evidence.nodes.rows
    inside = int(np.isin(EDGES, rows).all(axis=1).sum())
    foot = page.locator(".foot").text_content()
    assert f"40 of 60 nodes, drawn at random, and the {inside} edges between them of {len(EDGES)}." in foot
    near = [other for other in neighbours(rows[7]) if other in rows]
    pick(page, 7)
    assert page.locator(".picked .strip .chip").all_text_contents() == [f"node {other}" for other in near]
    told = page.locator(".picked h3").first.text_content()
    assert told == f"{len(neighbours(rows[7]))} neighbours, {len(near)} of them in this page"
    page.evaluate(
        "narrows[0].setPicks([[...Array(40).keys()].find((row) => !narrows[0].side.graph.partnersOf(row))], null)"
    )
    page.get_by_text("This page has them of 10 nodes, drawn at random").wait_for()
    assert page.get_by_label("Colour").input_value() == "quantity 0"


def test_two_runs_of_a_graph_share_what_is_picked(opened_live: Open, run: Run) -> None:
    page = opened_live(render(run, replace(run)))
    page.get_by_label("Find a node").first.fill("paper-9")
    page.keyboard.press("Enter")
    rest(page)
    assert page.locator(".picked .what").all_text_contents() == [f"paper-9 · {LABELS[9]}"] * 2
