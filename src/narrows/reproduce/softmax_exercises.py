"""Deck P's exercises about softmax regression: overflow, the forms of the cross-entropy, a 2×2 image."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from itertools import permutations
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from narrows.data.kinds import Array
from narrows.reproduce.drawings import lines, picture
from narrows.reproduce.lab import Entry, Figure, Finding, Lab
from narrows.softmax import (
    SoftmaxRegression,
    cross_entropy,
    cross_entropy_by_index,
    cross_entropy_by_product,
    naive_softmax,
    one_hot,
    softmax,
)


def table(head: Iterable[str], rows: Iterable[Iterable[str]], caption: str) -> Figure:
    """A table of HTML; the first cell of each row is its heading."""
    heads = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{name}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
        for name, *cells in rows
    )
    html = f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    return Figure(f'<div class="scroll">{html}</div>', caption)


def vector(values: Iterable[float]) -> str:
    """Numbers as people write them in a row.

    >>> vector([0.25, -0.0, float("nan")])
    '0.25, 0, nan'
    """
    return ", ".join(f"{value + 0.0:.3g}" for value in values)


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


# E1

ROWS = (
    (100.0, 0.0, 0.0),
    (88.7, 0.0, 0.0),
    (88.8, 0.0, 0.0),
    (88.0, 88.0, 88.0),
    (-87.0, -88.0, -89.0),
    (-101.0, -102.0, -103.0),
    (-104.0, -105.0, -106.0),
)
"""Inputs around the numbers at which exp leaves float32."""


def stability(lab: Lab) -> Finding:
    """The naive softmax and the stable one on large and small inputs, in float32."""
    logits = torch.tensor(ROWS)
    naive, stable, exact = naive_softmax(logits), softmax(logits), functional.softmax(logits.double(), 1)
    rows = zip(ROWS, *(p.tolist() for p in (naive, stable)), strict=True)
    top, bottom = limit(88, 89), limit(-80, -110)
    error = float((stable - exact).abs().max())
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
    return Finding(
        measured,
        {
            "largest_float32": float(np.finfo(np.float32).max),
            "its_logarithm": math.log(np.finfo(np.float32).max),
        },
        bool(naive[0].isnan().any() and naive[-1].isnan().any() and error < 1e-6),
        f"An input of 100 makes the naive form NaN: exp(100) is too large for float32, and ∞/∞ is no number; "
        f"that begins above {top:.2f}. With a largest input of −104 all powers round to 0, and 0/0 is NaN; a "
        f"little above that limit ({bottom:.2f}) no alarm is raised, but the probabilities are wrong in the "
        f"second digit. With the row's largest input subtracted first, the error is at most {error:.0e}.",
        (
            table(
                ("input", "naive: exp(o) / Σ exp(o)", "stable: the row's maximum subtracted"),
                ((vector(row), vector(n), vector(s)) for row, n, s in rows),
                "Softmax of three inputs in float32. (88, 88, 88) shows a quieter failure: each power "
                "still fits, their sum does not, and the probabilities are 0 and do not sum to one.",
            ),
        ),
    )


def limit(good: float, bad: float) -> float:
    """Where the naive softmax of one input in float32 turns to NaN between `good` and `bad`."""
    for _ in range(40):
        middle = (good + bad) / 2
        failed = bool(naive_softmax(torch.tensor([[middle]])).isnan().any())
        good, bad = (good, middle) if failed else (middle, bad)
    return round(good, 4)


# E2

Form = Callable[[Tensor, Tensor], Tensor]

FORMS: Mapping[str, Form] = {
    "pick the probability (the deck's)": lambda o, y: cross_entropy_by_index(naive_softmax(o), y),
    "one-hot product": lambda o, y: cross_entropy_by_product(naive_softmax(o), one_hot(y, o.shape[1])),
    "from logits, by logsumexp": cross_entropy,
    "torch's own": lambda o, y: functional.cross_entropy(o, y, reduction="none"),
}
"""The cross-entropy of each row, from logits and whole numbers."""

DECKS, PRODUCT, LOGITS, TORCHS = FORMS

MARGINS = (1.0, 5.0, 10.0, 16.0, 18.0, 35.0, 38.0, 100.0, 700.0)
"""By how much the right class's logit exceeds the other's."""


def forms_of_cross_entropy(lab: Lab) -> Finding:
    """Values, times, the domain of the logarithm, and the bound at zero."""
    repeats = lab.pick(300, 60)
    values = {name: form(*example(10)) for name, form in FORMS.items()}
    differences = {name: float((value - values[TORCHS]).abs().max()) for name, value in values.items()}
    times = {classes: timed(*example(classes), repeats) for classes in (10, 1000)}
    ratios = {name: round(times[10][name] / times[10][DECKS], 2) for name in FORMS}
    far, wrong = torch.tensor([[0.0, 200.0]]), torch.tensor([0])
    impossible = {name: float(form(far, wrong)) for name, form in FORMS.items()}
    stable_then_log = float(cross_entropy_by_index(softmax(far), wrong))
    smallest = [bounds(margin) for margin in MARGINS]
    curve = descent(lab.pick(5000, 500))
    measured = {
        "largest_difference": max(differences.values()),
        "microseconds": times[10],
        "microseconds_1000_classes": times[1000],
        "time_to_the_decks": ratios,
        "cost_of_a_logit_200_below": {name: str(value) for name, value in impossible.items()},
        "smallest_cost_measured": smallest[-1]["exact"],
        "cost_after_steps": {str(steps): cost for steps, cost in curve.items()},
    }
    holds = (
        max(differences.values()) < 1e-5
        and not math.isfinite(impossible[DECKS])
        and math.isinf(stable_then_log)
        and impossible[LOGITS] == 200
        and all(row["exact"] > 0 for row in smallest)
        and all(cost > 0 for cost in curve.values())
    )
    return Finding(
        measured,
        {"torch_microseconds": times[10][TORCHS], "torch_1000_classes": times[1000][TORCHS]},
        holds,
        f"The forms agree to {max(differences.values()):.0e}. From logits takes {ratios[LOGITS]:.1f} times the "
        f"deck's time with 10 classes and {times[1000][LOGITS] / times[1000][DECKS]:.1f} times with 1000; the "
        f"one-hot product {ratios[PRODUCT]:.1f} and {times[1000][PRODUCT] / times[1000][DECKS]:.1f} times. A "
        f"probability that rounds to 0 has no finite logarithm; from logits the cost stays right. It is never "
        f"zero for finite weights: at a margin of {MARGINS[-1]:g} it is {smallest[-1]['exact']:.0e}. Rounding "
        f"makes it 0 from a margin of about 17 in float32, 37 in float64.",
        (
            table(
                ("form", "µs, 10 classes", "µs, 1000 classes", "largest difference", "logit 200 below"),
                (
                    (
                        n,
                        f"{times[10][n]:.0f}",
                        f"{times[1000][n]:.0f}",
                        f"{differences[n]:.1g}",
                        f"{impossible[n]:g}",
                    )
                    for n in FORMS
                ),
                "Each form in float32 on a batch of 256: the median time of value and gradient, the largest "
                "difference from torch's, and the cost of a class whose logit lies 200 below the other's, "
                "which is 200. There the softmax itself overflows; made stable, it still gives a probability "
                "of 0, whose logarithm is −∞.",
            ),
            table(
                ("margin", "exact: log(1 + exp(−margin))", "float64, from logits", "float32, from logits"),
                (
                    (f"{m:g}", *(f"{row[k] + 0.0:.3g}" for k in row))
                    for m, row in zip(MARGINS, smallest, strict=True)
                ),
                "The cost of a right answer among two classes shrinks with the margin of its logit and reaches "
                "zero only by rounding.",
            ),
            lines(
                list(curve),
                {"cross-entropy": list(curve.values())},
                "Two points that a line can part, learned without end: the weights grow for ever, the cost "
                "falls about as 1/steps, and no step reaches zero.",
                across="steps",
                up="cost",
                log_x=True,
                log_y=True,
            ),
        ),
    )


def example(classes: int) -> tuple[Tensor, Tensor]:
    """A batch of 256 logits and labels, always the same."""
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


def bounds(margin: float) -> dict[str, float]:
    """The cost of a right answer among two classes: exact, and as the two precisions round it."""
    logits, right = torch.tensor([[margin, 0.0]], dtype=torch.float64), torch.tensor([0])
    return {
        "exact": math.log1p(math.exp(-margin)),
        "float64": float(cross_entropy(logits, right)),
        "float32": float(cross_entropy(logits.float(), right)),
    }


def descent(steps: int) -> dict[int, float]:
    """The cost of two points at −1 and 1 after 1, 10, 100 … and `steps` steps."""
    model = fitted(torch.tensor([[-1.0], [1.0]]), torch.tensor([0, 1]), 2, epochs=0)
    costs = model.fit([[-1.0], [1.0]], [0, 1], epochs=steps, learning_rate=1.0)
    shown = [10**k for k in range(6) if 10**k < steps]
    return {n: costs[n - 1] for n in (*shown, steps)}


def fitted(x: Any, y: Any, classes: int, seed: int = 0, **how: Any) -> SoftmaxRegression:
    """Softmax regression of `x (n, values)`, its weights and order drawn from `seed`."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = SoftmaxRegression(x.shape[1], classes)
        model.fit(x, y, **how)
    return model


