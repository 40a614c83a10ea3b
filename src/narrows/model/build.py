"""Build a `Model` from the parts that a spec names, and the `Objective` of its training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from math import prod
from typing import Any

import torch
from torch import Tensor, nn

from narrows.core.errors import InputError
from narrows.core.memory import check_room
from narrows.core.precision import unrounded
from narrows.core.records import Batch, Context, Cost, Domain, Pass, Pose, Seen
from narrows.core.registry import check_options, converted, lookup, make, nearest, options
from narrows.model.bottlenecks import BOTTLENECKS, Bottleneck
from narrows.model.corruptions import CORRUPTIONS, Corruption
from narrows.model.losses import LOSSES, Loss
from narrows.model.networks import NETWORKS, Decoder, Encoder, Field, Network
from narrows.model.networks.own import OWN, Own, OwnDecoder, OwnEncoder
from narrows.model.networks.tied import tie
from narrows.model.outputs import OUTPUTS, Output
from narrows.model.penalties import PENALTIES, Penalty
from narrows.model.poses import POSES, Found, Upright, search

Spec = Mapping[str, Any]
"""Parts with their options: `{"corruption": {"name": …, option: …}, "encoder": …, "bottleneck": …,
"decoder": …, "pose": …, "output": …, "loss": …, "penalties": [{…}, …]}`."""


class Model(nn.Module):
    """Encoder, bottleneck, decoder, output, and the loss, which turns outputs into values.

    Values are on the model's scale and in its layout, `(batch, *shape)`.
    """

    def __init__(
        self, encoder: Encoder, bottleneck: Bottleneck, decoder: Decoder, output: Output, loss: Loss
    ) -> None:
        super().__init__()
        self.encoder, self.bottleneck, self.decoder = encoder, bottleneck, decoder
        self.output, self.loss = output, loss

    @property
    def code_size(self) -> int:
        """The number of latent dimensions."""
        return prod(self.bottleneck.code_shape)

    @property
    def posed(self) -> Upright | None:
        """The encoder, where it finds the pose of images; else None."""
        return self.encoder if isinstance(self.encoder, Upright) else None

    @property
    def pose_names(self) -> tuple[str, ...]:
        """The names of the numbers of a pose."""
        return () if self.posed is None else self.posed.found.names

    @property
    def core(self) -> Encoder:
        """The encoder, of upright images where their pose is found."""
        return self.encoder if self.posed is None else self.posed.core

    @property
    def numbers(self) -> int:
        """How many numbers describe an example: its latent dimensions, and its pose where that is found."""
        return self.code_size + len(self.pose_names)

    @property
    def bypassed(self) -> bool:
        """Whether skips or a residual output bypass the latent code; codes alone cannot be decoded then."""
        return self.encoder.skips or self.output.residual

    @property
    def field(self) -> Field | None:
        """The receptive field, of a model that takes images of any size; None for other models."""
        spatial = self.bottleneck.code_shape == self.encoder.out_shape
        return self.encoder.field if spatial and self.encoder.field == self.decoder.field else None

    @property
    def grows(self) -> Field | None:
        """The receptive field, where larger images have codes of more places; None for other models."""
        here, there = self.encoder.grows, self.decoder.grows
        spatial = self.bottleneck.code_shape == self.encoder.out_shape
        return None if here is None or there is None or not spatial else max(here, there)

    def forward(
        self, seen: Seen, context: Context, *, sample: bool = False, pose: Pose | None = None
    ) -> Pass:
        """The forward pass of a corrupted batch.

        Args:
            seen: the batch after corruption.
            context: of the batch.
            sample: whether codes are drawn, as in training; else the mean of their distribution is taken.
            pose: of the images, of a model that would find it.
        """
        posed = self.posed
        if posed is None or pose is None:
            features = self.encoder(seen.x, context)
        else:
            features = posed.at(pose, seen.x, context)
        with unrounded(seen.x):
            code = self.bottleneck(features.like(seen.x), context, sample=sample)
        # Costs are computed in the precision of the data.
        decoded = [self.decoder(z, features.skips, context).to(seen.x.dtype) for z in code.z]
        if posed is not None and features.pose is not None:
            decoded = [posed.found.in_image(y, features.pose) for y in decoded]
        y = self.output(torch.stack(decoded) if len(decoded) > 1 else decoded[0][None], seen.x)
        return Pass(seen.target, seen.x, seen.counted, context, features, code, y)

    def encode(self, batch: Batch) -> Tensor:
        """Codes `(batch, code_size)`, without sampling."""
        return self.bottleneck.encode(self.encoder(batch.x, batch.context), batch.context).flatten(1)

    def decode(self, z: Tensor, context: Context | None = None) -> Tensor:
        """Values `(batch, *shape)` on the model's scale from codes `z (batch, code_size)`.

        They are upright images where the pose is found, and their middle.

        Raises:
            InputError: when skips or a residual output bypass the code.
        """
        self.check_decodes()
        # Not torch.unflatten, after which the number of rows is a constant in ONNX.
        y = self.decoder(z.reshape(-1, *self.bottleneck.code_shape), (), context or {})
        y = y if self.posed is None else self.posed.found.centre(y)
        return self.loss.mean(y[None])[0]

    def poses(self, batch: Batch) -> Tensor:
        """The numbers of the pose of each image, `(batch, pose_names)`: degrees, pixels, and the scale."""
        found = None if self.posed is None else self.posed.found
        return batch.x.new_empty(batch.n, 0) if found is None else found.columns(found(batch.x))

    def check_decodes(self) -> None:
        """Refuse a model whose codes alone cannot be decoded."""
        if self.bypassed:
            raise InputError(BYPASSED)

    def reconstruct(self, batch: Batch) -> Tensor:
        """The reconstruction `(batch, *shape)` of a batch, on the model's scale."""
        return self.restore(Seen.clean(batch), batch.context)

    def restore(self, seen: Seen, context: Context, *, sample: bool = False) -> Tensor:
        """The reconstruction `(batch, *shape)` from a corrupted batch, on the model's scale.

        With `sample` codes are drawn, as in training.
        """
        return self.loss.mean(self(seen, context, sample=sample).y)[0]


