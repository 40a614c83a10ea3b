"""The page of many graphs in a real browser: what is decoded there is what the model gives."""

from __future__ import annotations

import networkx
import numpy as np
import pytest

from narrows.data.graphs.graph import Graph
from narrows.data.graphs.many import as_graphs
from narrows.fitting.fit import fit
from narrows.report import render
from narrows.runs.run import Run
from tests.browser import Open, rest
from tests.live_pages import axe, point

pytestmark = pytest.mark.usefixtures("live_part")


@pytest.fixture(scope="module")
def run() -> Run:
    rng = np.random.default_rng(0)
    graphs = []
    for i in range(80):
        n = int(rng.integers(4, 9))
        made = networkx.cycle_graph(n) if i % 2 else networkx.path_graph(n)
        edges, x = np.array(made.edges), rng.normal(size=(n, 2)) + i % 2
        graphs.append(Graph(edges, x, label=("path", "ring")[i % 2], name=f"graph-{i}"))
    graphs.append(Graph(np.empty((0, 2), np.int64), np.zeros((1, 2)), label="path", name="alone"))
    return fit(as_graphs(graphs, "families"), latent_dim=3, overrides={"training": {"epochs": 20}})


@pytest.fixture(scope="module")
def page_of_run(run: Run, live_part: None) -> str:
    return render(run)


def test_graphs_under_the_cursor_are_those_that_decode_gives(
    opened_live: Open, page_of_run: str, run: Run
) -> None:
    page = opened_live(page_of_run)
    sizes = set()
    for x, y in ((0.2, 0.3), (0.5, 0.5), (0.8, 0.4), (0.4, 0.8)):
        point(page, x, y)
        rest(page)
        code, values = page.evaluate("(({code, values}) => [[...code], [...values]])(narrows[0].shown)")
        (made,) = run.decode(np.array(code, np.float32)[None])
        np.testing.assert_allclose(np.array(values).reshape(made.shape), made, rtol=1e-4, atol=1e-4)
        there = ~np.isnan(made[:, 2])
        nodes, edges = int(there.sum()), int(np.nansum(made[:, 2:]) / 2)
        told = page.locator(".under .readout").text_content()
        assert told == f"{nodes} node{'s' * (nodes != 1)}, {edges} edge{'s' * (edges != 1)}"
        sizes.add(nodes)
    assert len(sizes) > 1


def test_a_graph_is_drawn_over_its_reconstruction_and_its_nodes_are_read(
    opened_live: Open, page_of_run: str, run: Run
) -> None:
    page = opened_live(page_of_run)
    originals = run.evidence.originals
    row = int(np.argmax((~np.isnan(originals[:, :, 2])).sum(axis=1)))
    page.evaluate("row => narrows[0].setPicks([row], null)", row)
    page.locator(".picked canvas").wait_for()
    rest(page)
    edges = int(np.nansum(originals[row][:, 2:]) / 2)
    nodes = int((~np.isnan(originals[row][:, 2])).sum())
    told = page.locator(".picked .readout").first.text_content()
    assert told.startswith(f"{nodes} nodes, {edges} edges; reconstructed ")
    page.locator(".picked canvas").hover(position={"x": 40, "y": 40})
    read = page.locator(".picked .readout").nth(1).text_content()
    node = int(read.split(":")[0].removeprefix("node "))
    assert f"feature 0 {float(f'{originals[row, node, 0]:.4g}'):g}".replace("-", "−") in read
    page.get_by_label("Colour").select_option(label="edges")
    assert page.locator(".ramp").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(opened_live: Open, page_of_run: str, scheme: str) -> None:
    page = opened_live(page_of_run, color_scheme=scheme, viewport={"width": 390, "height": 844})
    page.evaluate("narrows[0].setPicks([1, 2], [0, 3, 4])")
    page.get_by_role("button", name="Grid").click()
    rest(page)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