# E3

NAMES = ("cat", "chicken", "dog")

IMAGE = torch.tensor([0.9, 0.1, 0.8, 0.2])
WEIGHTS = torch.tensor([[2.0, -1.0, 1.5, -0.5], [-1.0, 2.0, -0.5, 1.5], [0.5, 0.5, 0.5, 0.5]])
BIASES = torch.tensor([0.0, 0.1, -0.2])
"""A 2×2 image with a bright left side, and a model that a person can follow: W is 3×4, b has 3 numbers."""

LEFT, RIGHT = np.array([0.9, 0.1, 0.9, 0.1]), np.array([0.1, 0.9, 0.1, 0.9])
IMAGES = {"cat": LEFT, "chicken": RIGHT, "dog": (LEFT + RIGHT) / 2}
"""The mean image of each class: bright on the left, on the right, grey."""


def small_image(lab: Lab) -> Finding:
    """The 2×2 image by hand, and regression on the labels' numbers beside softmax regression."""
    logits = (WEIGHTS @ IMAGE + BIASES)[None]
    p = softmax(logits)[0]
    many = torch.randn(1000, 3, generator=torch.Generator().manual_seed(lab.seed))
    kept = float((softmax(many).argsort(1) == many.argsort(1)).all(1).float().mean())
    sums = float((softmax(many).sum(1) - 1).abs().max())
    sets = made(lab.seed), made(lab.seed + 1)
    found = {order: accuracies(*sets, order) for order in orders()}
    deck = found[NAMES]
    outside = outside_share(*sets)
    measured = {
        "logits": [round(value, 4) for value in logits[0].tolist()],
        "probabilities": [round(value, 4) for value in p.tolist()],
        "order_kept": kept,
        "sum_differs_from_one_by": sums,
        "softmax_accuracy": deck["softmax regression"]["all"],
        "chicken_by_softmax": deck["softmax regression"]["chicken"],
        "one_hot_outputs_outside_0_1": outside,
    }
    yardstick = {
        "labels_accuracy": deck["regression on labels"]["all"],
        "chicken_by_labels": deck["regression on labels"]["chicken"],
        "one_hot_accuracy": deck["regression on one-hot"]["all"],
    }
    holds = (
        kept == 1 and sums < 1e-6 and measured["softmax_accuracy"] > 0.95 > 0.6 > yardstick["labels_accuracy"]
    )
    return Finding(
        measured,
        yardstick,
        bool(holds),
        f"The image's logits {vector(measured['logits'])} become the probabilities {vector(p.tolist())}: the same "
        f"order, and a sum of one. With the labels 1, 2, 3 for cat, chicken, dog, a rounded linear regression "
        f"gets {percent(yardstick['labels_accuracy'])} right and softmax regression "
        f"{percent(measured['softmax_accuracy'])}: numbers say that a chicken lies halfway between a cat and a "
        f"dog, and in these images the dog does. Least squares on one-hot labels gets "
        f"{percent(yardstick['one_hot_accuracy'])}, and {percent(outside)} of its outputs are no probabilities.",
        (worked(logits[0], p), *compared(found)),
    )


