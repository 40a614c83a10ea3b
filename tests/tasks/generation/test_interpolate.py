"""What is made of codes: walks, sums, maps and samples, their mathematics and their verbs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from narrows.runs.run import Run
from narrows.tasks.generation.interpolate import Walk, interpolate, line, slerp, walked
from tests.samples import DIGITS

SHARE = np.linspace(0, 1, 7)


def test_an_arc_keeps_the_norm_and_turns_evenly() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, 9))
    b *= np.linalg.norm(a) / np.linalg.norm(b)
    arc = slerp(a, b, SHARE)
    np.testing.assert_allclose(np.linalg.norm(arc, axis=1), np.linalg.norm(a))
    np.testing.assert_allclose(arc[[0, -1]], [a, b])
    cosines = (arc[1:] * arc[:-1]).sum(axis=1) / (a @ a)
    np.testing.assert_allclose(cosines, cosines[0])
    assert np.linalg.matrix_rank(arc, tol=1e-9) == 2
    longer = slerp(a, 3 * b, SHARE)
    np.testing.assert_allclose(np.linalg.norm(longer, axis=1), np.linalg.norm(a) * (1 + 2 * SHARE))


@pytest.mark.parametrize("factor", [2.0, -1.0, 0.0])
def test_where_there_is_no_arc_the_way_is_straight(factor: float) -> None:
    a = np.array([1.0, 2.0, -1.0])
    np.testing.assert_allclose(slerp(a, factor * a, SHARE), line(a, factor * a, SHARE))


def test_a_walk_is_measured_by_what_is_decoded_and_what_comes_back() -> None:
    """Decoded by squaring and encoded again half a unit off."""
    vae_run: Any = SimpleNamespace(decode=lambda z: z**2, scaled=lambda v: v, encode=lambda v: v**0.5 + 0.5)
    space: Any = SimpleNamespace(emptiness=lambda z: np.zeros(len(z)))
    walk = walked(vae_run, space, np.array([[0.0], [1.0], [2.0]]))
    np.testing.assert_allclose(walk.changes, [0, 0.5, 1.5])  # from 0 to 1 to 4, the mean change is 2
    np.testing.assert_allclose(walk.strays, 0.25)
    assert walk.unevenness == 1.5


def test_both_ways_have_the_same_ends_and_are_measured(vae_run: Run) -> None:
    ways = interpolate(vae_run, DIGITS[[3, 8]], 6)
    assert ways.keys() == {"linear", "spherical"}
    for way in ways.values():
        np.testing.assert_allclose(way.codes[[0, -1]], vae_run.encode(DIGITS[[3, 8]]), atol=1e-5)
        assert way.values.shape == (6, 8, 8)
        assert way.changes[0] == 0
        assert way.changes[1:].mean() == pytest.approx(1)
        assert way.emptiness is not None
        assert ((way.emptiness >= 0) & (way.emptiness <= 1)).all()
    assert not np.allclose(ways["linear"].codes, ways["spherical"].codes)


def test_a_way_through_empty_space_is_said() -> None:
    walk = Walk(
        np.zeros((3, 1)), np.zeros((3, 1)), np.array([0, 0.5, 1.5]), np.zeros(3), np.array([0.1, 0.99, 0])
    )
    assert "step 2 is emptier" in walk.sentence
    assert "empty space" in walk.sentence
    assert "empty space" not in walk._replace(emptiness=np.array([0.1, 0.9, 0])).sentence
    assert walk._replace(emptiness=None).record() == {"unevenness": 1.5, "stray": 0}