BYPASSED = (
    "Skips or a residual output of this model bypass the latent code, so a code alone gives no data; use "
    "reconstruct, denoise or restore."
)


@dataclass(frozen=True, slots=True)
class Costs:
    """The value of an objective: `total ()`, which training minimises, and its terms by name."""

    total: Tensor
    parts: Mapping[str, Cost]


class Trainable(nn.Module):
    """What a training minimises: `forward(batch)` returns `Costs` and keeps no activations."""

    def traced(self, batch: Batch) -> tuple[Costs, Pass]:
        """The costs of `batch`, and all tensors of its forward pass, to find values that are not finite."""
        raise NotImplementedError

    def forward(self, batch: Batch) -> Costs:
        return self.traced(batch)[0]


class Objective(Trainable):
    """The sum of all costs of a model: the loss, those of the bottleneck, and the penalties.

    The input is corrupted, and the output compared with the target, as a rule the clean input. Codes are
    sampled in training and in validation, so that both have the same objective.
    """

    def __init__(self, model: Model, corruption: Corruption, penalties: Mapping[str, Penalty]) -> None:
        super().__init__()
        self.model, self.corruption = model, corruption
        self.penalties = nn.ModuleDict(dict(penalties))

    @property
    def restores(self) -> bool:
        """Whether the model is for restoring damaged examples, and is judged by that."""
        return self.model.bypassed or self.corruption.damages

    def traced(self, batch: Batch) -> tuple[Costs, Pass]:
        seen, pose, guidance = self.corruption(batch), None, None
        if self.training and self.model.posed is not None:
            proposals = self.model.posed.found.propose(seen.x)
            pose, guidance = search(proposals, lambda tried: self.cost_of(seen, batch.context, tried))
        p = self.model(seen, batch.context, sample=True, pose=pose)
        costs = {"reconstruction": Cost(self.model.loss(p), self.model.loss.weight), **p.code.costs}
        with unrounded(batch.x):
            for name, penalty in self.penalties.items():
                assert isinstance(penalty, Penalty)
                costs[name] = Cost(
                    penalty(p, lambda x: self.model.encode(replace(batch, x=x))), penalty.weight
                )
        total = self.model.bottleneck.reduce(reduce(torch.add, (c.weighted() for c in costs.values())))
        if guidance is not None:
            # The scores of poses learn by it, but it is no cost of the model.
            total = total + (guidance - guidance.detach()).mean()
        return Costs(total, costs), p

    def cost_of(self, seen: Seen, context: Context, pose: Pose) -> Tensor:
        """What each image costs with a pose, `(batch,)`, without sampling and without penalties."""
        self.model.eval()
        p = self.model(seen, context, pose=pose)
        self.model.train()
        costs = (Cost(self.model.loss(p), self.model.loss.weight), *p.code.costs.values())
        return reduce(torch.add, (cost.weighted() for cost in costs)).mean(dim=0)


