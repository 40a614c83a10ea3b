"""Numbers as people write them."""

from __future__ import annotations

import math

GROUPED, LARGEST = 10_000, 1e15
"""From the first on digits stand in groups of three; numbers from the second on have an exponent."""


def number(value: float, digits: int = 4) -> str:
    """`value` with so many digits, or all of those before the decimal point.

    >>> number(57000), number(1234.5678), number(0.25), number(9999.96)
    ('57,000', '1235', '0.25', '10,000')
    >>> number(-1573771.2), number(2023, 2), number(1e20)
    ('-1,573,771', '2023', '1e+20')
    """
    if math.isfinite(value) and abs(value) < LARGEST:
        whole = abs(round(value))
        if whole >= GROUPED:
            return f"{value:,.0f}"
        if whole >= 10**digits:
            return f"{value:.0f}"
    return f"{value:.{digits}g}"


def times(ratio: float, decimals: int = 2) -> str:
    """How many times one quantity is another: with decimals below 10, then as `number`.

    >>> times(1.5), times(0.75, 3), times(898725.1)
    ('1.50', '0.750', '898,725')
    """
    return f"{ratio:.{decimals}f}" if ratio < 10 else number(ratio)
