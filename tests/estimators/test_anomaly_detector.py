from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows import AnomalyDetector, Autoencoder
from narrows.core.errors import InputError
from narrows.data.readers import as_data
from narrows.fitting.fit import fit
from narrows.runs.folder import save_run
from narrows.runs.run import Run
from narrows.tasks.anomalies.detector import Detector
from tests.samples import curve, mixed
from tests.tasks.anomalies.waves import waves

HOW = {"training": {"epochs": 20}}


@pytest.fixture(scope="module")
def run() -> Run:
    """A fit of a curved line in six columns."""
    return fit(as_data(curve(600)), latent_dim=2, overrides=HOW)


@pytest.fixture(scope="module")
def detector(run: Run) -> Detector:
    return Detector(run)


def test_contamination_is_the_share_of_the_fitted_rows_as_scikit_learn_has_it() -> None:
    x = curve(200)
    found = AnomalyDetector(Autoencoder(training={"epochs": 2}), contamination=0.1).fit(x)
    assert (found.predict(x) == -1).sum() == 20
    assert (found.decision_function(x) < 0).sum() == 20
    np.testing.assert_allclose(found.contributions(x).sum(axis=1), np.maximum(-found.score_samples(x), 0))
    assert ((found.p_values(x) > 0) & (found.p_values(x) <= 1)).all()
    for share in (0.0, 0.6, "many"):
        with pytest.raises(InputError, match=r"share up to 0\.5"):
            AnomalyDetector(contamination=share).fit(x)  # type: ignore[arg-type]


def test_a_word_that_was_never_seen_is_the_anomaly_of_its_row() -> None:
    frame = mixed(300)
    found = AnomalyDetector(Autoencoder(training={"epochs": 5})).fit(frame)
    rows = frame[:20].astype({"d": str})
    usual = found.score_samples(rows)
    new = rows.copy()
    new.loc[3, "d"] = "higher"
    with pytest.warns(UserWarning, match=r"far from all others: 'd' in 1 cell \('higher'\)"):
        scores = found.score_samples(new)
    with pytest.warns(UserWarning, match="higher"):
        assert found.predict(new)[3] == -1
    with pytest.warns(UserWarning, match="higher"):
        assert found.contributions(new)[3].argmax() == list(frame.columns).index("d")
    np.testing.assert_allclose(np.delete(scores, 3), np.delete(usual, 3), atol=1e-8)


def test_a_detector_is_loaded_from_any_run(run: Run, detector: Detector, tmp_path: Path) -> None:
    save_run(run, tmp_path / "run")
    rows = curve(30, seed=8)
    np.testing.assert_array_equal(
        -AnomalyDetector.load(tmp_path / "run").score_samples(rows), detector.scores(rows)
    )


def test_a_detector_keeps_its_threshold(tmp_path: Path) -> None:
    x = curve(200)
    found = AnomalyDetector(Autoencoder(training={"epochs": 2}), contamination=0.1).fit(x)
    again = AnomalyDetector.load(found.save(tmp_path / "run"))
    assert again.contamination == 0.1
    np.testing.assert_array_equal(again.predict(x), found.predict(x))


def test_rows_from_elsewhere_are_warned_of() -> None:
    detector = AnomalyDetector(Autoencoder(training={"epochs": 5})).fit(curve(300))
    detector.predict(curve(100, seed=3))
    with pytest.warns(
        UserWarning, match="of the rows are flagged, and x1 .* lies elsewhere than in the training"
    ):
        detector.predict(curve(100, seed=3) + np.array([0, 10, 0, 0, 0, 0]))


def test_time_steps_of_recordings_have_scores_and_intervals() -> None:
    usual, new = waves(800, 0), waves(300, 3)
    new[150:170, 1] = 0.0
    windows = Autoencoder(2, kind="sequences", window=20, epochs=3)
    detector = AnomalyDetector(windows).fit([usual])
    (found,) = detector.time_scores([new])
    assert found.score.shape == (300,)
    highest = max(found.intervals, key=lambda each: each.score)
    assert highest.first < 170
    assert highest.last > 150
    with pytest.raises(InputError, match="windows over recordings"):
        AnomalyDetector(Autoencoder(2, epochs=1)).fit(curve(60)).time_scores(curve(60))
