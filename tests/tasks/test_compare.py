from __future__ import annotations

import numpy as np
import pytest

from narrows.core.errors import InputError, TrainingError
from narrows.data.examples import Data
from narrows.data.graphs.objects import graphs_of
from narrows.data.readers import as_data
from narrows.fitting.fit import fit
from narrows.fitting.parts import split_data
from narrows.runs.run import Run
from narrows.tasks import compare as comparison
from narrows.tasks.compare import JUDGED, compare, pooled
from narrows.tasks.compare import curve as curve_of
from tests.samples import communities, curve


def test_each_row_has_the_errors_of_its_fit() -> None:
    data, told = as_data(curve(120)), []
    found = compare(data, ["linear", "autoencoder", "linear"], [2, 1, 2], epochs=2, on_row=told.append)
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


def test_each_fit_of_several_seeds_is_that_of_its_seed() -> None:
    data, told = as_data(curve(120)), []
    found = compare(data, ["autoencoder"], [2], epochs=2, seed=4, seeds=3, on_row=told.append)
    (row,) = found["rows"]
    assert (found["seeds"], told) == ([4, 5, 6], [*row["fits"], row])
    for each, seed in zip(row["fits"], (4, 5, 6), strict=True):
        changes = {"training": {"epochs": 2}}
        alone = fit(data, recipe="autoencoder", latent_dim=2, overrides=changes, seed=seed).metrics
        assert each["seed"] == seed
        assert all(each[key] == alone["held_out"][key] for key in ("mse", "pca_mse", "ratio_ci95"))
    for key in ("mse", "pca_mse"):
        values = [each[key] for each in row["fits"]]
        assert row[key] == pytest.approx(np.mean(values))
        assert row["std"][key] == pytest.approx(np.std(values, ddof=1))


def test_one_seed_has_no_spread() -> None:
    fits = [{"recipe": "vae", "latent_dim": 2, "seed": 3, "mse": 1.0, "pca_mse": None, "verdict": "beats"}]
    (row,) = pooled(fits)
    assert (row["mse"], row["std"], row["fits"]) == (1.0, None, fits)


def test_seeds_that_disagree_cannot_tell_and_outlying_rows_are_those_of_all() -> None:
    of = {"recipe": "vae", "latent_dim": 2, "pca_mse": None, "ratio_ci95": [0.1, 0.2]}
    first = {**of, "seed": 0, "mse": 5.0, "usual_mse": 1.0, "outlying": ["row 3"], "verdict": "beats"}
    second = {**of, "seed": 1, "mse": 3.0, "verdict": "does not beat"}
    (row,) = pooled([first, second])
    assert (row["verdict"], row["outlying"], row["pca_mse"]) == ("cannot tell", ["row 3"], None)
    assert (row["mse"], row["usual_mse"]) == (4.0, 2.0)
    assert curve_of([row], "vae", JUDGED["values"]) == {2: {0: 1.0, 1: 3.0}}
    assert "ratio_ci95" not in row
    assert pooled([first, {**second, "verdict": "beats"}])[0]["verdict"] == "beats"


def test_a_training_that_stops_is_named_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def sometimes(data: Data, *, seed: int, latent_dim: int, **choices: object) -> Run:
        if (seed, latent_dim) in ((1, 1), (0, 2), (1, 2)):
            raise TrainingError("Training stopped: the code is not finite any more.")
        return fit(data, seed=seed, latent_dim=latent_dim, **choices)  # type: ignore[arg-type]

    monkeypatch.setattr(comparison, "fit", sometimes)
    data, told = as_data(curve(120)), []
    found = compare(data, ["autoencoder"], [1, 2], epochs=2, seeds=2, on_row=told.append)
    assert [(each["latent_dim"], each["seed"]) for each in found["failed"]] == [(1, 1), (2, 0), (2, 1)]
    (row,) = found["rows"]
    assert told == [*row["fits"], found["failed"][0], row, *found["failed"][1:]]
    assert found["rows"] == compare(data, ["autoencoder"], [1], epochs=2)["rows"]
    assert found["sentence"].endswith(
        "Left out, because the training stopped: autoencoder 1 with seed 1, autoencoder 2 with seed 0, "
        "autoencoder 2 with seed 1."
    )


def test_where_all_trainings_stop_there_is_no_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*given: object, **choices: object) -> Run:
        raise TrainingError("Training stopped: the code is not finite any more.")

    monkeypatch.setattr(comparison, "fit", never)
    with pytest.raises(TrainingError, match="the code is not finite"):
        compare(as_data(curve(60)), ["autoencoder"], [1], seeds=2)


@pytest.mark.parametrize(("seed", "seeds"), [(0, 0), (2**32 - 1, 2), (-1, 1)])
def test_seeds_that_cannot_be_are_refused_before_any_fit(seed: int, seeds: int) -> None:
    with pytest.raises(InputError, match=r"The option 'seeds?' is"):
        compare(as_data(curve(60)), ["autoencoder"], [1], seed=seed, seeds=seeds)
