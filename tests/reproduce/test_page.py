from __future__ import annotations

from typing import Any

from narrows.reproduce.page import page

CHECK = {
    "quantity": "error <1>",
    "measured": {"value": 0.25, "low": 0.125, "high": 0.5, "values": []},
    "relation": "at most",
    "bound": 0.3,
    "source": "PCA & co",
    "outcome": None,
}


def row(name: str, holds: bool | None, verdict: str) -> dict[str, Any]:
    return {
        "id": name,
        "system": "a system",
        "statement": "What it says.",
        "sentence": "What was measured.",
        "deck": {},
        "measured": {"error": 0.25},
        "yardstick": {},
        "checks": [CHECK],
        "figures": [],
        "holds": holds,
        "verdict": verdict,
        "seconds": 1.0,
        "cpu_seconds": 1.0,
    }


def test_the_page_counts_the_verdicts_and_shows_what_each_rests_on() -> None:
    rows = [row("P1", True, "reached"), row("K8", None, "cannot tell"), row("K7", True, "holds")]
    html = page(rows, quick=False, seed=0)
    assert "3 entries: 1 reached, 1 cannot be told, 1 holds" in html
    assert "error &lt;1&gt;" in html
    assert "0.25 [0.125, 0.5]" in html
    assert "at most 0.3: PCA &amp; co" in html
    assert html.index('id="P1"') < html.index('id="K7"') < html.index('id="K8"')


def test_the_contents_link_to_every_entry_with_its_verdict() -> None:
    html = page([row("P1", True, "reached"), row("K8", None, "cannot tell")], quick=True, seed=0)
    contents = html[html.index("<nav>") : html.index("</nav>")]
    assert '<a href="#K8">' in contents
    assert '<span class="cannot-tell">cannot tell</span>' in contents
    assert '<span class="beats">reached</span>' in contents


def test_inner_numbers_are_named_one_by_one_and_rounded() -> None:
    inner = row("P1", True, "reached") | {"measured": {"by_beta": {"1": 0.123456789, "4": [1, 2]}}}
    html = page([inner], quick=True, seed=0)
    assert "<dt>measured: by beta, 1</dt><dd>0.1235</dd>" in html
    assert "<dt>measured: by beta, 4</dt><dd>1, 2</dd>" in html


def test_drawings_have_one_font_size_at_any_width() -> None:
    drawn = {"html": '<svg viewBox="0 0 300 200" role="img"></svg>', "caption": "A plot."}
    html = page([row("P1", True, "reached") | {"figures": [drawn]}], quick=True, seed=0)
    assert '<svg style="min-width: 225px; max-width: 384px" viewBox="0 0 300 200" role="img">' in html


def test_formulas_are_typeset_and_code_is_marked() -> None:
    spoken = row("P3", True, "reached") | {"sentence": "First `narrows fit`.\nThen b < c."}
    html = page([spoken], quick=True, seed=0)
    assert "<math" in html
    assert "<ol><li>First <code>narrows fit</code>.</li><li>Then b &lt; c.</li></ol>" in html
