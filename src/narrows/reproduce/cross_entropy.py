"""Deck P's exercises about numbers: where softmax overflows, and the forms of the cross-entropy."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from narrows.reproduce.drawings import lines
from narrows.reproduce.lab import Entry, Figure, Finding, Lab
from narrows.reproduce.softmax_regression import (
    SoftmaxRegression,
    cross_entropy,
    cross_entropy_by_index,
    cross_entropy_by_product,
    naive_softmax,
    one_hot,
    softmax,
)
from narrows.reproduce.tables import number, table, vector

INPUTS = (
    (100.0, 0.0, 0.0),
    (88.7, 0.0, 0.0),
    (88.8, 0.0, 0.0),
    (88.0, 88.0, 88.0),
    (-87.0, -88.0, -89.0),
    (-101.0, -102.0, -103.0),
    (-104.0, -105.0, -106.0),
)
"""Rows around the numbers at which exp leaves float32: the deck's 100 first, then its "below −100"."""


def stability(lab: Lab) -> Finding:
    """The naive softmax and the stable one on large and small inputs, in float32."""
    logits = torch.tensor(INPUTS)
    naive, stable = naive_softmax(logits), softmax(logits)
    error = float((stable - functional.softmax(logits.double(), 1)).abs().max())
    top, bottom = limit(88, 89), limit(-80, -110)
    measured = {
        "naive_at_100": vector(naive[0].tolist()),
        "stable_at_100": vector(stable[0].tolist()),
        "naive_at_-101": vector(naive[-2].tolist()),
        "naive_at_-104": vector(naive[-1].tolist()),
        "stable_at_-104": vector(stable[-1].tolist()),
        "naive_fails_above": top,
        "naive_fails_below": bottom,
        "largest_error_of_stable": error,
    }
    largest = float(np.finfo(np.float32).max)
    return Finding(
        measured,
        {"largest_float32": largest, "its_logarithm": math.log(largest)},
        bool(naive[0].isnan().any() and naive[-1].isnan().any() and error < 1e-6),
        "An input of 100 makes the naive form NaN: exp(100) is too large for float32, and ∞/∞ is no number; "
        f"that begins above {top:.2f}. With a largest input of −104 all powers round to 0, and 0/0 is NaN; "
        f"that begins below {number(bottom, 5)}. At −101 nothing is NaN, but the probabilities are wrong in "
        f"the second digit. With the row's largest input subtracted first, the error is at most {error:.0e}.",
        (side_by_side(naive, stable),),
    )


def limit(good: float, bad: float) -> float:
    """Where the naive softmax of one input in float32 turns to NaN between `good` and `bad`."""
    for _ in range(40):
        middle = (good + bad) / 2
        failed = bool(naive_softmax(torch.tensor([[middle]])).isnan().any())
        good, bad = (good, middle) if failed else (middle, bad)
    return round(good, 4)


def side_by_side(naive: Tensor, stable: Tensor) -> Figure:
    rows = zip(INPUTS, naive.tolist(), stable.tolist(), strict=True)
    return table(
        ("input", "naive: exp(o) / Σ exp(o)", "stable: the row's maximum subtracted"),
        (map(vector, row) for row in rows),
        "Softmax of three inputs in float32. (88, 88, 88) shows a quieter failure: each power still fits, "
        "their sum does not, and the probabilities are 0 and do not sum to one.",
    )


Form = Callable[[Tensor, Tensor], Tensor]

FORMS: Mapping[str, Form] = {
    "pick the probability (the deck's)": lambda o, y: cross_entropy_by_index(naive_softmax(o), y),
    "one-hot product": lambda o, y: cross_entropy_by_product(naive_softmax(o), one_hot(y, o.shape[1])),
    "from logits, by logsumexp": cross_entropy,
    "torch's own": lambda o, y: functional.cross_entropy(o, y, reduction="none"),
}
"""The cross-entropy of each row, from logits and whole numbers."""

DECKS, PRODUCT, LOGITS, TORCHS = FORMS

FEW, MANY = 10, 1000
"""Classes in the timings."""


class Compared(NamedTuple):
    """By form: the largest difference from torch's, costs at the ends of the logarithm, and times.

    The ends are the cost when the true class's logit lies 200 below the other, and 200 above.
    """

    differences: dict[str, float]
    below: dict[str, float]
    above: dict[str, float]
    times: dict[int, dict[str, float]]

    def ratio(self, form: str, classes: int) -> float:
        """The time of a form to that of the deck's."""
        return round(self.times[classes][form] / self.times[classes][DECKS], 2)


def forms_of_cross_entropy(lab: Lab) -> Finding:
    """Values, times, the domain of the logarithm, and the bound at zero."""
    found = compared(lab.pick(300, 60))
    smallest = {margin: bounds(margin) for margin in MARGINS}
    curve = descent(lab.pick(5000, 500))
    largest, least = max(found.differences.values()), smallest[MARGINS[-1]]["exact"]
    measured = {
        "largest_difference": largest,
        "microseconds": found.times[FEW],
        "microseconds_1000_classes": found.times[MANY],
        "time_to_the_decks": {form: found.ratio(form, FEW) for form in FORMS},
        "time_to_the_decks_1000_classes": {form: found.ratio(form, MANY) for form in FORMS},
        "cost_of_a_logit_200_below": {form: number(value) for form, value in found.below.items()},
        "cost_of_a_logit_200_above": {form: number(value) for form, value in found.above.items()},
        "smallest_cost_measured": least,
        "cost_after_steps": {str(steps): cost for steps, cost in curve.items()},
    }
    domain = math.isinf(found.below[DECKS]) and found.below[LOGITS] == 200
    positive = all(row["exact"] > 0 for row in smallest.values()) and min(curve.values()) > 0
    return Finding(
        measured,
        {"torch_microseconds": found.times[FEW][TORCHS], "torch_1000_classes": found.times[MANY][TORCHS]},
        largest < 1e-5 and domain and positive,
        f"The forms agree to {largest:.0e}. From logits takes {found.ratio(LOGITS, FEW):.1f} times as long "
        f"as the deck's form with {FEW} classes and {found.ratio(LOGITS, MANY):.1f} times with {MANY}; the "
        f"one-hot product {found.ratio(PRODUCT, FEW):.1f} and {found.ratio(PRODUCT, MANY):.1f} times. A "
        "probability that rounds to 0 has no finite logarithm: the deck's form gives ∞ for a wrong answer, "
        "the product NaN even for a right one; from logits the cost stays right. It is never zero for finite "
        f"weights: at a margin of {MARGINS[-1]:g} it is {least:.0e}. Rounding makes it 0 from a margin of "
        "about 17 in float32 and 37 in float64.",
        (forms_table(found), margins_table(smallest), descent_curve(curve)),
    )


