"""The page of the table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from narrows.report.mathml import mathml
from narrows.report.template import fill
from narrows.reproduce.catalogue import LECTURES
from narrows.reproduce.formulas import formula_of
from narrows.reproduce.measurement import Row
from narrows.reproduce.tables import interval, number, vector

COLOURS = {True: "beats", False: "does-not-beat", None: "cannot-tell"}
"""The style of a verdict."""

KEPT = {True: "yes", False: "no", None: "cannot tell"}
"""Whether a bound is kept."""


def page(rows: Sequence[Row], *, quick: bool, seed: int) -> str:
    """The HTML page: contents with the verdicts at a glance, then one section per lecture."""
    by_id = {row["id"]: row for row in rows}
    lectures = [
        (letter, name, [by_id[i] for i in ids.split() if i in by_id])
        for letter, (name, ids) in LECTURES.items()
    ]
    contents = {
        "lectures": lectures,
        "summary": summary(rows),
        "quick": quick,
        "seed": seed,
        "formulas": {name: typeset(name) for name in by_id},
        "colour": COLOURS,
        "kept": KEPT,
    }
    words = {"prose": prose, "interval": interval, "short": number, "named": named, "sized": sized}
    return fill("reproduce.html", {**contents, **words})


PLURAL = {"holds": "hold", "does not hold here": "do not hold here", "cannot tell": "cannot be told"}
SINGULAR = {"cannot tell": PLURAL["cannot tell"]}


def summary(rows: Sequence[Row]) -> str:
    """How many entries have each verdict, the most frequent first.

    >>> summary([{"verdict": "holds"}, {"verdict": "reached"}, {"verdict": "holds"}])
    '3 entries: 2 hold, 1 reached'
    >>> summary([{"verdict": "holds"}])
    '1 entry: 1 holds'
    """
    counts = Counter(row["verdict"] for row in rows).most_common()
    words = (f"{n} {(SINGULAR if n == 1 else PLURAL).get(verdict, verdict)}" for verdict, n in counts)
    return f"{len(rows)} {'entry' if len(rows) == 1 else 'entries'}: {', '.join(words)}"


def typeset(name: str) -> str:
    """The formula of an entry as MathML; empty if it has none."""
    formula = formula_of(name)
    return mathml(formula) if formula else ""


def prose(text: str) -> str:
    r"""Sentences as HTML: `code` between backticks as such, and a numbered list if there are several lines.

    >>> prose("`narrows fit` is < 1.")
    '<p><code>narrows fit</code> is &lt; 1.</p>'
    >>> prose("One.\nTwo.")
    '<ol><li>One.</li><li>Two.</li></ol>'
    """
    html = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))
    steps = html.split("\n")
    return f"<p>{html}</p>" if len(steps) == 1 else f"<ol><li>{'</li><li>'.join(steps)}</li></ol>"


def sized(html: str) -> str:
    """Drawings of one font size: as wide as they were drawn, and on a phone not much smaller.

    >>> sized('<svg viewBox="0 0 300 200">')
    '<svg style="min-width: 225px; max-width: 384px" viewBox="0 0 300 200">'
    """

    def widths(start: re.Match[str]) -> str:
        width = float(start[1])
        style = f"min-width: {0.75 * width:.0f}px; max-width: {1.28 * width:.0f}px"
        return f'<svg style="{style}" {start[0].removeprefix("<svg ")}'

    return re.sub(r'<svg viewBox="0 0 ([\d.]+)', widths, html)


def named(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The values with their names in words, those of inner mappings each on its own.

    >>> list(named({"test_mse": 0.123456789, "by_beta": {"1": True}}))
    [('test mse', '0.1235'), ('by beta, 1', 'yes')]
    """
    for key, value in values.items():
        name = str(key).replace("_", " ")
        if isinstance(value, Mapping):
            yield from ((f"{name}, {inner}", text) for inner, text in named(value))
        else:
            yield name, shown(value)


def shown(value: Any) -> str:
    """A JSON value in words: numbers with four digits, lists with commas.

    >>> shown([0.25, 1]), shown(60000), shown(None)
    ('0.25, 1', '60,000', 'none')
    """
    if isinstance(value, list | tuple) and all(isinstance(item, float | int) for item in value):
        return vector(value, 4)
    if isinstance(value, list | tuple):
        return ", ".join(map(shown, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return "none" if value is None else number(value, 4) if isinstance(value, float) else str(value)
