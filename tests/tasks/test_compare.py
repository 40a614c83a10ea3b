from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.graphs.objects import graphs_of
from narrows.data.readers import as_data
from narrows.fitting.fit import fit
from narrows.fitting.parts import split_data
from narrows.tasks.compare import BY_EDGES, BY_VALUES, advice, bend, compare
from tests.samples import communities, curve


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


def rows(*errors: float) -> list[dict[str, Any]]:
    return [{"recipe": "vae", "latent_dim": 2**k, "mse": error} for k, error in enumerate(errors, 1)]


def test_advice_says_what_a_larger_code_would_save() -> None:
    assert "with 4 latent dimensions, where the curve bends: error 2; 8 would lower it by 25 %" in advice(
        rows(9.0, 2.0, 1.5), "vae", 4, BY_VALUES
    )


def test_advice_without_a_knee_takes_the_smallest_code_that_is_as_good() -> None:
    falling = advice(rows(9.0, 5.0, 1.0), "vae", None, BY_VALUES)
    assert falling == (
        "Take vae with 8 latent dimensions or more: error 1; it falls up to the largest size tried, and its "
        "curve has no bend."
    )
    assert "with 4 latent dimensions or more: error 2; a knee needs three" in advice(
        rows(9.0, 2.0), "vae", None, BY_VALUES
    )
    assert "with 2 latent dimensions: error 1; no larger one" in advice(
        rows(1.0, 1.3, 1.9), "vae", None, BY_VALUES
    )
    assert "with 4 latent dimensions: error 1.03; no larger one" in advice(
        rows(9.0, 1.03, 1.0), "vae", None, BY_VALUES
    )
    single = [{"recipe": "vae", "latent_dim": 1, "mse": 2.0}]
    assert "with 1 latent dimension or more: error 2" in advice(single, "vae", None, BY_VALUES)


def test_each_row_has_the_errors_of_its_fit() -> None:
    data, told = as_data(curve(120)), []
    found = compare(data, ["linear", "autoencoder", "linear"], [2, 1, 2], epochs=2, on_fit=told.append)
    assert [(row["recipe"], row["latent_dim"]) for row in found["rows"]] == [
        ("linear", 1),
        ("linear", 2),
        ("autoencoder", 1),
        ("autoencoder", 2),
    ]
    assert told == found["rows"]
    alone = fit(data, recipe="autoencoder", latent_dim=2, overrides={"training": {"epochs": 2}}).metrics
    last = found["rows"][-1]
    assert (last["mse"], last["pca_mse"]) == (alone["held_out"]["mse"], alone["held_out"]["pca_mse"])
    assert last["verdict"] == alone["verdict"]["outcome"]
    means = {name: np.mean([np.log(r["mse"]) for r in found["rows"] if r["recipe"] == name]) for name in
             ("linear", "autoencoder")}  # fmt: skip
    assert found["best"] == min(means, key=lambda name: means[name])


@pytest.mark.parametrize(("recipes", "sizes"), [([], [2]), (["vae"], [])])
def test_nothing_to_compare_is_refused(recipes: list[str], sizes: list[int]) -> None:
    with pytest.raises(InputError, match="at least one recipe and one code size"):
        compare(as_data(curve(60)), recipes, sizes)


def test_rows_that_hold_most_of_an_error_are_named_and_left_out() -> None:
    x = np.c_[curve(300), np.random.default_rng(0).random(300) < 0.1]
    row = int(split_data(as_data(x), 0).index.held_out[2])
    x[row, 6] = 1e5
    found = compare(as_data(x), ["linear"], [1, 2, 3], epochs=3)
    assert all(each["outlying"] == [f"row {row} (x6 = 100,000)"] for each in found["rows"])
    assert all(each["usual_mse"] < 1e-3 * each["mse"] for each in found["rows"])
    assert found["sentence"].endswith(
        f"Compared without row {row} (x6 = 100,000): most of an error lies there."
    )


def test_advice_on_edges_is_in_auc() -> None:
    errors = [
        {"recipe": "gae", "latent_dim": 2**k, "error": error} for k, error in enumerate((0.4, 0.1, 0.08))
    ]
    assert advice(errors, "gae", 2, BY_EDGES) == (
        "Take gae with 2 latent dimensions, where the curve bends: AUC 90.0 %; 4 would lower 1 - AUC by 20 %."
    )
    assert "; 1 - AUC falls up to the largest size tried" in advice(errors, "gae", None, BY_EDGES)


def test_fits_of_a_graph_are_compared_on_the_same_held_out_edges() -> None:
    data = graphs_of(communities(80))
    found = compare(data, ["autoencoder", "gae"], [2, 3], epochs=3)
    assert [(row["recipe"], row["latent_dim"]) for row in found["rows"]] == [
        ("autoencoder", 2), ("autoencoder", 3), ("gae", 2), ("gae", 3)
    ]  # fmt: skip
    for row in found["rows"]:
        alone = fit(
            data, recipe=row["recipe"], latent_dim=row["latent_dim"], overrides={"training": {"epochs": 3}}
        )
        held_out = alone.metrics["held_out"]
        assert (row["auc"], row["ap"]) == (held_out["auc"], held_out["ap"])
        assert row["yardstick_auc"] == max(each["auc"] for each in held_out["yardsticks"].values())
        assert row["error"] == 1 - row["auc"]
    assert found["sentence"].startswith(f"Take {found['best']} with ")