def worked(logits: Tensor, p: Tensor) -> Figure:
    """The image, the sums and the probabilities as a person would write them."""
    powers = logits.exp()
    rows = [
        (
            name,
            " + ".join(f"{w:g}·{x:.1f}" for w, x in zip(weights, IMAGE.tolist(), strict=True)).replace(
                "+ -", "− "
            ),
            f"{b:g}",
            f"{o:.2f}",
            f"{power:.3f}",
            f"{chance:.3f}",
        )
        for name, weights, b, o, power, chance in zip(
            NAMES,
            WEIGHTS.tolist(),
            BIASES.tolist(),
            logits.tolist(),
            powers.tolist(),
            p.tolist(),
            strict=True,
        )
    ]
    rows.append(("sum", "", "", "", f"{float(powers.sum()):.3f}", f"{float(p.sum()):.3f}"))
    sums = table(("class", "W x", "b", "o = W x + b", "exp(o)", "ŷ = exp(o) / Σ exp(o)"), rows, "")
    image = picture(IMAGE.numpy().reshape(2, 2), "the 2×2 image", 40)
    pixels = ", ".join(f"{value:.1f}" for value in IMAGE.tolist())
    return Figure(
        image + sums.html,
        f"A 2×2 image, x = ({pixels}), and three classes: 3×4 weights and 3 biases give three logits, "
        f"softmax their probabilities. The largest logit is the largest probability.",
    )


