"""Anomaly scores: which rows they find, and which columns or pixels they name."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas
import pytest
from sklearn.metrics import roc_auc_score

from narrows.core.errors import InputError
from narrows.data.datasets import load
from narrows.data.readers import as_data, from_table
from narrows.data.tables.table import from_frame
from narrows.fitting.fit import fit
from narrows.runs.folder import load_run, save_run
from narrows.runs.run import Run
from narrows.tasks.anomalies.conformal import threshold
from narrows.tasks.anomalies.detector import MAX_ROWS, Detector, pieces
from tests.golden import HERE
from tests.samples import curve, mixed, of_frame

HOW = {"training": {"epochs": 20}}


@pytest.fixture(scope="module")
def detector(curve_run: Run) -> Detector:
    return Detector(curve_run)


@pytest.mark.parametrize("column", range(6))
def test_an_anomaly_in_one_column_is_found_and_attributed_to_it(detector: Detector, column: int) -> None:
    rows = curve(12, seed=3)
    rows[:, column] += 4.0
    found = detector.scored(rows)
    assert found.p.max() <= 2 / 101
    made = detector.contributions(rows)
    assert np.median(made[:, column] / made.sum(axis=1)) > 0.4
    assert (made.argmax(axis=1) == column).mean() >= 0.75


def test_contributions_sum_to_the_score(detector: Detector) -> None:
    noise = np.linspace(0, 0.1, 200)[:, None]
    rows = curve(200, seed=4) + noise * np.random.default_rng(0).standard_normal((200, 6))
    made = detector.contributions(rows)
    assert (made >= 0).all()
    np.testing.assert_allclose(made.sum(axis=1), detector.scores(rows), atol=1e-8)


def test_held_out_rows_that_are_anomalies_do_not_set_the_threshold(curve_run: Run) -> None:
    """Two of the 100 held-out rows are moved away from the curve."""
    assert curve_run.evidence.reference is not None
    clean, moved = Detector(curve_run), curve_run.evidence.reference.held_out.copy()
    moved[[3, 40], 2] += 30.0
    run = copy.copy(curve_run)
    run.evidence = replace(run.evidence, reference=replace(clean.kept, held_out=moved))
    found = Detector(run)
    assert not clean.wild.any()
    assert np.flatnonzero(found.wild).tolist() == [3, 40]
    assert len(found.held_out) == 98
    assert found.held_out.max() < found.scores(moved[[3]])[0] / 2


def test_scores_do_not_depend_on_the_order_or_the_batch(detector: Detector) -> None:
    rows = curve(40, seed=5)
    scores, order = detector.scores(rows), np.random.default_rng(1).permutation(40)
    np.testing.assert_allclose(detector.scores(rows[order]), scores[order], atol=2e-9)
    np.testing.assert_allclose(detector.scores(rows[7:8]), scores[7:8], atol=2e-9)


def test_anomalies_among_the_training_rows_are_found() -> None:
    """Twenty in a cluster and twenty single ones, all away from the curve."""
    rng = np.random.default_rng(2)
    alike = np.full((20, 6), 2.5) + 0.05 * rng.standard_normal((20, 6))
    alone = rng.uniform(-2, 2, (20, 6))
    table = np.concatenate([curve(600), alike, alone])
    odd = np.arange(640) >= 600
    scores = Detector(fit(as_data(table), overrides=HOW)).scores(table)
    assert roc_auc_score(odd, scores) > 0.97


def test_mixed_columns_and_missing_cells() -> None:
    rng = np.random.default_rng(3)
    x = rng.uniform(-1, 1, 400)
    frame = pandas.DataFrame({"word": np.where(x > 0, "up", "down"), "x": x, "y": 3 * x})
    frame[["u", "v", "w"]] = x[:, None] * [-1.0, 0.5, 7.0]
    frame.loc[::9, "y"] = np.nan
    found = fit(from_table(from_frame(frame, "X"), "X"), overrides=HOW)
    detector = Detector(found)
    up, down = np.array([0.9, 2.7, -0.9, 0.45, 6.3]), np.array([-0.9, -2.7, 0.9, -0.45, -6.3])
    odd = np.array([[1.0, *np.where(np.arange(5) == 1, -2.7, up)], [1.0, *down], [1.0, np.nan, *up[1:]]])
    assert found.schema.columns[0].levels == ("down", "up")
    made = detector.contributions(odd)
    assert made.shape == (3, 6)
    scores = detector.scores(odd)
    assert np.isfinite(scores).all()
    assert scores[:2].min() > scores[2]
    assert made[:2].argmax(axis=1).tolist() == [2, 0]


def test_rows_that_lack_a_cell_are_flagged_as_often_as_complete_ones() -> None:
    """The training part is complete, and the missing cells are of all natures."""
    found = Detector(fit(of_frame(mixed(600)), latent_dim=2, overrides={"training": {"epochs": 30}}))
    rows = np.asarray(of_frame(mixed(400, seed=1)).array)
    lacking = rows.copy()
    lacking[np.arange(400), np.arange(400) % 5] = np.nan
    score = threshold(found.held_out, 0.05).score
    assert (found.scores(rows) > score).mean() < 0.1
    assert (found.scores(lacking) > score).mean() < 0.1


def test_the_largest_contribution_of_an_image_is_at_the_anomalous_pixel() -> None:
    images = load("digits").array[:600]
    found = Detector(fit(as_data(images), overrides=HOW))
    odd = images[:5].copy()
    odd[:, 0, 0] = 16.0
    maps = found.contributions(odd)
    assert maps.shape == (5, 8, 8)
    assert all(np.unravel_index(one.argmax(), one.shape) == (0, 0) for one in maps)


def test_a_run_that_was_saved_scores_the_same(curve_run: Run, detector: Detector, tmp_path: Path) -> None:
    save_run(curve_run, tmp_path / "run")
    rows = curve(30, seed=7)
    again = Detector(load_run(tmp_path / "run"))
    np.testing.assert_array_equal(again.scores(rows), detector.scores(rows))
    np.testing.assert_array_equal(again.held_out, detector.held_out)


def test_of_few_held_out_rows_all_kept_rows_tell_what_is_usual() -> None:
    """Else most rows would score above the two that are held out of twelve."""
    rows = np.random.default_rng(0).standard_normal((12, 2))
    detector = Detector(fit(as_data(rows), overrides=HOW))
    assert detector.few
    assert len(detector.kept.held_out) == 2
    np.testing.assert_array_equal(np.sort(detector.held_out), np.sort(detector.scores(rows)))


def test_a_run_without_reference_rows_is_refused() -> None:
    with pytest.raises(InputError, match="keeps no rows to compare others with"):
        Detector(load_run(HERE / "1" / "table"))


def test_rows_are_scored_in_pieces_of_limited_size() -> None:
    assert [len(piece) for piece in pieces(np.zeros((MAX_ROWS + 3, 2)))] == [MAX_ROWS, 3]
    wide = np.zeros((5, 2**21), dtype=np.bool_)
    assert [len(piece) for piece in pieces(wide)] == [2, 2, 1]


def test_means_of_neighbours_are_in_the_unit_of_the_data(detector: Detector) -> None:
    rows = curve(20, seed=9)
    means = detector.neighbour_means(rows)
    assert means.shape == (20, 6)
    near = np.abs(means - rows).mean(axis=0)
    assert (near < 0.5 * np.abs(rows.mean(axis=0) - rows).mean(axis=0)).all()


def test_means_of_neighbours_of_images_have_a_value_for_each_pixel(digits_run: Run) -> None:
    images = load("digits").array[:30]
    means = Detector(digits_run).neighbour_means(images)
    assert means.shape == (30, 64)
    rows = images.reshape(30, 64)
    assert ((means - rows) ** 2).mean() < 0.5 * ((rows.mean(axis=0) - rows) ** 2).mean()
