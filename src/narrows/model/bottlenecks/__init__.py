"""Bottlenecks, one file each."""

from __future__ import annotations

from narrows.model.bottlenecks.base import Bottleneck
from narrows.model.bottlenecks.binary import Binary
from narrows.model.bottlenecks.gaussian import Gaussian
from narrows.model.bottlenecks.mixture import Mixture
from narrows.model.bottlenecks.plain import Plain
from narrows.model.bottlenecks.quantized import Quantized
from narrows.model.bottlenecks.rounded import Rounded
from narrows.model.bottlenecks.topk import TopK
from narrows.model.bottlenecks.uniform import Uniform

__all__ = ["BOTTLENECKS", "Bottleneck"]

BOTTLENECKS: dict[str, type[Bottleneck]] = {
    "plain": Plain,
    "binary": Binary,
    "gaussian": Gaussian,
    "mixture": Mixture,
    "quantized": Quantized,
    "rounded": Rounded,
    "topk": TopK,
    "uniform": Uniform,
}
