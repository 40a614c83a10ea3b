from __future__ import annotations

import torch

from narrows.model.networks.time_axis import inside


def test_lengths_say_where_sequences_end() -> None:
    x = torch.zeros(2, 3, 4)
    assert inside(x, {}) is None
    found = inside(x, {"lengths": torch.tensor([4, 2])})
    assert found is not None
    assert found.tolist() == [[[1, 1, 1, 1]], [[1, 1, 0, 0]]]
