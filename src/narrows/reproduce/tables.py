"""Tables of the page, and the format of numbers in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from math import isfinite
from typing import Any

from narrows.reproduce.findings import Figure


def table(head: Iterable[str], rows: Iterable[Iterable[str]], caption: str) -> Figure:
    """A table whose cells are HTML; the first cell of each row is its heading."""
    heads = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{name}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
        for name, *cells in rows
    )
    html = f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    return Figure(f'<div class="scroll">{html}</div>', caption)


def number(value: float, digits: int = 3) -> str:
    """A number to `digits` significant digits as in print; below a million all digits before the point.

    >>> number(-0.12345), number(-0.0), number(1224), number(2.7e9), number(1e-44)
    ('−0.123', '0', '1,224', '2.7·10⁹', '10⁻⁴⁴')
    >>> number(float("nan")), number(float("-inf"))
    ('NaN', '−∞')
    """
    text = f"{value + 0.0:.{digits}g}"
    if "e+" in text and abs(value) < 1e6:
        text = f"{value:.0f}"
    if "e" not in text and isfinite(value):
        text = f"{Decimal(text):,}"
    mantissa, *power = text.replace("-", "−").replace("nan", "NaN").replace("inf", "∞").split("e")
    if not power:
        return mantissa
    factor = {"1": "", "−1": "−"}.get(mantissa, f"{mantissa}·")
    return f"{factor}10{power[0].removeprefix('+').lstrip('0').replace('−0', '−').translate(RAISED)}"


RAISED = str.maketrans("−0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
"""Digits as exponents."""


def interval(estimate: Mapping[str, Any]) -> str:
    """A value with its interval or, if it has none, with the single measurements.

    >>> interval({"value": 2.0, "low": 1.5, "high": 2.5, "values": ()})
    '2 [1.5, 2.5]'
    >>> interval({"value": 2.0, "low": 2.0, "high": 2.0, "values": (1.0, 2.0, 4.0)})
    '2 (1, 2, 4)'
    """
    value, low, high = (estimate[name] for name in ("value", "low", "high"))
    if low < high:
        return f"{number(value)} [{number(low)}, {number(high)}]"
    several = len(estimate["values"]) > 1
    return f"{number(value)} ({vector(estimate['values'])})" if several else number(value)


def vector(values: Iterable[float], digits: int = 3) -> str:
    """Numbers separated by commas.

    >>> vector([0.25, -1])
    '0.25, −1'
    """
    return ", ".join(number(value, digits) for value in values)


def medians_over(seeds: int) -> str:
    """How many trainings a system's values come from, as a sentence.

    >>> medians_over(3), medians_over(1)
    ('Medians over 3 seeds.', 'One seed.')
    """
    return "One seed." if seeds == 1 else f"Medians over {seeds} seeds."


def percent(share: float) -> str:
    r"""A fraction as a percentage, with a no-break space before the sign.

    >>> percent(0.8329).replace("\N{NO-BREAK SPACE}", " ")
    '83.3 %'
    """
    return f"{100 * share:.1f}\N{NO-BREAK SPACE}%"
