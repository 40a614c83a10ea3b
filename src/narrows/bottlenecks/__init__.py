"""What the code must pass through, one file a bottleneck."""

from __future__ import annotations

from narrows.bottlenecks.base import Bottleneck
from narrows.bottlenecks.binary import Binary
from narrows.bottlenecks.gaussian import Gaussian
from narrows.bottlenecks.mixture import Mixture
from narrows.bottlenecks.plain import Plain
from narrows.bottlenecks.quantized import Quantized
from narrows.bottlenecks.topk import TopK

__all__ = ["BOTTLENECKS", "Bottleneck"]

BOTTLENECKS: dict[str, type[Bottleneck]] = {
    "plain": Plain,
    "binary": Binary,
    "gaussian": Gaussian,
    "mixture": Mixture,
    "quantized": Quantized,
    "topk": TopK,
}
