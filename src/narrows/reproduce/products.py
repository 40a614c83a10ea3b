"""Lecture P: a minibatch by one matrix product, and by loops (E4)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from operator import mul

import numpy as np

from narrows.data.schema import Array
from narrows.reproduce.findings import Figure, Finding, at_least, at_most, mean_of
from narrows.reproduce.lab import Entry, Lab
from narrows.reproduce.tables import number, table

ROWS, INPUTS, CLASSES = 64, 784, 10
"""The minibatch, and the weights of P6."""

REPEATS = 20
"""Timings of each form; the forms alternate."""


def by_elements(x: Array, w: Array, b: Array) -> Array:
    """X W + b with a loop over examples, classes and pixels."""
    columns, biases = w.T.tolist(), b.tolist()
    return np.array(
        [
            [bias + sum(map(mul, row, column)) for column, bias in zip(columns, biases, strict=True)]
            for row in x.tolist()
        ]
    )


def by_examples(x: Array, w: Array, b: Array) -> Array:
    """X W + b with a loop over examples: one matrix-vector product each."""
    return np.stack([row @ w + b for row in x])


def at_once(x: Array, w: Array, b: Array) -> Array:
    """X W + b as one matrix product."""
    return x @ w + b


def row_wise_softmax(o: Array) -> Array:
    """The softmax of each row."""
    powers = np.exp(o - o.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


FORMS: Mapping[str, Callable[[Array, Array, Array], Array]] = {
    "a loop over examples, classes and pixels": by_elements,
    "a loop over examples": by_examples,
    "one matrix product": at_once,
}

ELEMENTS, EXAMPLES, PRODUCT = FORMS


def vectorised(lab: Lab) -> Finding:
    """The logits of a minibatch in three ways, and the softmax after them."""
    x, w, b = minibatch(lab.seed)
    times = timed(x, w, b)
    values = {name: form(x, w, b) for name, form in FORMS.items()}
    difference = max(float(np.abs(value - values[PRODUCT]).max()) for value in values.values())
    ratios = {name: mean_of((times[name] / times[PRODUCT]).tolist()) for name in (ELEMENTS, EXAMPLES)}
    share = mean_of((times[PRODUCT] / (times[PRODUCT] + times[SOFTMAX])).tolist())
    rounding = INPUTS * float(np.finfo(np.float32).eps) * float(np.abs(values[PRODUCT]).max())
    return Finding(
        {"microseconds": {name: 1e6 * float(np.median(each)) for name, each in times.items()}},
        {"rounding": rounding},
        (
            at_most("largest difference of the logits", difference, rounding, "784 roundings of float32"),
            *(
                at_least(f"time of {name}, by that of one product", ratio, 1, "equal times")
                for name, ratio in ratios.items()
            ),
            at_least("share of the product in the time of product and softmax", share, 0.5, "half"),
        ),
        f"The three forms agree to {number(difference, 1)}. For {ROWS} images {ELEMENTS} takes "
        f"{ratios[ELEMENTS].value:,.0f} times as long as one matrix product, and {EXAMPLES} "
        f"{number(ratios[EXAMPLES].value)} times. The product takes {100 * share.value:.0f} % of the time "
        "of product and softmax.",
        (times_table(times),),
    )


SOFTMAX = "the softmax of its rows"


def minibatch(seed: int) -> tuple[Array, Array, Array]:
    """Images `(64, 784)`, weights `(784, 10)` and biases `(10,)`, float32."""
    rng = np.random.default_rng(seed)
    drawn = (rng.random((ROWS, INPUTS)), rng.normal(0, 0.01, (INPUTS, CLASSES)), rng.normal(0, 0.01, CLASSES))
    x, w, b = (each.astype(np.float32) for each in drawn)
    return x, w, b


def timed(x: Array, w: Array, b: Array) -> dict[str, Array]:
    """CPU seconds of each form and of the softmax, `(REPEATS,)`; the short ones are the mean of 50 calls."""
    logits = at_once(x, w, b)
    calls: dict[str, Callable[[], Array]] = {n: partial(form, x, w, b) for n, form in FORMS.items()}
    calls[SOFTMAX] = partial(row_wise_softmax, logits)
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(REPEATS):
        for name, call in calls.items():
            times[name].append(seconds(call, 1 if name == ELEMENTS else 50))
    return {name: np.array(each) for name, each in times.items()}


def seconds(call: Callable[[], Array], times: int) -> float:
    """The mean CPU seconds of a call, which other processes delay less."""
    start = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - start) / times


def times_table(times: Mapping[str, Array]) -> Figure:
    rows = ((name, f"{1e6 * float(np.median(each)):,.0f}") for name, each in times.items())
    return table(
        ("", "µs of CPU time"),
        rows,
        f"The logits X W + b of {ROWS} images of {INPUTS} pixels and {CLASSES} classes in float32: the "
        f"median of {REPEATS} timings. The loop over pixels is Python; the others call the same library "
        "once for each image, or once.",
    )


E4 = Entry(
    "E4",
    "a minibatch by one matrix product",
    "Vectorisation computes the logits of a minibatch as X W + b; the matrix product is the dominant "
    "operation, and softmax is computed row by row.",
    vectorised,
)
