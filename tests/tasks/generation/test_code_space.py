from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.runs.run import Run
from narrows.tasks.generation.code_space import CodeSpace


def with_codes(vae_run: Run, codes: Any) -> CodeSpace:
    space = CodeSpace(vae_run)
    space.codes = np.asarray(codes, np.float64)
    return space


def test_between_two_clusters_of_codes_it_is_empty(vae_run: Run) -> None:
    rng = np.random.default_rng(0)
    clusters = rng.standard_normal((400, 3))
    clusters[200:, 0] += 12
    found = with_codes(vae_run, clusters).emptiness(np.array([[0, 0, 0], [6, 0, 0], [12, 0, 0], [0, 90, 0]]))
    assert found is not None
    assert found[0] < 0.3
    assert found[2] < 0.3
    assert (found[[1, 3]] > 0.99).all()
    assert with_codes(vae_run, clusters[:5]).emptiness(clusters) is None
    itself = with_codes(vae_run, clusters).emptiness(clusters)
    assert itself is not None
    assert itself.mean() < 0.5  # a held-out code is its own nearest neighbour


def test_the_principal_plane_has_the_directions_of_largest_variance(vae_run: Run) -> None:
    rng = np.random.default_rng(0)
    space = with_codes(vae_run, rng.standard_normal((500, 3)) * [1, 9, 5] + CodeSpace(vae_run).centre)
    plane = space.plane()
    np.testing.assert_allclose(plane.directions @ plane.directions.T, np.eye(2), atol=1e-9)
    assert np.abs(plane.directions[0, 1]) > 0.95
    assert np.abs(plane.directions[:, 0]).max() < 0.2
    for dims, message in (((0, 3), "dimension 3"), ((1, 1), "two different")):
        with pytest.raises(InputError, match=message):
            space.plane(dims)
