"""Examples beyond the range of the training data."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from narrows.evaluation.out_of_range import RangeCheck, beyond


def run(*, bounded: bool = False) -> Any:
    loss = SimpleNamespace(bounded=bounded)
    scaling = SimpleNamespace(
        low=0.0, high=1.0, floor=torch.tensor([[10.0], [11.0]]), ceiling=torch.tensor([[260.0], [20.0]])
    )
    spec = {"loss": {"name": "bernoulli"}}
    schema = SimpleNamespace(noun="image", nouns="images")
    return SimpleNamespace(
        scaling=scaling, schema=schema, model=SimpleNamespace(loss=loss), config={"spec": spec}
    )


def test_noise_at_the_end_of_the_range_is_not_beyond_it() -> None:
    rng = np.random.default_rng(0)
    clean = np.tile([0.0, 1.0], 5000)
    noisy = clean + 0.4 * rng.standard_normal(clean.size)
    assert beyond(noisy, clean, 0.0, 1.0).share == 0
    assert beyond(1.5 * noisy, clean, 0.0, 1.0) == pytest.approx((0.5, 0.5), abs=0.05)
    assert beyond(1.5 * clean, np.minimum(1.5 * clean, 1.0), 0.0, 1.0) == (0.5, 0.5), "cut outputs, too"
    assert beyond(np.full(9, 2.0), np.ones(9), 0.0, 1.0).share == 0, "too few values"
    assert beyond(noisy, clean - 5, 0.0, 1.0).share == 0, "no values"


def test_the_examples_are_named_once_and_the_loss_that_cuts_them() -> None:
    x = np.repeat([0.2, 0.5], 500)
    for bounded, words in (
        (False, ""),
        (True, " Outputs of the loss 'bernoulli' end there; 1.15 of the range is cut in the mean"),
    ):
        check = RangeCheck(run(bounded=bounded))
        check.add(x, x, "a.tif")
        assert check.finding is None
        check.add(3 * x, 3 * x, "b.tif")
        check.add(x - 1.5, x - 1.5, "c.tif")
        assert check.finding is not None
        assert check.finding.evidence == (
            "2 of 3 images lie beyond the range of the training data, 10 to 260: b.tif (50 % of its values "
            f"above), c.tif (100 % of its values below).{words and words + '.'}"
        )