def compared(repeats: int) -> Compared:
    values = {name: form(*example(FEW)) for name, form in FORMS.items()}
    differences = {name: float((value - values[TORCHS]).abs().max()) for name, value in values.items()}
    # A softmax without overflow, so that the probability alone is what goes wrong.
    far = torch.tensor([[-200.0, 0.0]])
    below, above = (
        {name: float(form(far, torch.tensor([y]))) for name, form in FORMS.items()} for y in (0, 1)
    )
    times = {classes: timed(*example(classes), repeats) for classes in (FEW, MANY)}
    return Compared(differences, below, above, times)


def example(classes: int) -> tuple[Tensor, Tensor]:
    """A batch of 256 rows of logits, and labels; always the same."""
    rng = torch.Generator().manual_seed(0)
    return 3 * torch.randn(256, classes, generator=rng), torch.randint(classes, (256,), generator=rng)


def timed(logits: Tensor, y: Tensor, repeats: int) -> dict[str, float]:
    """The median time of each form with its gradient, in microseconds, taken in turns."""
    logits.requires_grad_()
    times: dict[str, list[float]] = {name: [] for name in FORMS}
    for _ in range(repeats):
        for name, form in FORMS.items():
            start = time.perf_counter()
            torch.autograd.grad(form(logits, y).mean(), logits)
            times[name].append(1e6 * (time.perf_counter() - start))
    return {name: round(median(found), 1) for name, found in times.items()}


def forms_table(found: Compared) -> Figure:
    rows = (
        (
            form,
            f"{found.times[FEW][form]:.0f}",
            f"{found.times[MANY][form]:.0f}",
            number(found.differences[form], 1),
            number(found.below[form]),
            number(found.above[form]),
        )
        for form in FORMS
    )
    return table(
        ("form", f"µs, {FEW} classes", f"µs, {MANY} classes", "difference", "200 below", "200 above"),
        rows,
        "Each form in float32 on a batch of 256: the median time of value and gradient, the largest "
        "difference from torch's value, and the cost when the true class's logit lies 200 below the other or "
        "200 above. These are 200 and exp(−200); but a probability of exp(−200) rounds to 0, log 0 is −∞, "
        "and in the product 0 · log 0 is NaN, even where the answer is right.",
    )


MARGINS = (1.0, 5.0, 10.0, 16.0, 18.0, 35.0, 38.0, 100.0, 700.0)
"""By how much the right class's logit exceeds the other's."""


def bounds(margin: float) -> dict[str, float]:
    """The cost of a right answer among two classes: exact, and as the two precisions round it."""
    logits, right = torch.tensor([[margin, 0.0]], dtype=torch.float64), torch.tensor([0])
    return {
        "exact": math.log1p(math.exp(-margin)),
        "float64": float(cross_entropy(logits, right)),
        "float32": float(cross_entropy(logits.float(), right)),
    }


def margins_table(smallest: Mapping[float, Mapping[str, float]]) -> Figure:
    return table(
        ("margin", "exact: log(1 + exp(−margin))", "float64, from logits", "float32, from logits"),
        ((number(margin), *map(number, row.values())) for margin, row in smallest.items()),
        "The cost of a right answer among two classes shrinks with the margin of its logit and reaches zero "
        "only by rounding.",
    )


def descent(steps: int) -> dict[int, float]:
    """The cost of two points, −1 and 1, after 1, 10, 100 … and `steps` steps."""
    points: Sequence[Sequence[float]] = ((-1.0,), (1.0,))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        costs = SoftmaxRegression(1, 2).fit(points, [0, 1], epochs=steps, learning_rate=1.0)
    shown = [10**k for k in range(6) if 10**k < steps]
    return {n: costs[n - 1] for n in (*shown, steps)}


def descent_curve(curve: Mapping[int, float]) -> Figure:
    return lines(
        list(curve),
        {"cross-entropy": list(curve.values())},
        "Two points that a line can part, learned without end: the weights grow for ever, the cost falls "
        "about as 1/steps, and no step reaches zero.",
        across="steps",
        up="cross-entropy",
        log_x=True,
        log_y=True,
    )


E1 = Entry(
    "E1",
    "softmax, naive and stable",
    "Softmax as written is not robust against very large or small arguments: test it with an input of 100 "
    "and with a largest input below −100, and fix it.",
    stability,
)

E2 = Entry(
    "E2",
    "the forms of the cross-entropy",
    "Implement an alternative cross-entropy, analyse its performance, and consider the domain of the "
    "logarithm. The loss is never exactly zero for finite weights.",
    forms_of_cross_entropy,
)
