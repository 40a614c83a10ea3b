"""What does not belong: scores, what they are made of, thresholds that hold, and the verb."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pandas
import pytest
from scipy.stats import betabinom
from sklearn.metrics import roc_auc_score

from narrows import AnomalyDetector
from narrows.core.errors import InputError
from narrows.data.datasets import load
from narrows.data.readers import Reading, as_data, from_table
from narrows.data.schema import Data
from narrows.data.tables import from_frame
from narrows.fitting.fit import fit
from narrows.report.anomalies import oddities
from narrows.runs.reference_rows import MOST_ROWS, Reference
from narrows.runs.run import Run
from narrows.tasks.anomalies.detector import Detector, Survey, truth
from tests.commands import as_json, narrows
from tests.conftest import curve
from tests.golden import HERE

HOW = {"training": {"epochs": 20}}


@pytest.fixture(scope="module")
def run() -> Run:
    """A fit of a curved line in six columns."""
    return fit(as_data(curve(600)), latent_dim=2, overrides=HOW)


@pytest.fixture(scope="module")
def detector(run: Run) -> Detector:
    return Detector(run)


@pytest.mark.parametrize("column", range(6))
def test_an_anomaly_in_one_column_is_found_and_put_down_to_it(detector: Detector, column: int) -> None:
    rows = curve(12, seed=3)
    rows[:, column] += 4.0
    found = detector.find(rows)
    assert found.p.max() <= 1 / 101
    made = detector.contributions(rows)
    assert np.median(made[:, column] / made.sum(axis=1)) > 0.4
    assert (made.argmax(axis=1) == column).mean() >= 0.75


def test_contributions_sum_to_the_score_where_it_is_above_0(detector: Detector) -> None:
    rows = curve(50, seed=4) + 0.1 * np.random.default_rng(0).standard_normal((50, 6))
    made, scores = detector.contributions(rows), detector.scores(rows)
    assert (made >= 0).all()
    np.testing.assert_allclose(made.sum(axis=1), np.maximum(scores, 0.0), atol=1e-8)


@pytest.mark.parametrize("values", [load("digits").array[:200], curve(200)])
def test_who_is_usual_has_nothing_to_explain(values: np.ndarray) -> None:
    found = Detector(fit(as_data(values), overrides={"training": {"epochs": 2}}))
    most = values[[found.scores(values).argmin()]]
    made = found.contributions(most)
    assert made.shape == most.shape
    assert (made == 0).all()


def test_scores_do_not_depend_on_the_order_or_the_company(detector: Detector) -> None:
    rows = curve(40, seed=5)
    scores, order = detector.scores(rows), np.random.default_rng(1).permutation(40)
    np.testing.assert_allclose(detector.scores(rows[order]), scores[order], atol=2e-9)
    np.testing.assert_allclose(detector.scores(rows[7:8]), scores[7:8], atol=2e-9)


@pytest.mark.parametrize("expect", [0.1, 0.01, 0.0])
def test_of_fresh_rows_the_share_asked_for_is_flagged(run: Run, expect: float) -> None:
    fresh, n = 2000, 100
    found = Survey(run, as_data(curve(fresh, seed=6)), expect)
    assert len(found.detector.held_out) == n
    above = max(1, int(expect * (n + 1)))
    low, high = betabinom.interval(0.999, fresh, above, n + 1 - above)
    assert low <= found.flagged.sum() <= high
    assert found.threshold.largest == (expect < 1 / 101)


def test_a_table_that_holds_its_anomalies_unmarked() -> None:
    """Twenty that are alike, and twenty that stand alone, each unlike the curve."""
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


def test_a_pixel_that_is_off_lights_up_in_the_map() -> None:
    images = load("digits").array[:600]
    found = Detector(fit(as_data(images), overrides=HOW))
    odd = images[:5].copy()
    odd[:, 0, 0] = 16.0
    maps = found.contributions(odd)
    assert maps.shape == (5, 8, 8)
    assert all(np.unravel_index(one.argmax(), one.shape) == (0, 0) for one in maps)


def test_a_run_that_was_saved_scores_the_same(run: Run, detector: Detector, tmp_path: Path) -> None:
    run.save(tmp_path / "run")
    rows = curve(30, seed=7)
    again = Detector(Run.load(tmp_path / "run"))
    np.testing.assert_array_equal(again.scores(rows), detector.scores(rows))
    np.testing.assert_array_equal(again.held_out, detector.held_out)


def test_an_older_run_is_refused_in_a_sentence() -> None:
    with pytest.raises(InputError, match="keeps no rows to compare others with"):
        Detector(Run.load(HERE / "1" / "table"))


def test_kept_rows_are_few_and_disjoint() -> None:
    data = as_data(np.arange(40_000, dtype=np.float64)[:, None])
    train, validation, held_out = np.split(np.arange(40_000), [32_000, 36_000])
    kept = Reference.draw(data, train, validation, data.rows(held_out))
    assert sum(map(len, kept)) == MOST_ROWS
    assert kept.train.max() < 32_000 <= kept.validation.min() <= kept.validation.max() < 36_000
    assert kept.held_out.min() >= 36_000
    assert len(kept.held_out) == MOST_ROWS / 5
    few = Reference.draw(data, train[:30], validation[:10], data.rows(held_out[:10]))
    assert [len(part) for part in few] == [30, 10, 10]


def test_contamination_is_the_share_of_the_fitted_rows_as_scikit_learn_has_it() -> None:
    x = curve(200)
    found = AnomalyDetector(contamination=0.1, training={"epochs": 2}).fit(x)
    assert (found.predict(x) == -1).sum() == 20
    assert (found.decision_function(x) < 0).sum() == 20
    np.testing.assert_allclose(found.contributions(x).sum(axis=1), np.maximum(-found.score_samples(x), 0))
    assert ((found.p_values(x) > 0) & (found.p_values(x) <= 1)).all()
    for share in (0.0, 0.6, "many"):
        with pytest.raises(InputError, match=r"share up to 0\.5"):
            AnomalyDetector(contamination=share).fit(x)  # type: ignore[arg-type]


def test_a_detector_is_loaded_from_any_run(run: Run, detector: Detector, tmp_path: Path) -> None:
    run.save(tmp_path / "run")
    rows = curve(30, seed=8)
    np.testing.assert_array_equal(
        -AnomalyDetector.load(tmp_path / "run").score_samples(rows), detector.scores(rows)
    )


def test_labels_say_which_rows_are_anomalies() -> None:
    assert truth(np.array([0.0, 1.0])).tolist() == [False, True]
    assert truth(np.array(["Normal", "anomaly"])).tolist() == [False, True]
    for labels in (None, np.array([0.0, 2.0]), np.array([0, 0]), np.array(["a", "b"])):
        with pytest.raises(InputError, match="--label"):
            truth(labels)


@pytest.fixture
def table() -> list[str]:
    """A table with ids and labels, of which the last five rows are odd; and a run fitted to it."""
    rows = curve(200)
    rows[195:, 2] += 5
    with Path("t.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["name", *"abcdef", "odd"])
        writer.writerows([f"n{i}", *row, int(i >= 195)] for i, row in enumerate(rows.tolist()))
    return ["fit", "t.csv", "--id", "name", "--label", "odd", "--epochs", "5", "--out", "run", "--quiet"]


def test_the_verb_writes_scores_with_reasons_and_a_page(
    table: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    narrows(capsys, *table)
    found = as_json(
        capsys,
        "anomalies",
        "run",
        "t.csv",
        "-o",
        "s.csv",
        "--label",
        "odd",
        "--maps",
        "maps",
        "--expect",
        0.1,
    )
    assert {"threshold", "flagged", "n", "auroc", "average_precision", "yardsticks"} <= found.keys()
    assert (found["n"], set(found["yardsticks"])) == (
        200,
        {"PCA error", "isolation forest", "k nearest neighbours"},
    )
    assert found["auroc"] > 0.99
    rows = list(csv.DictReader(Path("s.csv").read_text("utf-8").splitlines()))
    assert list(rows[0])[:4] == ["id", "score", "p", "flagged"]
    assert sum(int(row["flagged"]) for row in rows) == found["flagged"]
    top = sorted(rows, key=lambda row: -float(row["score"]))[:5]
    assert {row["id"] for row in top} == {f"n{i}" for i in range(195, 200)}
    assert {row["column1"] for row in top} == {"c"}
    assert len(Path("maps/contributions.csv").read_text("utf-8").splitlines()) == 201
    page = Path("s.html").read_text("utf-8")
    assert "<script" not in page
    assert "n199: score" in page
    assert found["sentence"] in page


def test_images_get_maps_and_pictures_of_those_that_are_flagged(
    digits_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    images = load("digits").array[:20].copy()
    images[4, :, 0] = images[4, :, 7] = 16
    np.save("new.npy", images)
    out, _ = narrows(capsys, "anomalies", digits_folder, "new.npy", "-o", "s.csv", "--maps", "maps")
    assert np.load("maps/maps.npy").shape == (20, 8, 8)
    assert Path("maps/4.png").exists()
    assert "of 20 rows score above" in out
    assert "data:image/png" in Path("s.html").read_text("utf-8")


def test_a_share_too_small_for_the_held_out_rows_is_said(
    digits_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save("new.npy", load("digits").array[:5])
    found = as_json(capsys, "anomalies", digits_folder, "new.npy", "-o", "s.csv", "--expect", 0)
    assert "the highest of the 180 rows held out" in found["sentence"]
    assert "auroc" not in found


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-o", "s.npy"], "wanted is .csv or .parquet"),
        (["-o", "s.csv", "--expect", "2"], "between 0 and 1"),
        (["-o", "s.csv", "--label", "y"], "bring no labels"),
    ],
)
def test_wrong_use_is_one_sentence(
    words: list[str], message: str, digits_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save("new.npy", load("digits").array[:5])
    out, _ = narrows(capsys, "anomalies", digits_folder, "new.npy", *words, "--json", code=2)
    assert message in json.loads(out)["error"]
    assert not Path("s.csv").exists()


def test_others_are_told_by_how_many_have_the_same_word() -> None:
    """Few are green: the page must not say that others are green, too."""
    rng = np.random.default_rng(0)
    words = np.where(np.arange(300) < 6, "green", "red")
    frame = pandas.DataFrame({"x": rng.standard_normal(300), "colour": words, "ok": np.arange(300) > 9})
    run = fit(from_table(from_frame(frame, "X"), "X"), overrides=HOW)
    found = Survey(run, as_read(run, frame), 0.05)
    told = [reason for row in oddities(found) for reason in row.reasons if reason.name in ("colour", "ok")]
    shares = {f"{reason.name} {reason.cell}": float(reason.usual.split(" %")[0]) for reason in told}
    assert shares["colour green"] < 50
    assert all(reason.usual.endswith(reason.cell) for reason in told)


def as_read(run: Run, frame: pandas.DataFrame) -> Data:
    return from_table(from_frame(frame, "X"), "X", Reading(like=run.schema))


def test_a_detector_keeps_its_threshold(tmp_path: Path) -> None:
    x = curve(200)
    found = AnomalyDetector(contamination=0.1, training={"epochs": 2}).fit(x)
    again = AnomalyDetector.load(found.save(tmp_path / "run"))
    assert again.contamination == 0.1
    np.testing.assert_array_equal(again.predict(x), found.predict(x))


def test_new_rows_need_no_names_and_a_wrong_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    rows = curve(80)
    table = pandas.DataFrame(rows, columns=list("abcdef"))
    table.assign(name=[f"row {i}" for i in range(80)]).to_csv("named.csv", index=False)
    table.to_csv("bare.csv", index=False)
    narrows(capsys, "fit", "named.csv", "--id", "name", "--epochs", "2", "--out", "run")
    assert as_json(capsys, "anomalies", "run", "bare.csv", "-o", "s.csv")["n"] == 80
    told = narrows(capsys, "anomalies", "run", "bare.csv", "-o", "s.csv", "--id", "nam", "--json", code=2)[0]
    assert "no column 'nam'" in json.loads(told)["error"]


def test_maps_hold_what_was_flagged_last(capsys: pytest.CaptureFixture[str]) -> None:
    np.save("x.npy", load("digits").array[:150])
    narrows(capsys, "fit", "x.npy", "--epochs", "2", "--out", "run")
    for expect in ("0.4", "0.02"):
        found = as_json(capsys, "anomalies", "run", "x.npy", "-o", "s.csv", "--maps", "m", "--expect", expect)
        assert len(list(Path("m").glob("*.png"))) == found["flagged"]
    Path("file").write_text("mine")
    narrows(capsys, "anomalies", "run", "x.npy", "-o", "new.csv", "--maps", "file", code=2)
    assert not Path("new.csv").exists()