def build(spec: Spec, domain: Domain, own: Own | None = None) -> Objective:
    """The objective, which contains the model, of `spec` for data of `domain`.

    Args:
        spec: the parts.
        domain: the data on the model's scale.
        own: the modules for networks called "own"; they are copied.

    Raises:
        InputError: for an unknown part or option, parts that do not suit the data, or a model whose
            weights, gradients and moments exceed half of the machine's memory.
    """
    check_parts(spec)
    weights = count_weights(spec, domain, own)
    check_room(16 * weights, f"The model has {weights:,} weights, and its training would need")
    return assemble(spec, domain, own or {})


def count_weights(spec: Spec, domain: Domain, own: Own | None = None) -> int:
    """The number of trainable weights of `spec`; no memory is allocated for them.

    Raises:
        InputError: as `build`.
    """
    try:
        with torch.device("meta"):
            return sum(p.numel() for p in assemble(spec, domain, own or {}).parameters())
    except (RuntimeError, OverflowError, TypeError, MemoryError) as error:
        raise InputError(f"A model of these sizes cannot be built: {str(error).splitlines()[0]}.") from error


def assemble(spec: Spec, domain: Domain, own: Own) -> Objective:
    """Build the parts of `spec`, and check that they suit each other."""
    loss = make("loss", LOSSES, spec["loss"], domain)
    output = make("output", OUTPUTS, spec.get("output", {"name": "direct"}))
    if output.residual and not loss.plain:
        raise InputError(
            f"A residual output is a correction of the input, but the output of the loss "
            f"{spec['loss']['name']!r} is transformed; set loss.name=squared and loss.link=identity, or "
            f"output.name=direct."
        )
    if domain.linked and not loss.of_edges:
        raise InputError(
            f"A graph is learned by its edges, which the loss {spec['loss']['name']!r} does not compare; set "
            f"loss.name=edges."
        )
    pose = make("pose", POSES, spec.get("pose", {"name": "none"}), domain)
    inner = pose.within(domain)
    outputs = replace(inner, shape=(loss.per_value * inner.shape[0], *inner.shape[1:]))
    encoder = make_encoder(spec["encoder"], inner, own)
    bottleneck = make_bottleneck(spec["bottleneck"], encoder.out_shape)
    decoder = make_decoder(spec, bottleneck.code_shape, outputs, own)
    corruption = make("corruption", CORRUPTIONS, spec.get("corruption", {"name": "none"}), domain)
    if decoder.tied:
        tie(encoder, bottleneck, decoder)
    penalties = make_penalties(spec.get("penalties", ()))
    for penalty in penalties.values():
        penalty.bind(encoder, bottleneck)
    encoder = Upright(pose, encoder) if isinstance(pose, Found) else encoder
    return Objective(Model(encoder, bottleneck, decoder, output, loss), corruption, penalties)


def tables() -> dict[str, Mapping[str, Any]]:
    """The tables of parts, by the choice that they are for."""
    return {
        "corruption": CORRUPTIONS,
        "pose": POSES,
        "encoder": {name: network.encoder for name, network in NETWORKS.items()},
        "bottleneck": BOTTLENECKS,
        "decoder": {name: network.decoder for name, network in NETWORKS.items()},
        "output": OUTPUTS,
        "loss": LOSSES,
        "penalty": PENALTIES,
    }


def list_parts() -> dict[str, dict[str, dict[str, Any]]]:
    """The options of every part with their defaults, by choice and name."""
    return {kind: {name: options(part) for name, part in table.items()} for kind, table in tables().items()}


PARTS = ("corruption", "pose", "encoder", "bottleneck", "decoder", "output", "loss", "penalties")


