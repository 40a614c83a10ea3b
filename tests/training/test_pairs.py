from __future__ import annotations

import numpy as np
import torch
from torch import nn

from narrows.core.records import masked
from narrows.training.batches import Rows, turned
from narrows.training.pairs import PairScaling, joined, paired


class Halved(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x / 2


def test_a_batch_of_pairs_has_both_examples_on_one_scale_and_turned_alike() -> None:
    clean = np.arange(2 * 3 * 4 * 4, dtype=np.float32).reshape(2, 3, 4, 4)
    noisy = clean + 100
    noisy[0, 0, 0, 0] = np.nan
    clean[1, 0, 0, 0] = np.nan
    rows = Rows(joined(clean, noisy), PairScaling(Halved()), collate=paired(masked))
    batch = rows.batch(torch.tensor([1, 0]))
    assert batch.given is not None
    assert torch.equal(batch.x, torch.nan_to_num(torch.as_tensor(clean[[1, 0]]) / 2))
    assert torch.equal(batch.given, torch.nan_to_num(torch.as_tensor(noisy[[1, 0]]) / 2))
    assert torch.equal(batch.observed(), ~torch.as_tensor(clean[[1, 0]]).isnan())
    for _ in range(8):
        moved = turned(batch)
        assert moved.given is not None
        both = moved.observed() & (moved.given > 0)
        assert torch.equal((moved.given - moved.x)[both], torch.full((int(both.sum()),), 50.0))


def test_either_of_a_pair_is_given_at_random() -> None:
    first = np.random.default_rng(0).normal(size=(400, 1, 2, 2)).astype(np.float32)
    values = torch.as_tensor(joined(first, first + 1))
    assert torch.equal(paired(masked)(values, complete=True).x, values[:, :1])
    torch.manual_seed(0)
    batch = paired(masked, exchanged=True)(values, complete=True)
    assert batch.given is not None
    differences = (batch.given - batch.x).round().flatten(1)
    assert torch.equal(differences.abs(), torch.ones(400, 4))
    assert (differences == differences[:, :1]).all()
    assert 150 < int((differences[:, 0] > 0).sum()) < 250
