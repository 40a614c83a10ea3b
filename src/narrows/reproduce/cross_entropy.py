"""Numerical exercises of lecture P: overflow of the softmax (E1), and forms of the cross-entropy (E2)."""

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
from narrows.reproduce.findings import Figure, Finding, at_least, at_most
from narrows.reproduce.lab import Entry, Lab
from narrows.reproduce.tables import number, table, vector
from narrows.tasks.classification.softmax import (
    SoftmaxModel,
    cross_entropy,
    cross_entropy_by_index,
    cross_entropy_by_product,
    naive_softmax,
    one_hot,
    softmax,
)
from narrows.training.devices import seeded

INPUTS = (
    (100.0, 0.0, 0.0),
    (88.7, 0.0, 0.0),
    (88.8, 0.0, 0.0),
    (88.0, 88.0, 88.0),
    (-87.0, -88.0, -89.0),
    (-101.0, -102.0, -103.0),
    (-104.0, -105.0, -106.0),
)
"""Rows near the values at which exp overflows or underflows in float32, and the lecture's 100."""


def stability(lab: Lab) -> Finding:
    """The naive and the stable softmax on large and small inputs, in float32."""
    logits = torch.tensor(INPUTS)
    naive, stable = naive_softmax(logits), softmax(logits)
    error = float((stable - functional.softmax(logits.double(), 1)).abs().max())
    top, bottom = limit(88, 89), limit(-80, -110)
    largest = float(np.finfo(np.float32).max)
    return Finding(
        {
            "naive_at_100": vector(naive[0].tolist()),
            "stable_at_100": vector(stable[0].tolist()),
            "naive_at_-101": vector(naive[-2].tolist()),
            "naive_at_-104": vector(naive[-1].tolist()),
            "stable_at_-104": vector(stable[-1].tolist()),
            "naive_fails_above": top,
            "naive_fails_below": bottom,
            "largest_error_of_stable": error,
        },
        {"largest_float32": largest, "its_logarithm": math.log(largest)},
        (
            at_least("NaN of the naive form at 100", int(naive[0].isnan().sum()), 1, "the exercise"),
            at_least("NaN of the naive form at −104", int(naive[-1].isnan().sum()), 1, "the exercise"),
            at_most("largest error of the stable form", error, 1e-6, "softmax in float64"),
        ),
        "For an input of 100 the naive form is NaN, because exp(100) exceeds the range of float32 and ∞/∞ is "
        f"NaN; this begins above {top:.2f}.\nFor a largest input of −104 all exponentials round to 0, and "
        f"0/0 is NaN; this begins below {number(bottom, 5)}. At −101 the probabilities are wrong in the "
        "second digit.\nIf the largest input of the row is subtracted first, the error is at most "
        f"{number(error, 1)}.",
        (side_by_side(naive, stable),),
    )


def limit(good: float, bad: float) -> float:
    """The input between `good` and `bad` at which the naive softmax of one float32 input becomes NaN."""
    for _ in range(40):
        middle = (good + bad) / 2
        failed = bool(naive_softmax(torch.tensor([[middle]])).isnan().any())
        good, bad = (good, middle) if failed else (middle, bad)
    return round(good, 4)


def side_by_side(naive: Tensor, stable: Tensor) -> Figure:
    rows = zip(INPUTS, naive.tolist(), stable.tolist(), strict=True)
    return table(
        ("input", "naive: exp(o) / Σ exp(o)", "stable: the largest input subtracted"),
        (map(vector, row) for row in rows),
        "Softmax of three inputs in float32. For (88, 88, 88) the naive form fails without a NaN: each "
        "exponential is in range, their sum is not, and the probabilities are 0 and do not sum to one.",
    )


Form = Callable[[Tensor, Tensor], Tensor]
"""From logits `(n, classes)` and classes `(n,)` to the cross-entropy of each row `(n,)`."""

