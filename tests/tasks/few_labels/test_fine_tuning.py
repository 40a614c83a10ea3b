from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from narrows.core.records import Batch
from narrows.data.datasets import load
from narrows.runs.run import Run
from narrows.tasks.few_labels.fine_tuning import (
    CONFIDENCE,
    MAX_REPEATS,
    CrossEntropy,
    LabelledRows,
    bottleneck_for,
    draw,
    fine_tune,
    randomly_shifted,
)
from narrows.tasks.few_labels.pseudo_labels import Labelled

RNG = np.random.default_rng(0)


def test_images_are_shifted_by_whole_pixels_and_repeat_their_edge() -> None:
    x = torch.arange(36.0).reshape(1, 1, 6, 6).repeat(200, 1, 1, 1)
    torch.manual_seed(0)
    found = randomly_shifted(x, 1)
    differences = {float((a - b)[0, 2, 2]) for a, b in zip(found, x, strict=True)}
    assert differences == {-7.0, -6.0, -5.0, -1.0, 0.0, 1.0, 5.0, 6.0, 7.0}
    assert set(found[:, 0, 0, 0].tolist()) <= {0.0, 1.0, 6.0, 7.0}


def test_draws_are_even() -> None:
    counts = torch.bincount(draw(torch.arange(7), 30), minlength=7)
    assert counts.sum() == 30
    assert counts.max() - counts.min() == 1
    assert len(draw(torch.arange(0), 0)) == 0


def labels_of(n: int, given: int, classes: int = 2) -> Labelled:
    """Rows of the digits, the first with a given label, the next with a hard one, the last with a soft one."""
    first = np.arange(n) < given
    hard = np.arange(n) < (n + given) // 2
    target = np.where(hard[:, None], np.eye(classes)[np.arange(n) % classes], 1 / classes)
    return Labelled(load("digits").array[:n], target, hard, first)


def test_given_labels_have_the_square_root_of_their_share_in_an_epoch(digits_run: Run) -> None:
    rows = LabelledRows(digits_run, labels_of(100, 4), torch.device("cpu"))
    first = {row.tobytes() for row in rows.scaled(rows.values[:4]).x.numpy()}
    epoch = torch.cat([batch.x for batch in rows.shuffled(64)])
    assert len(epoch) == len(rows) == MAX_REPEATS * 100
    assert sum(row.tobytes() in first for row in epoch.numpy()) == len(rows) * 0.2
    checked = [*rows.batches(3)]
    assert [len(batch.x) for batch in checked] == [3, 1]
    assert torch.equal(torch.cat([batch.context["target"] for batch in checked]), rows.target[:4])


class Fixed(nn.Module):
    """A classifier with logits that do not depend on its input."""

    def __init__(self, logits: list[list[float]]) -> None:
        super().__init__()
        self.logits = torch.tensor(logits)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.logits


def test_a_soft_label_counts_where_the_product_of_both_probabilities_is_certain() -> None:
    model: Any = Fixed([[0.0, 0.0], [3.0, 0.0], [3.0, 0.0], [0.0, 9.0]])
    target = torch.tensor([[1.0, 0.0], [0.6, 0.4], [0.4, 0.6], [1.0, 0.0]])
    context = {"target": target, "hard": torch.tensor([True, False, False, True])}
    corruption: Any = nn.Identity()
    found, weight = CrossEntropy(model, corruption, 0).hard_targets(Batch(torch.zeros(4, 1), context=context))
    odds = np.exp(3) * np.array([0.6 / 0.4, 0.4 / 0.6])
    assert (odds / (1 + odds) >= CONFIDENCE).tolist() == [True, False]
    assert weight.tolist() == [1, 1, 0, 1]
    assert found.tolist() == [[1, 0], [1, 0], [1, 0], [1, 0]], "a hard label is not replaced"


def test_the_weights_of_the_run_do_not_change(digits_run: Run) -> None:
    before = {name: value.clone() for name, value in digits_run.model.state_dict().items()}
    options = {"epochs": 1}
    tuned = [
        fine_tune(digits_run, labels_of(60, 20), options, 0, torch.device("cpu"), scratch=scratch)
        for scratch in (False, False, True)
    ]
    assert all(torch.equal(value, before[name]) for name, value in digits_run.model.state_dict().items())
    first, again, scratch = (each.encoder.state_dict() for each in tuned)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert any(not torch.equal(first[name], scratch[name]) for name in first)


def test_a_mixture_has_a_component_for_each_class() -> None:
    assert bottleneck_for("mixture-vae", 7) == {"components": 7}
    assert bottleneck_for("vae", 7) is None
