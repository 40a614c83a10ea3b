from __future__ import annotations

import numpy as np

from narrows.reproduce.architectures import STEPS, Duel, oscillations, permuted
from narrows.reproduce.lab import Lab


def test_permuted_sequences_hold_the_same_values_at_other_steps() -> None:
    data, order = oscillations(), np.random.default_rng(0).permutation(STEPS)
    mixed = permuted(data, order)
    np.testing.assert_array_equal(mixed.array, data.array[:, order])
    np.testing.assert_array_equal(mixed.held_out.array, data.held_out.array[:, order])
    assert mixed.name != data.name


def test_pixels_are_shuffled_alike_in_all_images(lab: Lab) -> None:
    order = np.random.default_rng(0).permutation(784)
    mixed = permuted(lab.digits, order)
    for before, after in ((lab.digits, mixed), (lab.digits.held_out, mixed.held_out)):
        flat, found = (part.array.reshape(len(part), -1) for part in (before, after))
        np.testing.assert_array_equal(found, flat[:, order])
    assert mixed.name != lab.digits.name  # so that the lab does not take one for the other


def test_oscillations_are_still_before_they_begin() -> None:
    x = oscillations().array[..., 0]
    still = np.abs(x).cumsum(axis=1) < 0.1
    assert 1 < still.sum(axis=1).mean() < STEPS / 2
    assert np.ptp(x) > 1


def test_a_network_is_judged_by_what_shuffling_takes_from_it() -> None:
    errors = {
        ("in order", "mlp"): [2.0, 4.0],
        ("in order", "gru"): [1.0, 1.0],
        ("shuffled", "mlp"): [2.0, 2.0],
        ("shuffled", "gru"): [4.0, 4.0],
    }
    first, second = Duel("time steps", ("mlp", "gru"), errors).checks()
    assert (first.measured.value, first.bound, second.bound) == (3, 1, 0.5)
    assert second.outcome
    assert Duel("time steps", ("mlp", "gru"), errors).medians["RNN, time steps shuffled"] == 4