def made(seed: int, n: int = 600) -> tuple[Array, Array]:
    """Images `(n, 4)` with noise of 0.08, and the numbers of their classes in `NAMES`."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 3
    means = np.stack([IMAGES[name] for name in NAMES])
    return (means[y] + 0.08 * rng.standard_normal((n, 4))).astype(np.float32), y


def orders() -> list[tuple[str, ...]]:
    """The three ways to number the classes; the other three are these backwards."""
    return [order for order in permutations(NAMES) if order[0] < order[-1]]


def accuracies(
    train: tuple[Array, Array], test: tuple[Array, Array], order: tuple[str, ...]
) -> dict[str, dict[str, float]]:
    """The share of right answers of each method, of all and of each class, with labels numbered by `order`."""
    number = np.array([order.index(name) for name in NAMES])
    (x, y), (x_test, y_test) = (train[0], number[train[1]]), (test[0], number[test[1]])
    model = fitted(x, y, 3, epochs=60, batch_size=32, learning_rate=0.5)
    answers = {
        "regression on labels": (least_squares(x, y + 1.0, x_test).round() - 1).clip(0, 2),
        "regression on one-hot": least_squares(x, np.eye(3)[y], x_test).argmax(1),
        "softmax regression": model.predict(x_test).numpy(),
    }
    return {name: shares(answer == y_test, y_test, order) for name, answer in answers.items()}


def shares(right: Array, y: Array, order: tuple[str, ...]) -> dict[str, float]:
    """The mean of `right (n,)`, over all and over each class."""
    return {"all": float(right.mean())} | {name: float(right[y == i].mean()) for i, name in enumerate(order)}


def least_squares(x: Array, y: Array, x_test: Array) -> Array:
    """What a linear regression of `y` on `x` says of `x_test`."""
    with_ones, test_ones = (np.column_stack([part, np.ones(len(part))]) for part in (x, x_test))
    return test_ones @ np.linalg.lstsq(with_ones, y, rcond=None)[0]


def outside_share(train: tuple[Array, Array], test: tuple[Array, Array]) -> float:
    """The share of a one-hot regression's outputs that are below 0 or above 1."""
    outputs = least_squares(train[0], np.eye(3)[train[1]], test[0])
    return float(((outputs < 0) | (outputs > 1)).mean())


def compared(found: Mapping[tuple[str, ...], Mapping[str, Mapping[str, float]]]) -> tuple[Figure, Figure]:
    """The classes' mean images, and each method's accuracy under each numbering."""
    images = "".join(
        f'<td>{picture(image.reshape(2, 2), name, 40)}</td><th scope="row">{name}</th>'
        for name, image in IMAGES.items()
    )
    rows = [
        (
            ", ".join(f"{name} {i}" for i, name in enumerate(order, 1)),
            method,
            *(percent(s[k]) for k in ("all", *NAMES)),
        )
        for order, methods in found.items()
        for method, s in methods.items()
    ]
    return (
        Figure(
            f'<table class="strip"><tr>{images}</tr></table>',
            "The mean image of each class in the made data.",
        ),
        table(
            ("labels", "method", "right", *NAMES),
            rows,
            "Right answers on 600 made images (600 others to learn from, noise of 0.08 in each pixel), with the "
            "classes numbered in three orders. Only regression on the numbers depends on the order, and it is good "
            "only if the class in the middle of the numbers is the one in the middle of the images.",
        ),
    )


EXERCISES = (
    Entry(
        "E1",
        "softmax, naive and stable",
        "Softmax as written is not robust against very large or small arguments: test it with an input of 100 "
        "and with a largest input below −100, and fix it.",
        stability,
        {"inputs": [100, -100]},
    ),
    Entry(
        "E2",
        "the forms of the cross-entropy",
        "Implement an alternative cross-entropy, analyse its performance, and consider the domain of the "
        "logarithm. The loss is never exactly zero for finite weights.",
        forms_of_cross_entropy,
    ),
    Entry(
        "E3",
        "a 2×2 image: cat, chicken, dog",
        "Four inputs and three classes need 3×4 weights; softmax keeps the order of its inputs and sums to one, "
        "which regression on labels does not.",
        small_image,
        {"inputs": 4, "classes": 3},
    ),
)