def check_parts(spec: Spec) -> None:
    """Refuse a spec with an unknown choice, or without a necessary one."""
    for part in spec:
        if part not in PARTS:
            raise InputError(f"A spec has no part {part!r}.{nearest(part, PARTS)}")
    for part in ("encoder", "bottleneck", "loss"):
        if part not in spec:
            raise InputError(f"The spec has no {part}, but a model needs one.")
    for part in PARTS[:-1]:
        if not isinstance(spec.get(part, {}), Mapping):
            raise InputError(f"The {part} is a name with options, but got {spec[part]!r}.")


def make_encoder(part: Mapping[str, Any], domain: Domain, own: Own) -> Encoder:
    """The encoder that `part` names, for data of `domain`."""
    if part.get("name") == OWN:
        return OwnEncoder(own_module("encoder", own), domain.shape)
    network = lookup("network", NETWORKS, part.get("name"))
    if network.linked and not domain.linked:
        raise InputError(
            f"The network {part['name']!r} is for graphs, but these data have no edges; choose another one, "
            f"such as mlp."
        )
    check_slots(part, network, domain)
    given = domain if network.linked or network.slotted else domain.shape
    return make("network", tables()["encoder"], part, given)


def check_slots(part: Mapping[str, Any], network: Network, domain: Domain) -> None:
    """Refuse a network for graphs where the examples are none."""
    if network.slotted and not domain.slots[0]:
        raise InputError(
            f"The network {part['name']!r} is for examples that are graphs, but these are none; choose "
            f"another one, such as mlp."
        )


def make_decoder(spec: Spec, shape: tuple[int, ...], outputs: Domain, own: Own) -> Decoder:
    """The decoder that `spec` names, by default the mirror of the encoder; `outputs` has their shape."""
    part = spec.get("decoder", {"name": spec["encoder"]["name"]})
    if part.get("name") == OWN:
        return OwnDecoder(own_module("decoder", own), shape, outputs.shape)
    network = lookup("network", NETWORKS, part.get("name"))
    check_slots(part, network, outputs)
    given = outputs if network.slotted else outputs.shape
    return make("network", tables()["decoder"], mirrored(part, spec["encoder"]), shape, given)


def own_module(half: str, own: Own) -> nn.Module:
    """The user's module for the encoder or the decoder."""
    if half not in own:
        raise InputError(
            f"The model wants {'an' if half == 'encoder' else 'a'} {half} of your own, but none was given: "
            f"pass {half}=, a torch module or the name of a network such as 'mlp'."
        )
    return own[half]


def make_bottleneck(part: Mapping[str, Any], in_shape: tuple[int, ...]) -> Bottleneck:
    """The bottleneck that `part` names, for features of `in_shape`.

    A latent_dim of None stands for the number of features.
    """
    rest = {key: value for key, value in part.items() if key != "latent_dim"}
    owner = f"bottleneck {part.get('name')!r}"
    wanted = prod(in_shape) if part["latent_dim"] is None else part["latent_dim"]
    size = converted(owner, "latent_dim", wanted, int)
    return make("bottleneck", BOTTLENECKS, rest, in_shape, size)


def make_penalties(parts: Sequence[Mapping[str, Any]]) -> dict[str, Penalty]:
    """The penalties by name; none may occur twice, because the weights would add up."""
    if not isinstance(parts, Sequence) or not all(isinstance(part, Mapping) for part in parts):
        raise InputError(f"Penalties are a list of parts, each a name and a weight, but got {parts!r}.")
    names = [part.get("name") for part in parts]
    if len(set(names)) < len(names):
        raise InputError(f"A penalty is named twice in {names}; name it once, with the sum of the weights.")
    return {str(part["name"]): make("penalty", PENALTIES, part) for part in parts}


def mirrored(part: Mapping[str, Any], encoder: Mapping[str, Any]) -> Mapping[str, Any]:
    """The spec `part` of a decoder, completed with the options that it shares with the encoder."""
    if part.get("name") != encoder["name"]:
        return part
    decoder = lookup("network", NETWORKS, part["name"]).decoder
    shared = {key: value for key, value in encoder.items() if key in options(decoder)}
    check_options(f"network {part['name']!r}", decoder, shared)
    return {**shared, **part}
