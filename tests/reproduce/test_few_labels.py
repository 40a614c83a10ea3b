from __future__ import annotations

import pytest
import torch

from narrows.reproduce.few_labels import METHODS, checks, figures, measure
from narrows.reproduce.lab import Lab
from narrows.reproduce.use_models import autoencoder
from narrows.tasks.few_labels.labelled_split import LabelledSplit
from narrows.tasks.few_labels.probe import LABELS_ALONE, Experiment


@pytest.mark.usefixtures("brief_fine_tuning")
def test_every_method_learns_from_every_draw(lab: Lab) -> None:
    data = lab.digits
    run = autoencoder(4, 2, 0).fit(data.array).run_
    experiment = Experiment(run, LabelledSplit(data, 0), torch.device("cpu"), {"epochs": 2})
    found = measure(experiment, 2, range(2), list(METHODS))
    assert set(found) == set(METHODS)
    assert all(len(each) == 2 and min(each) > 0.05 for each in found.values())


def test_pretrained_weights_are_judged_against_random_ones_at_each_number_of_labels() -> None:
    better = {LABELS_ALONE: [0.6, 0.7], "random": [0.5, 0.6], "fine_tuned": [0.4, 0.5], "pixels": [0.5, 0.6]}
    found = checks({1: better, 10: {**better, "random": [0.5, 0.8]}}, 10)
    assert [check.outcome for check in found] == [True, False, None, False]
    assert "with 100 labels" in found[2].quantity


def test_one_number_of_labels_is_no_curve() -> None:
    row = dict.fromkeys(("random", "pca"), 0.5)
    assert [len(figures(means, 10)) for means in ({10: row}, {1: row, 10: row})] == [1, 2]
