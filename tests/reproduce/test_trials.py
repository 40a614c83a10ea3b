from __future__ import annotations

import numpy as np
import pytest

from narrows.reproduce.lab import Lab, count_weights, flat, mse, reconstruct
from narrows.reproduce.trials import errors_by_epoch, mlp, nearest_distances, reconstruction_error, subset


def test_nearest_is_0_for_a_row_of_the_data_and_euclidean_for_others() -> None:
    data = np.array([[0.0, 0.0], [10.0, 0.0]])
    assert nearest_distances(np.array([[10.0, 0.0], [3.0, 4.0]]), data) == pytest.approx([0, 5])


def test_a_part_is_the_first_rows_and_says_so_in_its_name(full_lab: Lab) -> None:
    few = subset(full_lab.digits, 100)
    assert len(few) == 100
    assert np.array_equal(few.array, full_lab.digits.array[:100])
    assert len(few.held_out) == len(full_lab.digits.held_out) == 1000
    assert (
        few.name != full_lab.digits.name
    )  # so that the lab does not take it for its first rows with all tests


def test_errors_are_those_of_the_reconstructions_and_of_the_history(full_lab: Lab) -> None:
    data = subset(full_lab.digits, 100)
    run = full_lab.fit("autoencoder", data, latent_dim=4, overrides=mlp([16]), epochs=3)
    x = flat(data.held_out.array)
    assert reconstruction_error(run, data.held_out) == pytest.approx(mse(x, reconstruct(run, x)), rel=1e-5)
    assert reconstruction_error(run, data.held_out) == pytest.approx(
        errors_by_epoch(run, "validation")[-1], rel=1e-5
    )
    assert count_weights(run) == 784 * 16 + 16 + 16 * 4 + 4 + 4 * 16 + 16 + 16 * 784 + 784
