"""Tied weights: the layers of a decoder are the transposed ones of the encoder."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from narrows.core.errors import InputError


class Tied(nn.Module):
    """y = Wᵀ x + b, with the weights W `(n, m)` of another layer, and its own bias."""

    def __init__(self, source: nn.Linear) -> None:
        super().__init__()
        self.in_features, self.out_features = source.out_features, source.in_features
        self.bias = nn.Parameter(source.weight.new_zeros(source.in_features))
        # In a tuple, so that the weights are parameters of the other layer only.
        self.source = (source,)

    def forward(self, x: Tensor) -> Tensor:
        return functional.linear(x, self.source[0].weight.T, self.bias)


def tie(encoder: nn.Module, project: nn.Module, decoder: nn.Module) -> None:
    """Give each dense layer of `decoder` the weights of the layer that it mirrors, transposed.

    Args:
        encoder: with dense layers.
        project: the bottleneck's projection, a dense layer.
        decoder: with as many dense layers, in reverse order.

    Raises:
        InputError: when the layers do not mirror each other.
    """
    sources = [m for half in (encoder, project) for m in half.modules() if isinstance(m, nn.Linear)]
    own = [(name, m) for name, m in decoder.named_modules() if isinstance(m, nn.Linear)]
    shapes = [tuple(m.weight.shape) for m in reversed(sources)]
    if shapes != [tuple(m.weight.T.shape) for _, m in own]:
        raise InputError(
            "Tied weights are for a decoder that mirrors the encoder layer by layer: networks 'mlp' or "
            "'linear' with the same widths on both sides, and the bottleneck 'plain'."
        )
    for (name, _), source in zip(own, reversed(sources), strict=True):
        decoder.set_submodule(name, Tied(source))
