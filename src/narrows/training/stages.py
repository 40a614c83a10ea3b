"""What is trained, one after the other: as a rule the whole, once.

Layer-wise pretraining is a stage for each layer, with the layer of the decoder that mirrors it, on what
the layers before it give (Hinton & Salakhutdinov 2006; Bengio et al. 2007, "Greedy layer-wise training
of deep networks", NeurIPS). A bottleneck that has to know where codes lie gets a stage before it does.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import NamedTuple

import torch
from torch import Tensor, nn

from narrows.core.errors import InputError
from narrows.core.records import Batch, Code, Cost, Features, Pass
from narrows.model.build import Costs, Objective, Trainable
from narrows.model.networks.mlp import MlpDecoder, MlpEncoder
from narrows.model.networks.tied import Tied
from narrows.training.batches import Rows, Stream

SETTLED = 20_000
"""Codes that a bottleneck is settled with at the most."""


class Stage(NamedTuple):
    """A part of a training: its name, what it minimises, for how long, and what comes before it."""

    name: str
    objective: Trainable
    epochs: int
    prepare: Callable[[Rows | Stream], None] = lambda rows: None


def plan(objective: Objective, epochs: int, layerwise: float) -> list[Stage]:
    """The stages of a training of so many epochs in all.

    Args:
        objective: the whole.
        epochs: at least one for each stage.
        layerwise: share of the epochs in which layers are trained one by one.

    Raises:
        InputError: for a network without layers that mirror each other, or too few epochs.
    """
    bottleneck = objective.model.bottleneck
    if layerwise:
        layers = mirrored_layers(objective)
        each = round(layerwise * epochs / len(layers))
        first = [Stage(f"layer {i}", layer, each) for i, layer in enumerate(layers, 1)]
    else:
        each = round(bottleneck.pretrain * epochs)
        first = [Stage("codes", objective, each)] if bottleneck.pretrain else []
    rest = epochs - each * len(first)
    if first and min(each, rest) < 1:
        raise InputError(f"{epochs} epochs are too few for {len(first) + 1} stages of training; take more.")
    return [*first, Stage("whole", objective, rest, lambda rows: settle(objective, rows) if first else None)]


@torch.no_grad()
def settle(objective: Objective, rows: Rows | Stream) -> None:
    """Tell the bottleneck what codes there are, from rows of the training part."""
    objective.eval()
    codes: list[Tensor] = []
    for batch in rows.shuffled(1000):
        codes.append(objective.model.encode(batch))
        if 1000 * len(codes) >= SETTLED:
            break
    objective.model.bottleneck.settle(torch.cat(codes))


class LayerObjective(Trainable):
    """One layer `up` with its mirror `back`, on what the layers `below` give: the error between.

    Only its own two layers have weights to learn.
    """

    def __init__(self, whole: Objective, below: list[nn.Module], up: nn.Module, back: nn.Module) -> None:
        super().__init__()
        self.up, self.back = up, back
        # In a tuple, so that their weights are not among those that are learned.
        self.others = (whole, below)

    def traced(self, batch: Batch) -> tuple[Costs, Pass]:
        whole, below = self.others
        if not below:
            seen = whole.corruption(batch)
            h = self.up(seen.x.flatten(1))
            shape = (whole.model.loss.per_value * batch.x.shape[1], *batch.x.shape[2:])
            y = torch.unflatten(self.back(h), 1, shape)[None]
            trace = Pass(seen.target, seen.x, seen.counted, batch.context, Features(h), Code(h[None]), y)
            cost = Cost(whole.model.loss(trace), whole.model.loss.weight)
        else:
            with torch.no_grad():
                x = reduce(lambda x, layer: layer(x), below, batch.x.flatten(1))
            h = self.up(x)
            y = self.back(h)[None]
            trace = Pass(x, x, None, batch.context, Features(h), Code(h[None]), y)
            cost = Cost((y - x).square().sum(dim=2))
        return Costs(cost.weighted().mean(), {"reconstruction": cost}), trace


def mirrored_layers(objective: Objective) -> list[LayerObjective]:
    """Each layer of the encoder with the decoder's that undoes it, from the data inwards."""
    encoder, decoder = objective.model.encoder, objective.model.decoder
    if not (isinstance(encoder, MlpEncoder) and isinstance(decoder, MlpDecoder)):
        raise InputError("Layer-wise training is for the network 'mlp'; set encoder.name=mlp.")
    if objective.model.output.residual:
        raise InputError("Layer-wise training is for a direct output; set output.name=direct.")
    ups = list(encoder.layers)
    backs = [decoder.out, *reversed(decoder.layers)][: len(ups)]
    if not ups or [dense(up).out_features for up in ups] != [dense(back).in_features for back in backs]:
        raise InputError("Layer-wise training is for a decoder that mirrors the encoder's widths.")
    return [LayerObjective(objective, ups[:i], *pair) for i, pair in enumerate(zip(ups, backs, strict=True))]


def dense(layer: nn.Module) -> nn.Linear | Tied:
    """The dense layer inside of a layer."""
    return next(m for m in layer.modules() if isinstance(m, (nn.Linear, Tied)))
