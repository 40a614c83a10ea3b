"""What every estimator does with its run, and what its errors say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
from sklearn.exceptions import NotFittedError

from narrows import AnomalyDetector, Autoencoder, Denoiser, PretrainedClassifier
from narrows.core.errors import NarrowsError
from tests.samples import DIGITS, curve, mixed

SHORT = {"epochs": 1}

ESTIMATORS = [Autoencoder(), AnomalyDetector(), Denoiser(), PretrainedClassifier()]


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda estimator: type(estimator).__name__)
def test_before_a_fit_there_is_nothing_to_save_or_report(estimator: Any, tmp_path: Path) -> None:
    for use in (estimator.report, estimator.explore, lambda: estimator.save(tmp_path / "run")):
        with pytest.raises(NotFittedError, match=f"This {type(estimator).__name__} instance is not fitted"):
            use()
    assert not hasattr(estimator, "verdict_")
    assert not (tmp_path / "run").exists()


def test_the_report_that_is_saved_is_the_report(tmp_path: Path) -> None:
    detector = AnomalyDetector(Autoencoder(2, training=SHORT)).fit(curve(60))
    folder = detector.save(str(tmp_path / "run"))
    assert (folder / "report.html").read_text("utf-8") == detector.report()
    assert detector.verdict_ in detector.run_.metrics["verdict"]["sentence"]


def save_twice() -> None:
    ae = Autoencoder(2, training=SHORT).fit(curve(60))
    ae.save("run")
    ae.save("run")


def free_text() -> None:
    Autoencoder(2, training=SHORT).fit(pandas.DataFrame({"note": [f"word {i}" for i in range(60)]}))


def test_text_that_hardly_repeats_is_left_out_with_a_warning() -> None:
    frame = mixed(60).assign(note=[f"word {i}" for i in range(60)])
    with pytest.warns(UserWarning, match=r"left out: 'note' \(60 different words\)"):
        ae = Autoencoder(2, training=SHORT).fit(frame)
    assert list(ae.reconstruct(frame).columns) == list(frame.columns[:-1])


WRONG: dict[str, Callable[[], Any]] = {
    "exists already": save_twice,
    "no category; leave it out": free_text,
    "too small for patches of 32x32": lambda: Denoiser(patch=32).fit(np.ones((4, 20, 20))),
    "Only images are cut into patches": lambda: Denoiser(patch=3).fit(np.ones((4, 5, 5, 5, 5))),
    "as the recipe inpainting is": lambda: (
        Autoencoder(2, training=SHORT).fit(DIGITS[:40]).restore(DIGITS[:2])
    ),
    "is not finite any more. A smaller training.learning_rate": lambda: Autoencoder(
        2, training={"epochs": 40, "learning_rate": 1e25}
    ).fit(1e3 * curve(400)),
}


@pytest.mark.parametrize("message", WRONG)
def test_an_error_names_no_flag_of_the_command_line(message: str) -> None:
    with pytest.raises(NarrowsError, match=message) as found:
        WRONG[message]()
    assert "--" not in str(found.value)
