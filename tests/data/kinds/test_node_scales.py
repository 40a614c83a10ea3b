from __future__ import annotations

import numpy as np
import torch

from narrows.data.kinds.node_scales import are_words, node_scaling
from narrows.data.scaling import Choice


def scaled(choice: Choice, x: np.ndarray) -> np.ndarray:
    scaling = choice.scaling
    return scaling.without_constants(scaling(torch.as_tensor(x))).numpy()


def people(n: int = 400) -> np.ndarray:
    """An age, an income with a heavy tail, and one-hot words of 12 and 20 levels."""
    rng = np.random.default_rng(0)
    words = [np.eye(levels)[rng.integers(0, levels, n)] for levels in (12, 20)]
    return np.column_stack([rng.integers(20, 80, n), np.rint(np.exp(3 * rng.normal(size=n))), *words])


def test_numbers_beside_words_are_standardised() -> None:
    x = people()
    choice = node_scaling(x, "float64", alone=False)
    found = scaled(choice, x)
    np.testing.assert_allclose(found[:, :2].mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(found[:, :2].std(axis=0), 1, atol=1e-9)
    share = x[:, 2:].mean(axis=0)
    np.testing.assert_allclose(found[:, 2:], x[:, 2:] * -np.log(share))
    assert choice.why[0].endswith("; the others are standardised to mean 0 and standard deviation 1.")
    assert (choice.scaling.low, choice.scaling.high) == (found.min(), found.max())


def test_what_counts_other_than_words_is_none() -> None:
    zeros = np.zeros(10)
    few, many, half = zeros.copy(), zeros.copy(), zeros.copy()
    few[:3], many[:3], half[:3] = [1, 2, 100], [1, 2, 101], [1, 2, 0.5]
    negative, common = zeros.copy(), np.ones(10)
    negative[0], common[:4] = -1, 0
    x = np.column_stack([few, many, half, negative, common, zeros])
    assert are_words(x).tolist() == [True, False, False, False, False, False]


def test_a_constant_is_no_input() -> None:
    x = np.column_stack([np.eye(4), np.ones(4), np.zeros(4)])
    assert np.abs(scaled(node_scaling(x, "float64", alone=False), x))[:, 4:].max() == 0
