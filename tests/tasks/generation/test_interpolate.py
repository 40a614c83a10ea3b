"""Paths between codes, and what is measured of them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from narrows.core import memory
from narrows.core.errors import InputError
from narrows.runs.run import Run
from narrows.tasks.generation.interpolate import Path, interpolate, line, measured, slerp, straight
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
def test_without_an_arc_the_path_is_straight(factor: float) -> None:
    a = np.array([1.0, 2.0, -1.0])
    np.testing.assert_allclose(slerp(a, factor * a, SHARE), line(a, factor * a, SHARE))


def test_changes_and_strays_are_measured_on_decoded_examples() -> None:
    """Decoded by squaring and encoded again half a unit off."""
    vae_run: Any = SimpleNamespace(
        decode=lambda z, of: z**2, scaled=lambda v: v, encode=lambda v: v**0.5 + 0.5
    )
    space: Any = SimpleNamespace(emptiness=lambda z: np.zeros(len(z)))
    path = measured(vae_run, space, np.array([[0.0], [1.0], [2.0]]), np.array([0, 0.5, 1]), None)
    np.testing.assert_allclose(path.changes, [0, 0.5, 1.5])  # from 0 to 1 to 4, the mean change is 2
    np.testing.assert_allclose(path.strays, 0.25)
    assert path.unevenness == 1.5
    uneven = measured(vae_run, space, np.array([[0.0], [1.0], [2.0]]), np.array([0, 0.25, 1]), None)
    np.testing.assert_allclose(uneven.changes, [0, 1, 1])  # 1 in a quarter of the path, 3 in the rest


def test_both_paths_have_the_same_ends(vae_run: Run) -> None:
    paths = interpolate(vae_run, DIGITS[[3, 8]], 6)
    assert paths.keys() == {"linear", "spherical"}
    for path in paths.values():
        np.testing.assert_allclose(path.codes[[0, -1]], vae_run.encode(DIGITS[[3, 8]]), atol=1e-5)
        assert path.values.shape == (6, 8, 8)
        assert path.changes[0] == 0
        assert path.changes[1:].mean() == pytest.approx(1)
        assert path.emptiness is not None
        assert ((path.emptiness >= 0) & (path.emptiness <= 1)).all()
    assert not np.allclose(paths["linear"].codes, paths["spherical"].codes)


def test_alpha_runs_from_the_first_to_the_second(vae_run: Run) -> None:
    first, second = vae_run.encode(DIGITS[[3, 8]])
    path = interpolate(vae_run, DIGITS[[3, 8]], alphas=[0.75, 0.0, 1.0])["linear"]
    np.testing.assert_allclose(path.codes, [0.25 * first + 0.75 * second, first, second], atol=1e-5)
    assert path.alphas.tolist() == [0.75, 0, 1]
    one, all_five = (
        interpolate(vae_run, DIGITS[[3, 8]], 5, alphas)["spherical"] for alphas in ([0.25], None)
    )
    np.testing.assert_allclose(one.codes[0], all_five.codes[1], atol=1e-5)
    assert one.strays[0] == pytest.approx(all_five.strays[1], rel=0.1)
    assert "at the ends" in all_five.sentence
    assert "at the ends" not in one.sentence


@pytest.mark.parametrize("alphas", [[], [-0.1], [0.5, 1.1], [float("nan")]])
def test_a_place_is_on_the_path(vae_run: Run, alphas: list[float]) -> None:
    with pytest.raises(InputError, match="alpha"):
        interpolate(vae_run, DIGITS[[3, 8]], alphas=alphas)


def test_the_sentence_names_an_empty_region() -> None:
    places, changes, emptiness = np.array([0, 0.5, 1]), np.array([0, 0.5, 1.5]), np.array([0.1, 0.99, 0])
    path = Path(np.zeros((3, 1)), np.zeros((3, 1)), places, changes, np.zeros(3), emptiness)
    assert "step 2 is emptier" in path.sentence
    assert "crosses an empty region" in path.sentence
    assert "crosses no empty region" in path._replace(emptiness=np.array([0.1, 0.9, 0])).sentence
    assert path._replace(emptiness=None).record() == {"unevenness": 1.5, "stray": 0}


def test_a_straight_path_is_the_linear_one_however_few_are_computed_at_a_time(
    digits_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ends, one of them brighter than the training data, limit all of the path together."""
    ends = np.stack([DIGITS[0], 2 * DIGITS[1]])
    expected = interpolate(digits_run, ends, 5)["linear"].values
    np.testing.assert_array_equal(straight(digits_run, ends, 5), expected)
    monkeypatch.setattr(memory, "VALUES_AT_ONCE", 64)
    np.testing.assert_allclose(straight(digits_run, ends, 5), expected, atol=1e-4)
