"""What an autoencoder pays beside its error, so that its codes get a property we want."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from narrows.records import Pass, per_example
from narrows.registry import within


class Penalty(nn.Module):
    """A cost of a pass; its `weight` meets the value in the objective."""

    reference = ""
    weight: float

    def forward(self, p: Pass, encode: Callable[[Tensor], Tensor]) -> Tensor:
        """The unweighted cost, per example or of the batch as `Cost` allows.

        Args:
            p: the pass to judge.
            encode: from what the encoder sees, `(batch, *shape)`, to codes; for penalties on how
                the code changes with the input.
        """
        raise NotImplementedError


class L1(Penalty):
    """Σ |z|, in units of the code: most dimensions of a code become small (Tibshirani 1996).

    Args:
        weight: cost of one unit of the code against one unit of the loss.
    """

    reference = "Tibshirani 1996. Regression shrinkage and selection via the lasso. JRSS B 58."

    def __init__(self, *, weight: float = 0.01) -> None:
        super().__init__()
        self.weight = within("weight", weight, 0)

    def forward(self, p: Pass, encode: Callable[[Tensor], Tensor]) -> Tensor:
        return per_example(p.code.z.abs(), p.context)


PENALTIES: dict[str, type[Penalty]] = {
    "l1": L1,
}
