"""Missing cells of a table are filled in: how well, and from what."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer

from narrows.core.errors import InputError
from narrows.data.readers import as_data
from narrows.fitting.fit import fit
from narrows.runs.evidence import Evidence
from narrows.runs.imputation import NEIGHBOURS, likeliest, most_correlated, weighted_means
from narrows.runs.run import Run
from tests.samples import curve, mixed, of_frame

SHORT = {"training": {"epochs": 5}}


def correlated(n: int, seed: int) -> NDArray[np.float64]:
    """Rows of twelve columns that six hidden numbers determine but for a little noise."""
    rng, weights = np.random.default_rng(seed), np.random.default_rng(0).standard_normal((6, 12))
    return rng.standard_normal((n, 6)) @ weights + 0.1 * rng.standard_normal((n, 12))


def hidden(rows: NDArray[np.float64], seed: int = 0) -> NDArray[np.bool_]:
    """A mask of one cell in each row."""
    mask = np.zeros(rows.shape, dtype=np.bool_)
    mask[np.arange(len(rows)), np.random.default_rng(seed).integers(0, rows.shape[1], len(rows))] = True
    return mask


@pytest.fixture(scope="module")
def run() -> Run:
    """A fit of complete rows that cannot hold all of them in its two latent dimensions."""
    return fit(as_data(correlated(400, 1)), latent_dim=2, overrides=SHORT)


@pytest.fixture(scope="module")
def table() -> Run:
    return fit(of_frame(mixed(400)), latent_dim=2, overrides={"training": {"epochs": 20}})


def test_cells_that_the_bottleneck_loses_are_filled_in_from_the_others(run: Run) -> None:
    rows = correlated(200, 2)
    mask = hidden(rows)
    damaged = np.where(mask, np.nan, rows)

    def error(filled: NDArray[np.float64]) -> float:
        return float(np.sqrt(((filled - rows)[mask] ** 2).mean()))

    regressed = IterativeImputer(random_state=0).fit(correlated(400, 1)).transform(damaged)
    assert error(run.impute(damaged)) < 1.05 * error(regressed) < 0.5 * error(run.reconstruct(damaged))


def test_cells_of_a_curve_are_filled_in_better_than_by_a_linear_regression() -> None:
    found = fit(as_data(curve(400)), latent_dim=2, overrides={"training": {"epochs": 20}})
    rows = curve(200, seed=5)
    mask = hidden(rows)
    damaged = np.where(mask, np.nan, rows)
    regressed = IterativeImputer(random_state=0).fit(curve(400)).transform(damaged)
    ours, linear = (((each - rows)[mask] ** 2).mean() for each in (found.impute(damaged), regressed))
    assert ours < 0.5 * linear


def test_other_cells_stay_and_complete_rows_too(run: Run) -> None:
    rows = correlated(50, 3)
    damaged = np.where(hidden(rows), np.nan, rows)
    damaged[:10] = rows[:10]
    filled = run.impute(damaged)
    assert np.isfinite(filled).all()
    np.testing.assert_array_equal(filled[~np.isnan(damaged)], damaged[~np.isnan(damaged)])


def test_a_row_is_filled_in_alike_in_any_company(run: Run) -> None:
    rows = correlated(60, 4)
    damaged = np.where(np.random.default_rng(1).random(rows.shape) < 0.3, np.nan, rows)
    np.testing.assert_allclose(run.impute(damaged[7:8]), run.impute(damaged)[7:8], atol=1e-6)


def test_a_row_without_any_cell_has_values_of_the_training_part(run: Run) -> None:
    filled = run.impute(np.full((1, 12), np.nan))
    kept = run.evidence.reference
    assert kept is not None
    assert ((filled >= kept.known.min(axis=0)) & (filled <= kept.known.max(axis=0))).all()


def test_words_and_types_are_those_of_the_columns(table: Run) -> None:
    rows = np.asarray(of_frame(mixed(200, seed=1)).array)
    mask = hidden(rows)
    filled = table.impute(np.where(mask, np.nan, rows))
    for j, column in enumerate(table.schema.columns):
        if column.levels:
            assert set(filled[:, j]) <= set(range(len(column.levels)))
            usual = np.bincount(rows[:, j].astype(int)).max() / len(rows)
            assert (filled == rows)[mask[:, j], j].mean() > usual


def test_likeliest_cells_are_words_and_not_means_of_them(table: Run) -> None:
    rows = table.scaled(np.asarray(of_frame(mixed(100, seed=2)).array)).astype(np.float64)
    rows[:, 2:] = np.nan
    found = table.imputer.likeliest(rows)
    assert set(np.unique(found[:, 2:])) == {0.0, 1.0}
    assert np.isfinite(table.imputer(rows)).all()


def test_reference_rows_may_lack_cells_themselves() -> None:
    rows, new = correlated(400, 1), correlated(100, 2)
    rows[np.random.default_rng(0).random(rows.shape) < 0.1] = np.nan
    found = fit(as_data(rows), latent_dim=2, overrides=SHORT)
    mask = hidden(new)
    damaged = np.where(mask, np.nan, new)
    ours, recon = (
        ((each - new)[mask] ** 2).mean() for each in (found.impute(damaged), found.reconstruct(damaged))
    )
    assert np.isfinite(found.impute(rows)).all()
    assert ours < 0.25 * recon


def test_without_reference_rows_cells_are_reconstructed(run: Run) -> None:
    bare = Run(run.config, run.objective, run.scaling, run.schema, run.density, evidence=Evidence())
    rows = correlated(20, 3)
    damaged = np.where(hidden(rows), np.nan, rows)
    expected = np.where(np.isnan(damaged), run.reconstruct(damaged), damaged)
    np.testing.assert_allclose(bare.impute(damaged), expected, atol=1e-5)


def test_images_have_no_missing_cells(digits_run: Run) -> None:
    with pytest.raises(InputError, match="Only missing values are filled in, which images cannot have"):
        digits_run.impute(np.zeros((1, 8, 8)))


def test_near_rows_have_more_weight() -> None:
    targets = np.array([[0.0], [1.0], [5.0]])
    found = weighted_means(targets, np.array([[1.0, 3.0]]), np.array([[0, 1]]))
    np.testing.assert_allclose(found, [[0.25]], atol=1e-3)
    assert weighted_means(targets, np.zeros((1, 2)), np.array([[0, 1]])).tolist() == [[0.5]]
    assert NEIGHBOURS > 1


def test_features_that_correlate_are_chosen_and_constant_ones_are_not() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((50, 300))
    x[:, 7] = 3.0
    chosen = most_correlated(x, x[:, [11]] + x[:, [290]])
    assert {11, 290} <= set(chosen)
    assert 7 not in chosen
    assert len(chosen) == 200


def test_columns_of_more_numbers_than_two_keep_means() -> None:
    values = np.array([[0.4]])
    assert likeliest(values, np.array([[0.0], [1.0], [2.0]])) is values