FORMS: Mapping[str, Form] = {
    "pick the probability (lecture)": lambda o, y: cross_entropy_by_index(naive_softmax(o), y),
    "one-hot product": lambda o, y: cross_entropy_by_product(naive_softmax(o), one_hot(y, o.shape[1])),
    "from logits, by logsumexp": cross_entropy,
    "torch": lambda o, y: functional.cross_entropy(o, y, reduction="none"),
}

LECTURE, PRODUCT, LOGITS, TORCH = FORMS

DOMAIN = "the exercise: outside the domain of the logarithm"

FEW, MANY = 10, 1000
"""Classes in the timings."""


class Compared(NamedTuple):
    """The forms of the cross-entropy, compared.

    Attributes:
        differences: by form, the largest difference from torch's value.
        below: by form, the cross-entropy when the true class's logit is 200 below the other.
        above: the same, 200 above.
        times: by number of classes and form, microseconds for value and gradient.
    """

    differences: dict[str, float]
    below: dict[str, float]
    above: dict[str, float]
    times: dict[int, dict[str, float]]

    def ratio(self, form: str, classes: int) -> float:
        """The time of a form divided by that of the lecture's."""
        return round(self.times[classes][form] / self.times[classes][LECTURE], 2)

    @property
    def infinite(self) -> int:
        """How many forms have no finite value for a logit 200 below."""
        return sum(not math.isfinite(value) for value in self.below.values())

    @property
    def error(self) -> float:
        """How far the form from logits is from the exact value, 200, for a logit 200 below."""
        return abs(self.below[LOGITS] - 200)


def forms_of_cross_entropy(lab: Lab) -> Finding:
    """Values and times of the forms, the domain of the logarithm, and the lower bound of zero."""
    compared = compare(lab.pick(300, 60))
    smallest = {margin: bounds(margin) for margin in MARGINS}
    curve = train_for_long(lab.pick(5000, 500))
    largest, least = max(compared.differences.values()), smallest[MARGINS[-1]]["exact"]
    lowest = min(*(row["exact"] for row in smallest.values()), *curve.values())
    return Finding(
        {
            **named(compared),
            "smallest_cost_measured": least,
            "cost_after_steps": {str(steps): cost for steps, cost in curve.items()},
        },
        {"torch_microseconds": compared.times[FEW][TORCH], "torch_1000_classes": compared.times[MANY][TORCH]},
        (
            at_most("largest difference between the forms", largest, 1e-5, "rounding in float32"),
            at_least("forms without a finite value at 200 below", compared.infinite, 1, DOMAIN),
            at_most("|value from logits − 200| at 200 below", compared.error, 1e-4, "rounding in float32"),
            at_least("smallest cross-entropy of finite weights", lowest, np.finfo(float).tiny, "above 0"),
        ),
        f"{time_sentence(compared)}\nA probability that rounds to 0 has no finite logarithm. For a true "
        "class with a logit 200 below the other, the lecture's form gives "
        f"{number(compared.below[LECTURE])}; for one 200 above, the product gives "
        f"{number(compared.above[PRODUCT])}; from logits the values are {number(compared.below[LOGITS])} "
        f"and {number(compared.above[LOGITS])}.\nThe cross-entropy is positive for finite weights: at a "
        f"margin of {MARGINS[-1]:g} it is {number(least, 1)}. By rounding it becomes 0 from a margin of "
        "about 17 in float32 and 37 in float64.",
        (forms_table(compared), margins_table(smallest), training_curve(curve)),
    )


def named(compared: Compared) -> dict[str, object]:
    """The comparison, with names for the page."""
    return {
        "largest_difference": max(compared.differences.values()),
        "microseconds": compared.times[FEW],
        "microseconds_1000_classes": compared.times[MANY],
        "time_relative_to_lecture": {form: compared.ratio(form, FEW) for form in FORMS},
        "time_relative_to_lecture_1000_classes": {form: compared.ratio(form, MANY) for form in FORMS},
        "cost_of_a_logit_200_below": {form: number(value) for form, value in compared.below.items()},
        "cost_of_a_logit_200_above": {form: number(value) for form, value in compared.above.items()},
    }


