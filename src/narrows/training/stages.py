"""The stages of a training: as a rule one, in which the whole model is trained.

Layer-wise pretraining has a stage for each layer of the encoder, trained with the layer of the decoder that
mirrors it on the output of the layers before it (Hinton & Salakhutdinov 2006; Bengio et al. 2007, "Greedy
layer-wise training of deep networks", NeurIPS). A bottleneck that is initialised from codes, as a mixture
is, has a stage before that.
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
from narrows.training.batches import Rows
from narrows.training.stream import Stream

CODES = 20_000
"""At most so many codes initialise a bottleneck."""


class Stage(NamedTuple):
    """A stage: its name, what it minimises, for how many epochs, and what is done before the first."""

    name: str
    objective: Trainable
    epochs: int
    prepare: Callable[[Rows | Stream], None] = lambda rows: None


def plan(objective: Objective, epochs: int, layerwise: float) -> list[Stage]:
    """The stages of a training.

    Args:
        objective: of the whole model.
        epochs: of all stages together; each has at least one.
        layerwise: share of the epochs in which the layers are trained one by one.

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
    """Initialise the bottleneck from codes of the training part."""
    objective.eval()
    codes: list[Tensor] = []
    for batch in rows.shuffled(rows.at_once):
        codes.append(objective.model.encode(batch))
        if sum(map(len, codes)) >= CODES:
            break
    objective.model.bottleneck.settle(torch.cat(codes))


class LayerObjective(Trainable):
    """The reconstruction error of a layer `up` and its mirror `back` for the output of the layers `below`.

    Only `up` and `back` are trained. The first layer has the corruption and the loss of the `whole`, the
    others the squared error.
    """

    def __init__(self, whole: Objective, below: list[nn.Module], up: nn.Module, back: nn.Module) -> None:
        super().__init__()
        self.up, self.back = up, back
        # In a tuple, so that their weights are not among the parameters of this module.
        self.others = (whole, below)

    def traced(self, batch: Batch) -> tuple[Costs, Pass]:
        _, below = self.others
        trace, cost = self._inner(batch) if below else self._first(batch)
        return Costs(cost.weighted().mean(), {"reconstruction": cost}), trace

    def _first(self, batch: Batch) -> tuple[Pass, Cost]:
        """The pass of the first layer, from the data."""
        whole, _ = self.others
        seen = whole.corruption(batch)
        h = self.up(seen.x.flatten(1))
        shape = (whole.model.loss.per_value * batch.x.shape[1], *batch.x.shape[2:])
        y = torch.unflatten(self.back(h), 1, shape)[None]
        trace = Pass(seen.target, seen.x, seen.counted, batch.context, Features(h), Code(h[None]), y)
        return trace, Cost(whole.model.loss(trace), whole.model.loss.weight)

    def _inner(self, batch: Batch) -> tuple[Pass, Cost]:
        """The pass of another layer, from the output of those below it."""
        _, below = self.others
        with torch.no_grad():
            x = reduce(lambda x, layer: layer(x), below, batch.x.flatten(1))
        h = self.up(x)
        y = self.back(h)[None]
        trace = Pass(x, x, None, batch.context, Features(h), Code(h[None]), y)
        return trace, Cost((y - x).square().sum(dim=2))


def mirrored_layers(objective: Objective) -> list[LayerObjective]:
    """Each layer of the encoder with the layer of the decoder that mirrors it, from the data inwards.

    Raises:
        InputError: for a network that is no MLP, a residual output, or layers that do not mirror each other.
    """
    encoder, decoder = objective.model.encoder, objective.model.decoder
    if objective.model.posed is not None:
        raise InputError("Layer-wise training is for images as they lie; set pose.name=none.")
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
    """The dense layer inside a layer, beside its activation and normalisation."""
    return next(m for m in layer.modules() if isinstance(m, (nn.Linear, Tied)))
