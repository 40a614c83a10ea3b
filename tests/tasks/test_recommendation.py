from __future__ import annotations

import numpy as np
import pytest

from narrows.tasks.compare import BY_EDGES, BY_VALUES
from narrows.tasks.recommendation import Curve, bend, recommend, unbent


@pytest.mark.parametrize("knee", [4, 8, 16])
def test_the_knee_is_where_two_straight_lines_meet(knee: int) -> None:
    """Errors that fall by 10 with each doubling up to the knee, and by 1 beyond it."""
    sizes = [2, 4, 8, 16, 32]
    errors = [100.0]
    for size in sizes[1:]:
        errors.append(errors[-1] - (10 if size <= knee else 1))
    assert bend(list(zip(sizes, errors, strict=True))) == knee


@pytest.mark.parametrize(
    "errors",
    [
        (3.0, 1.0),
        (5.0, 4.0, 3.0, 2.0, 1.0),  # a straight line
        (5.0, 4.9, 4.5, 3.0, 0.5),  # falls ever faster
        (1.0, 1.2, 1.5, 2.0, 3.0),  # rises
        (5.0, 5.0, 5.0, 5.0, 5.0),
        (1.0, 0.97, 0.97, 0.97, 0.96),  # hardly falls
    ],
)
def test_a_curve_without_a_bend_has_no_knee(errors: tuple[float, ...]) -> None:
    assert bend([(2**k, error) for k, error in enumerate(errors, 1)]) is None


def test_errors_beyond_the_least_do_not_move_the_knee() -> None:
    assert bend([(2, 9.0), (4, 2.0), (8, 1.5), (16, 1.4), (32, 20.0)]) == 4


def one_seed(*errors: float) -> Curve:
    return {2**k: {0: error} for k, error in enumerate(errors, 1)}


def seeds(*errors: list[float]) -> Curve:
    """A curve from the errors of each seed at one size after the other."""
    return {2**k: dict(enumerate(each)) for k, each in enumerate(errors, 1)}


def said(curve: Curve) -> str:
    return recommend({"vae": curve}, BY_VALUES.words).sentence


def test_a_knee_is_recommended_with_what_a_larger_code_would_save() -> None:
    assert said(one_seed(9.0, 2.0, 1.5, 1.4)) == (
        "Take vae with 4 latent dimensions, where the curve bends: error 2; 8 would lower it by 25 %."
    )


def test_without_a_knee_the_smallest_code_that_is_as_good_is_recommended() -> None:
    assert said(one_seed(9.0, 5.0, 1.0)) == (
        "Take vae with 8 latent dimensions or more: error 1; it falls up to the largest size tried, and its "
        "curve has no bend."
    )
    assert "with 4 latent dimensions or more: error 2; a knee needs three" in said(one_seed(9.0, 2.0))
    assert "with 2 latent dimensions: error 1; no larger one" in said(one_seed(1.0, 1.3, 1.9))
    near = unbent(one_seed(9.0, 1.03, 1.0), "vae", BY_VALUES.words)
    assert "with 4 latent dimensions: error 1.03; no larger one" in near
    assert "with 1 latent dimension or more: error 2" in said({1: {0: 2.0}})


def test_advice_on_edges_is_in_auc() -> None:
    words = BY_EDGES.words
    bent = recommend({"gae": one_seed(0.4, 0.1, 0.08)}, words).sentence
    assert bent == (
        "Take gae with 4 latent dimensions, where the curve bends: AUC 90.0 %; 8 would lower 1 - AUC by 20 %."
    )
    assert "; 1 - AUC falls up to the largest" in recommend({"gae": one_seed(0.4, 0.3, 0.2)}, words).sentence
    assert "AUC 90.0 ± 1.4 %" in recommend({"gae": seeds([0.4, 0.4], [0.09, 0.11])}, words).sentence


def test_of_several_seeds_the_smallest_code_within_the_spread_is_recommended() -> None:
    """The error of the larger code is smaller by 17 %, but larger with one of three seeds."""
    small, large = [1.0, 1.3, 1.3], [1.1, 0.9, 1.0]
    assert said(seeds(small, large)) == (
        "Take vae with 2 latent dimensions: error 1.20 ± 0.17; no larger one of the sizes tried is better by "
        "more than both 5 % and the spread over seeds; a knee needs three code sizes."
    )
    bent = said(seeds([9.0, 9.0, 9.0], small, large))
    assert bent.endswith("error 1.20 ± 0.17; 8 would lower it by 17 %, within the spread over seeds.")


def test_what_seeds_share_is_no_spread() -> None:
    """All errors of the second seed are twice as large, so that the order of sizes is the same."""
    curve = seeds([9.0, 18.0], [6.0, 12.0], [3.0, 6.0])
    assert "Take vae with 8 latent dimensions or more: error 4.5 ± 2.1; it falls" in said(curve)


def test_a_knee_needs_most_seeds() -> None:
    same, other = [9.0, 2.0, 1.5, 1.4], [9.0, 7.0, 2.0, 1.9]
    stable = recommend({"vae": seeds(*map(list, zip(same, same, other, strict=True)))}, BY_VALUES.words)
    assert (stable.knee, stable.knees) == (4, [4, 4, 8])
    assert "where the curve bends in 2 of 3 seeds" in stable.sentence
    moving = recommend({"vae": seeds(*map(list, zip(same, other, strict=True)))}, BY_VALUES.words)
    assert (moving.knee, moving.knees) == (None, [4, 8])


def test_where_seeds_bend_at_different_sizes_that_is_said() -> None:
    curve = seeds([9.0, 9.0], [3.0, 6.0], [2.0, 3.2], [1.0, 1.2])
    found = recommend({"vae": curve}, BY_VALUES.words)
    assert (found.knee, found.knees) == (None, [4, None])
    assert found.sentence.endswith("has no bend that most seeds share (at 4 in 1, nowhere in 1).")


def test_a_knee_beyond_a_code_that_is_as_good_is_noise() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        noise = [list(1 + 0.1 * rng.standard_normal(6)) for _ in range(5)]
        assert recommend({"vae": seeds(*noise)}, BY_VALUES.words).knee in (None, 2)


def test_recipes_within_the_spread_of_the_best_are_named() -> None:
    best = seeds([2.0, 2.0, 2.0], [1.0, 1.0, 1.0])
    close = seeds([1.9, 2.1, 2.3], [0.95, 1.05, 1.15])
    worse = seeds([4.0, 4.1, 4.0], [2.0, 2.1, 2.0])
    found = recommend({"vae": close, "linear": worse, "autoencoder": best}, BY_VALUES.words)
    assert found.best == "autoencoder"
    assert found.sentence.endswith(" vae is as good within the spread over seeds.")
    assert (
        "as good within" not in recommend({"a": one_seed(1.0), "b": one_seed(1.01)}, BY_VALUES.words).sentence
    )


def test_recipes_are_compared_over_the_fits_that_all_have() -> None:
    """The recipe b lacks its largest code, at which all errors are small."""
    whole = {2: {0: 4.0}, 4: {0: 3.0}, 8: {0: 0.1}}
    found = recommend({"a": whole, "b": {2: {0: 2.0}, 4: {0: 1.0}}}, BY_VALUES.words)
    assert found.best == "b"
