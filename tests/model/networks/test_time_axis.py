from __future__ import annotations

import torch

from narrows.core.records import Batch
from narrows.model.networks.time_axis import Centre, cosines


def test_the_cosines_are_orthogonal_and_their_inverse_gives_slow_sequences_back() -> None:
    basis = cosines(5, 20)
    torch.testing.assert_close(basis @ basis.T / 10, torch.diag(torch.tensor([2.0, 1, 1, 1, 1])))


@torch.no_grad()
def test_the_mean_is_that_of_observed_values() -> None:
    x = torch.tensor([[[1.0, 2, 3]], [[3.0, 0, 0]], [[5.0, 4, 0]]])
    lengths = torch.tensor([3, 1, 2])
    mask = torch.arange(3) < lengths[:, None, None]
    centre = Centre((1, 3))
    found = centre.begin(Batch(x, mask, {"lengths": lengths}))
    assert centre.mean.tolist() == [[3, 3, 3]]
    assert found.tolist() == [[-2, -1, 0], [0, 0, 0], [2, 1, 0]]


@torch.no_grad()
def test_a_cropped_batch_leaves_the_mean_of_later_steps() -> None:
    centre = Centre((2, 5))
    x = torch.ones(4, 2, 3)
    assert centre.begin(Batch(x)).shape == (4, 10)
    assert centre.mean.tolist() == [[1, 1, 1, 0, 0]] * 2
