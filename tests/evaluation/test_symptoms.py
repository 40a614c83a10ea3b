from __future__ import annotations

import json

import pytest

from narrows.evaluation.symptoms import Detail, Gap, Layer, Residual, Symptoms
from narrows.runs.run import Run

FEW = Symptoms(0.5, None, Gap(2.0, 1.5), (Layer(0, 8), Layer(2, 4)))
ALL = Symptoms(
    0.5, 0.25, Gap(2.0, 1.5), (Layer(0, 8),), 0.125, Residual(3.0, 1.0, 0.5), Detail(0.25, None, 0.75)
)


@pytest.mark.parametrize("symptoms", [FEW, ALL])
def test_symptoms_come_back_from_their_json(symptoms: Symptoms) -> None:
    assert Symptoms.from_json(json.loads(json.dumps(symptoms.to_json()))) == symptoms


def test_what_does_not_apply_is_left_out() -> None:
    assert FEW.to_json() == {"train_mse": 0.5, "gap": [2.0, 1.5], "dead": [[0, 8], [2, 4]]}
    assert ALL.to_json()["residual"] == {"ours": 3.0, "pca": 1.0, "share": 0.5}


def test_a_run_keeps_its_symptoms_in_the_metrics(digits_run: Run) -> None:
    record = digits_run.metrics["symptoms"]
    assert list(record) == [
        "train_mse",
        "train_pca_mse",
        "gap",
        "dead",
        "noise_passed",
        "residual",
        "detail",
    ]
    assert Symptoms.from_json(record).to_json() == record
