from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from narrows.core.records import Domain
from narrows.data.schema import Array
from narrows.evaluation.restoration import METHODS, Pairs, damage_by, fit_methods, untouched_name
from narrows.model.corruptions import CORRUPTIONS
from tests.samples import shapes

CASES: dict[str, dict[str, Any]] = {"thinned": {"gain": 0.02}, "mask": {"form": "rectangle"}}


def pairs(name: str, n: int = 60, black: bool = False, **options: Any) -> Pairs:
    """Smooth shapes in three channels of different brightness, damaged."""
    one = shapes(24, 24, n, 1).reshape(n, 1, 24, 24)
    clean = np.concatenate([one, 0.5 * one, 0.2 + 0.3 * one], axis=1).astype(np.float32)
    clean[:, :, :4] *= not black
    corruption = CORRUPTIONS[name](Domain((3, 24, 24)), **{**CASES.get(name, {}), **options})
    torch.manual_seed(0)
    return Pairs(clean, corruption.corrupt(torch.as_tensor(clean)).numpy(), corruption)


def halves(found: Pairs) -> tuple[Pairs, Array, Array]:
    n = len(found.clean) // 2
    return Pairs(found.clean[:n], found.damaged[:n], found.corruption), found.clean[n:], found.damaged[n:]


def error(a: Array, b: Array) -> float:
    return float(((a - b) ** 2).mean())


UNDONE = [(name, method) for name in CORRUPTIONS for method in METHODS.get(damage_by(name), {})]


@pytest.mark.parametrize(("corruption", "method"), UNDONE)
def test_every_method_restores_rows_it_was_not_fitted_to(corruption: str, method: str) -> None:
    train, clean, damaged = halves(pairs(corruption))
    restored = fit_methods(damage_by(corruption), train)[method](damaged)
    assert restored.shape == clean.shape
    assert error(restored, clean) <= error(damaged, clean)
    if corruption not in ("watermark", "blind-spot"):  # the mean of the neighbours is hard to better
        assert error(restored, clean) < 0.9 * error(damaged, clean)


def test_the_colours_of_a_table_are_a_function_of_the_grey_level() -> None:
    """Here they are one: what is left is what lies within a level."""
    train, clean, damaged = halves(pairs("grey"))
    restored = fit_methods("grey", train)["the mean colour of each grey level"](damaged)
    assert error(restored, clean) < 0.01 * error(damaged, clean)


def test_a_filter_has_the_strength_that_is_best_on_training_rows() -> None:
    """Without noise it changes nothing."""
    train, _, damaged = halves(pairs("gaussian", std=0.0))
    np.testing.assert_array_equal(fit_methods("noise", train)["a median filter"](damaged), damaged)


def test_what_needs_an_extra_is_left_out_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("narrows.evaluation.restoration.has_skimage", lambda: False)
    train, _, _ = halves(pairs("blind-spot", n=8))
    assert METHODS["blind-spot"].keys() - fit_methods("blind-spot", train).keys() == {"total variation"}


def test_interpolation_keeps_what_was_not_hidden() -> None:
    """Black pixels that are known are kept, too."""
    train, clean, damaged = halves(pairs("mask", black=True))
    restored = fit_methods("mask", train)["harmonic interpolation"](damaged)
    known = np.broadcast_to((damaged != 0).any(axis=1, keepdims=True), clean.shape)
    np.testing.assert_allclose(restored[known], clean[known], atol=1e-7)
    assert (restored[~known] != 0).any()


def test_damaged_rows_have_a_name_for_each_corruption() -> None:
    names = {untouched_name(damage_by(name)) for name in CORRUPTIONS}
    assert names == {
        "the untouched input",
        "the noisy input",
        "the grey image",
        "bicubic interpolation",
        "what replaces hidden pixels",
    }
    assert METHODS.keys() <= {damage_by(name) for name in CORRUPTIONS}
