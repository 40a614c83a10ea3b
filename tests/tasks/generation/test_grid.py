from __future__ import annotations

import numpy as np
import pytest

from narrows import Autoencoder
from narrows.runs.run import Run
from narrows.tasks.generation.code_space import CodeSpace
from narrows.tasks.generation.grid import grid
from tests.samples import DIGITS


def test_a_grid_is_a_plane_of_the_code(vae_run: Run) -> None:
    found = grid(vae_run, 5, (0, 2))
    codes = found.codes.reshape(5, 5, 3)
    np.testing.assert_allclose(codes[..., 1], CodeSpace(vae_run).centre[1], atol=1e-6)
    assert (np.diff(codes[0, :, 0]) > 0).all()
    assert (np.diff(codes[:, 0, 2]) < 0).all()  # upwards on the page
    np.testing.assert_allclose(found.values, vae_run.decode(found.codes))
    assert "dimensions 0 and 2" in found.sentence
    principal = grid(vae_run, 4)
    assert np.linalg.matrix_rank(principal.codes - CodeSpace(vae_run).centre, tol=1e-4) == 2
    inside = (CodeSpace(vae_run).codes - CodeSpace(vae_run).centre) @ CodeSpace(vae_run).plane().directions.T
    assert np.quantile(inside[:, 0], 0.01) == pytest.approx(principal.coordinates[:, 0].min())


def test_a_code_of_one_dimension_has_a_line() -> None:
    ae = Autoencoder(1, training={"epochs": 1}).fit(DIGITS[:200])
    assert ae.grid(6).shape == (6, 8, 8)