def time_sentence(compared: Compared) -> str:
    return (
        f"The forms agree to {number(max(compared.differences.values()), 1)}. The form from logits takes "
        f"{compared.ratio(LOGITS, FEW):.1f} times as long as the lecture's with {FEW} classes and "
        f"{compared.ratio(LOGITS, MANY):.1f} times with {MANY}; the one-hot product takes "
        f"{compared.ratio(PRODUCT, FEW):.1f} and {compared.ratio(PRODUCT, MANY):.1f} times as long."
    )


def compare(repeats: int) -> Compared:
    values = {name: form(*example(FEW)) for name, form in FORMS.items()}
    differences = {name: float((value - values[TORCH]).abs().max()) for name, value in values.items()}
    # This softmax does not overflow, so that only the small probability is tested.
    extreme = torch.tensor([[-200.0, 0.0]])
    below, above = (
        {name: float(form(extreme, torch.tensor([y]))) for name, form in FORMS.items()} for y in (0, 1)
    )
    times = {classes: timed(*example(classes), repeats) for classes in (FEW, MANY)}
    return Compared(differences, below, above, times)


def example(classes: int) -> tuple[Tensor, Tensor]:
    """A batch of 256 rows of logits, and classes; always the same."""
    rng = torch.Generator().manual_seed(0)
    return 3 * torch.randn(256, classes, generator=rng), torch.randint(classes, (256,), generator=rng)


def timed(logits: Tensor, y: Tensor, repeats: int) -> dict[str, float]:
    """The median time of each form with its gradient, in microseconds; the forms alternate."""
    logits.requires_grad_()
    times: dict[str, list[float]] = {name: [] for name in FORMS}
    for _ in range(repeats):
        for name, form in FORMS.items():
            start = time.perf_counter()
            torch.autograd.grad(form(logits, y).mean(), logits)
            times[name].append(1e6 * (time.perf_counter() - start))
    return {name: round(median(seconds), 1) for name, seconds in times.items()}


def forms_table(compared: Compared) -> Figure:
    rows = (
        (
            form,
            f"{compared.times[FEW][form]:.0f}",
            f"{compared.times[MANY][form]:.0f}",
            number(compared.differences[form], 1),
            number(compared.below[form]),
            number(compared.above[form]),
        )
        for form in FORMS
    )
    return table(
        ("form", f"µs, {FEW} classes", f"µs, {MANY} classes", "difference", "200 below", "200 above"),
        rows,
        "Each form in float32 on a batch of 256: the median time of value and gradient, the largest "
        "difference from torch's value, and the cross-entropy when the true class's logit is 200 below or "
        "200 above the other. The exact values are 200 and exp(−200). A probability of exp(−200) rounds to "
        "0, log 0 is −∞, and in the product 0 · log 0 is NaN even for the true class.",
    )


MARGINS = (1.0, 5.0, 10.0, 16.0, 18.0, 35.0, 38.0, 100.0, 700.0)
"""The difference of the true class's logit and the other's."""


def bounds(margin: float) -> dict[str, float]:
    """The cross-entropy of a correct prediction with two classes: exact, and rounded in each precision."""
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
        "The cross-entropy of a correct prediction with two classes decreases with the margin of its logit, "
        "and becomes zero only by rounding.",
    )


def train_for_long(steps: int) -> dict[int, float]:
    """The cross-entropy of two separable points, −1 and 1, after 1, 10, 100 … and `steps` steps."""
    points: Sequence[Sequence[float]] = ((-1.0,), (1.0,))
    with seeded(0, torch.device("cpu")):
        costs = SoftmaxModel(1, 2).fit(points, [0, 1], epochs=steps, learning_rate=1.0)
    shown = [10**k for k in range(6) if 10**k < steps]
    return {n: costs[n - 1] for n in (*shown, steps)}


def training_curve(curve: Mapping[int, float]) -> Figure:
    return lines(
        list(curve),
        {"cross-entropy": list(curve.values())},
        "Softmax regression on two separable points. The weights grow with every step, and the cross-entropy "
        "decreases about as 1/steps without reaching zero.",
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
