"""Numbers as people write them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import fmean, stdev

GROUPED, LARGEST = 10_000, 1e15
"""From the first on digits stand in groups of three; numbers from the second on have an exponent."""

FIXED = 1e-5, 10
"""Standard deviations that are written with two digits, and decimals of their mean."""


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


def percents(shares: Sequence[float]) -> str:
    """The mean of `shares` in percent, and of several their standard deviation.

    >>> percents([0.957]), percents([0.95, 0.96])
    ('95.7 %', '95.5 ± 0.7 %')
    """
    return f"{mean_and_spread([100 * share for share in shares], '{:.1f}'.format)} %"


def mean_and_spread(values: Sequence[float], said: Callable[[float], str] | None = None) -> str:
    """The mean of `values`, and of several their standard deviation, each as `said`.

    Without `said` the standard deviation has two digits, and the mean as many decimals.

    >>> mean_and_spread([0.25]), mean_and_spread([0.02, 0.03]), mean_and_spread([1.0, 1.0])
    ('0.25', '0.0250 ± 0.0071', '1 ± 0')
    >>> mean_and_spread([20_000, 30_000]), mean_and_spread([1.0, 1.5], "{:.1f}".format)
    ('25,000 ± 7071', '1.2 ± 0.4')
    """
    mean, spread = fmean(values), stdev(values) if len(values) > 1 else None
    if spread is None:
        return (said or number)(mean)
    if said is None and FIXED[0] <= spread < FIXED[1]:
        decimals = 1 - math.floor(math.log10(spread))
        return f"{mean:.{decimals}f} ± {spread:.{decimals}f}"
    return f"{said(mean)} ± {said(spread)}" if said else f"{number(mean)} ± {number(spread, 2)}"


def count(n: int, noun: str) -> str:
    """So many of what a noun names.

    >>> count(1, "example"), count(2000, "example")
    ('1 example', '2,000 examples')
    """
    return f"{n:,} {noun}{'s' * (n != 1)}"
