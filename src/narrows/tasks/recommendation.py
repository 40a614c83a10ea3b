"""Which recipe and how many latent dimensions to take, from the errors of fits with one seed or several."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from statistics import fmean, stdev
from typing import NamedTuple

import numpy as np

Curve = Mapping[int, Mapping[int, float]]
"""Errors of one recipe, without outlying rows, by latent dimensions and seed."""

BENT = 0.1
"""How far below the line between its ends a curve bends at the least, as a share of its whole fall."""

CLOSE = 0.05
"""The share by which an error may exceed the least and count as equally good."""


class Words(NamedTuple):
    """How errors are called in a recommendation.

    Attributes:
        said: the errors of fits that differ by their seeds, in words.
        lowered: the word for what a larger code lowers.
    """

    said: Callable[[Sequence[float]], str]
    lowered: str = "it"


class Recommendation(NamedTuple):
    """What is recommended.

    Attributes:
        best: the recipe with the smallest mean logarithm of the error.
        knee: latent dimensions at which its curve bends; None where it does not, or not in most seeds.
        knees: the same for the curve of each seed.
        sentence: the recommendation.
    """

    best: str
    knee: int | None
    knees: list[int | None]
    sentence: str


def recommend(curves: Mapping[str, Curve], words: Words) -> Recommendation:
    """The recommendation from the curves of recipes by name."""
    best = best_recipe(curves)
    curve = curves[best]
    knee = stable_knee(curve)
    text = unbent(curve, best, words) if knee is None else bent(curve, best, knee, words)
    also = "".join(f" {name} is as good within the spread over seeds." for name in rivals(curves, best))
    return Recommendation(best, knee, knees(curve), text + also)


def best_recipe(curves: Mapping[str, Curve]) -> str:
    """The recipe with the smallest mean logarithm of the error, over the fits that all recipes have."""
    shared = set.intersection(*({(d, seed) for d in c for seed in c[d]} for c in curves.values()))
    return min(curves, key=lambda name: sum(logarithm(curves[name][d][seed]) for d, seed in shared))


def rivals(curves: Mapping[str, Curve], best: str) -> list[str]:
    """The other recipes whose errors exceed those of `best` by no more than that varies over seeds."""
    others = (name for name in curves if name != best)
    return [name for name in others if small(excess(curves[name], curves[best]))]


def excess(theirs: Curve, ours: Curve) -> list[float]:
    """How much larger the logarithm of their error is, of each seed the mean over the sizes of both."""
    by_seed: dict[int, list[float]] = {}
    for d in theirs.keys() & ours.keys():
        for seed in theirs[d].keys() & ours[d].keys():
            difference = logarithm(theirs[d][seed]) - logarithm(ours[d][seed])
            by_seed.setdefault(seed, []).append(difference)
    return [*map(fmean, by_seed.values())]


def logarithm(error: float) -> float:
    return math.log(error + 1e-300)


def small(differences: Sequence[float]) -> bool:
    """Whether the mean of `differences`, one for each seed, is within their standard deviation.

    >>> small([0.1, 0.3, -0.1]), small([0.1, 0.12, 0.11]), small([0.0])
    (True, False, False)
    """
    return len(differences) > 1 and fmean(differences) <= stdev(differences)


def means(curve: Curve) -> dict[int, float]:
    """The mean error over seeds by latent dimensions, the smallest first."""
    return {d: fmean(curve[d].values()) for d in sorted(curve)}


def knees(curve: Curve) -> list[int | None]:
    """The knee of the curve of each seed."""
    seeds = sorted({seed for errors in curve.values() for seed in errors})
    return [bend([(d, curve[d][seed]) for d in sorted(curve) if seed in curve[d]]) for seed in seeds]


def stable_knee(curve: Curve) -> int | None:
    """The knee of the mean curve, if most seeds have it there and no smaller code is within the spread."""
    knee, each = bend(list(means(curve).items())), knees(curve)
    if knee is None or 2 * each.count(knee) <= len(each):
        return None
    return None if any(within_spread(curve, d) for d in curve if d < knee) else knee


def within_spread(curve: Curve, size: int) -> bool:
    """Whether the errors at `size` exceed those at the best size by no more than that varies over seeds.

    The difference is taken seed by seed, because all sizes have the parts of the data of a seed in common.
    """
    errors = means(curve)
    return small(differences(curve, size, min(errors, key=lambda d: errors[d])))


def differences(curve: Curve, size: int, other: int) -> list[float]:
    """How much larger the error at `size` is than at the `other`, of each seed that has both."""
    return [curve[size][seed] - error for seed, error in curve[other].items() if seed in curve[size]]


def bend(points: Sequence[tuple[int, float]]) -> int | None:
    """The size whose error is furthest below the line between the ends; sizes on a logarithmic scale.

    The curve ends where its error is least. None where no size between the ends lies below the line by
    `BENT`, as of a straight curve, or where the error falls by no more than `CLOSE`.

    Satopää et al. 2011, "Finding a 'kneedle' in a haystack".

    >>> bend([(2, 10.0), (4, 5.0), (8, 1.0), (16, 0.8), (32, 0.7)])
    8
    >>> bend([(2, 10.0), (4, 8.0), (8, 6.0), (16, 4.0), (32, 2.0)]) is None
    True
    """
    sizes, errors = np.array(points, dtype=np.float64).T
    end = int(errors.argmin())
    fall = errors[0] - errors[end]
    if end < 2 or fall <= CLOSE * errors[0]:
        return None
    x = np.log(sizes[: end + 1] / sizes[0]) / np.log(sizes[end] / sizes[0])
    below = 1 - x - (errors[: end + 1] - errors[end]) / fall
    return int(sizes[below.argmax()]) if below.max() >= BENT else None


def bent(curve: Curve, best: str, knee: int, words: Words) -> str:
    """The recommendation of a curve with a `knee`."""
    errors, each = means(curve), knees(curve)
    larger = min(size for size in errors if size > knee)
    saved = 100 * (1 - errors[larger] / max(errors[knee], 1e-300))
    shared = f" in {each.count(knee)} of {len(each)} seeds" if len(each) > 1 else ""
    within = ", within the spread over seeds" if small(differences(curve, knee, larger)) else ""
    more = f"{larger} would lower {words.lowered} by {saved:.0f} %{within}"
    where = f"{dimensions(knee)}, where the curve bends{shared}"
    return f"Take {best} with {where}: {words.said([*curve[knee].values()])}; {more}."


def unbent(curve: Curve, best: str, words: Words) -> str:
    """The recommendation of a curve without a knee."""
    errors = means(curve)
    least = min(errors.values())
    size = min(d for d in errors if errors[d] <= (1 + CLOSE) * least or within_spread(curve, d))
    said = words.said([*curve[size].values()])
    few_sizes = "; a knee needs three code sizes" if len(errors) < 3 else ""
    if size < max(errors):
        share = f"{100 * CLOSE:.0f} %"
        both = f"both {share} and the spread over seeds" if len(curve[size]) > 1 else share
        more = f"no larger one of the sizes tried is better by more than {both}"
        return f"Take {best} with {dimensions(size)}: {said}; {more}{few_sizes}."
    falls = (
        few_sizes or f"; {words.lowered} falls up to the largest size tried, and its curve {no_bend(curve)}"
    )
    return f"Take {best} with {dimensions(size)} or more: {said}{falls}."


def no_bend(curve: Curve) -> str:
    """Why a curve has no knee.

    >>> no_bend({2: {0: 9.0, 1: 9.0}, 4: {0: 1.0, 1: 9.0}, 8: {0: 0.5, 1: 9.0}})
    'has no bend that most seeds share (at 4 in 1, nowhere in 1)'
    """
    each = knees(curve)
    if all(knee is None for knee in each):
        return "has no bend"
    counts = sorted(Counter(each).items(), key=lambda item: (item[0] is None, item[0]))
    places = ", ".join(f"{'nowhere' if d is None else f'at {d}'} in {n}" for d, n in counts)
    return f"has no bend that most seeds share ({places})"


def dimensions(size: int) -> str:
    return f"{size} latent dimension{'s' * (size > 1)}"
