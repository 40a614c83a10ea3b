"""A small model with the rows that it is trained on."""

from __future__ import annotations

from typing import Any

import torch

from narrows.data.readers import as_data
from narrows.model.build import Objective, build
from narrows.training.batches import Rows
from tests.samples import curve

SPEC = {
    "encoder": {"name": "mlp", "widths": [16]},
    "bottleneck": {"name": "plain", "latent_dim": 2},
    "loss": {"name": "squared"},
}


def setting(n: int = 40, spec: dict[str, Any] | None = None) -> tuple[Objective, Rows]:
    """An objective of fixed weights, and `n` rows of 6 values."""
    data = as_data(curve(n))
    scaling = data.schema.choose(data.array).scaling
    torch.manual_seed(0)
    return build(spec or SPEC, data.schema.domain(scaling)), Rows(data.array, scaling)
