"""An objective that torch compiles."""

from __future__ import annotations

import torch

from narrows.core.records import Batch
from narrows.model.build import Costs, Trainable


class Compiled:
    """Computes the costs of batches as large as the first one by compiled code, and of others eagerly.

    Where there is no compiler, or it fails, all are computed eagerly. It is no attribute of a module, which
    would have to be pickled with it. What was compiled before in this process is forgotten: torch keeps the
    code of eight objectives, and computes a ninth one eagerly.

    Args:
        objective: what is compiled, at the first batch.
    """

    def __init__(self, objective: Trainable) -> None:
        torch.compiler.reset()
        self.objective = objective
        self.compiled = torch.compile(objective, dynamic=False)
        self.shape: torch.Size | None = None
        self.failed = False

    def __call__(self, batch: Batch) -> Costs:
        self.shape = self.shape or batch.x.shape
        costs: Costs
        if self.failed or batch.x.shape != self.shape:
            costs = self.objective(batch)
            return costs
        try:
            costs = self.compiled(batch)
        except Exception:  # the compiler's errors have many types
            self.failed = True
            costs = self.objective(batch)
        return costs
