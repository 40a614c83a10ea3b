from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch

from narrows import Autoencoder
from narrows.core.errors import InputError
from narrows.data.datasets import load
from narrows.evaluation.latent_dimensions import explained, importance, rank_correlation
from narrows.report import render
from narrows.runs.folder import load_run
from narrows.runs.run import Run
from tests.golden import HERE

RNG = np.random.default_rng(0)


def two_factors() -> np.ndarray:
    """Columns 0 to 2 rise with one factor, 3 falls with another; 4 is noise."""
    a, b = RNG.standard_normal((2, 500, 1))
    columns = [a, 2 * a, 3 * a, -b, RNG.standard_normal((500, 1))]
    return np.hstack(columns) + 0.05 * RNG.standard_normal((500, 5))


def test_rank_correlation_is_scipys() -> None:
    from scipy.stats import spearmanr

    x = RNG.standard_normal((60, 3))
    np.testing.assert_allclose(
        rank_correlation(x[:, :1], x[:, 1:])[0, 0], spearmanr(x[:, 0], x[:, 1]).statistic
    )
    assert rank_correlation(np.ones((60, 1)), x[:, :1])[0, 0] == 0


def test_a_share_counts_any_curve_and_no_chance() -> None:
    z = RNG.uniform(-1, 1, 2000)
    x = np.column_stack([z, z**2, RNG.standard_normal(2000), np.full(2000, 3.0)])
    x[::7, 0] = np.nan
    share = explained(z, x)
    assert share[0] > 0.97
    assert share[1] > 0.9
    assert share[2:].max() < 0.02


def test_a_dimension_is_told_by_its_columns_and_their_sign() -> None:
    ae = Autoencoder(2, encoder="linear", training={"epochs": 60}).fit(two_factors())
    rows = ae.dimensions()
    assert len(rows) == 10
    assert rows[0]["importance"] == max(row["importance"] for row in rows)
    codes, found = ae.transform(two_factors()), {(row["dimension"], row["column"]): row for row in rows}
    assert codes.shape == (500, 2)
    for d in (0, 1):
        signs = [np.sign(found[d, f"x{i}"]["correlation"]) for i in range(3)]
        assert len(set(signs)) == 1
    assert max(found[d, "x4"]["share"] for d in (0, 1)) < 0.3
    assert max(found[d, "x1"]["share"] for d in (0, 1)) > 0.4


def test_along_a_dimension_that_dimension_changes() -> None:
    ae = Autoencoder(2, encoder="linear", training={"epochs": 20}).fit(two_factors())
    walked = ae.transform(ae.traverse(1, steps=5))
    assert ae.traverse(0).shape == (9, 5)
    assert (np.diff(walked[:, 1]) > 0).all()
    with pytest.raises(InputError, match="dimension"):
        ae.traverse(2)


def test_importance_is_what_is_lost_without_a_dimension_in_units_of_what_all_explain(digits_run: Run) -> None:
    x = digits_run.scaled(load("digits").array[:300]).reshape(300, -1)
    codes = digits_run.encode(load("digits").array[:300])
    whole = ((digits_run.decode_scaled(codes) - x) ** 2).mean()
    without = []
    for j in range(4):
        held = codes.copy()
        held[:, j] = codes[:, j].mean()
        without.append(((digits_run.decode_scaled(held) - x) ** 2).mean())
    explained_by_all = ((x - x.mean(axis=0)) ** 2).mean() - whole
    found = importance(digits_run, x, codes, np.arange(4))
    np.testing.assert_allclose(found, (np.array(without) - whole) / explained_by_all, rtol=1e-5)
    np.testing.assert_allclose(importance(digits_run, x, codes, np.array([2])), found[[2]])
    assert found.min() > 0
    kept = digits_run.evidence.meaning
    assert kept is not None
    assert np.argmax(kept.importance) == np.argmax(found)


def test_of_an_older_run_nothing_is_known() -> None:
    run = load_run(HERE / "1" / "table")
    assert "What each latent dimension" not in render(run)
    with pytest.raises(InputError, match="earlier version of Narrows"):
        Autoencoder.load(HERE / "1" / "table").dimensions()


def test_where_a_model_explains_nothing_no_number_is_important(digits_run: Run) -> None:
    """A decoder that gives the mean whatever the code is."""
    objective = copy.deepcopy(digits_run.objective)
    run, x = replace(digits_run, objective=objective), digits_run.scaled(load("digits").array[:300])
    x = x.reshape(300, -1)
    codes = run.encode(load("digits").array[:300])
    with torch.no_grad():
        for parameter in objective.model.decoder.parameters():
            parameter.zero_()
    assert importance(run, x, codes, np.arange(4)).tolist() == [0, 0, 0, 0]


def test_a_handful_of_rows_explains_nothing() -> None:
    assert explained(np.array([0.0, 1.0]), np.array([[1.0, 2.0], [3.0, 5.0]])).tolist() == [0.0, 0.0]
