"""Five choices put together: a `Model` to use, and the `Objective` that it is trained for."""

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
from narrows.core.records import Batch, Context, Cost, Domain, Pass, Seen
from narrows.core.registry import check_options, converted, lookup, make, nearest, options
from narrows.model.bottlenecks import BOTTLENECKS, Bottleneck
from narrows.model.corruptions import CORRUPTIONS, Corruption
from narrows.model.losses import LOSSES, Loss
from narrows.model.networks import NETWORKS, Decoder, Encoder, Field
from narrows.model.networks.own import OWN, Own, OwnDecoder, OwnEncoder
from narrows.model.networks.tied import tie
from narrows.model.outputs import OUTPUTS, Output
from narrows.model.penalties import PENALTIES, Penalty

Spec = Mapping[str, Any]
"""The choices by name: `{"corruption": {"name": …, option: …}, "encoder": …, "bottleneck": …,
"decoder": …, "output": …, "loss": …, "penalties": [{…}, …]}`."""


class Model(nn.Module):
    """Encoder, bottleneck, decoder, output, and the loss that says what the output means.

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
        """How many numbers a code has."""
        return prod(self.bottleneck.code_shape)

    @property
    def bypassed(self) -> bool:
        """Whether the output knows more of the data than their code, so that no code can be decoded."""
        return self.encoder.skips or self.output.residual

    @property
    def field(self) -> Field | None:
        """How images of any size are seen; None for a model that takes those of one size only."""
        in_place = self.bottleneck.code_shape == self.encoder.out_shape
        return self.encoder.field if in_place and self.encoder.field == self.decoder.field else None

    def forward(self, seen: Seen, context: Context, *, sample: bool = False) -> Pass:
        """One pass, from what is `seen` of a batch to the output."""
        features = self.encoder(seen.x, context)
        code = self.bottleneck(features, context, sample=sample)
        decoded = [self.decoder(z, features.skips, context) for z in code.z]
        y = self.output(torch.stack(decoded) if len(decoded) > 1 else decoded[0][None], seen.x)
        return Pass(seen.target, seen.x, seen.counted, context, features, code, y)

    def encode(self, batch: Batch) -> Tensor:
        """Codes `(batch, code_size)`: the same each time."""
        return self.bottleneck.encode(self.encoder(batch.x, batch.context), batch.context).flatten(1)

    def decode(self, z: Tensor, context: Context | None = None) -> Tensor:
        """Values `(batch, *shape)` of codes `(batch, code_size)`.

        Raises:
            InputError: for a model whose output knows more of the data than their code.
        """
        self.check_decodes()
        y = self.decoder(torch.unflatten(z, 1, self.bottleneck.code_shape), (), context or {})
        return self.loss.mean(y[None])[0]

    def check_decodes(self) -> None:
        """Refuse a model from whose codes alone no data can be made."""
        if self.bypassed:
            raise InputError(BYPASSED)

    def reconstruct(self, batch: Batch) -> Tensor:
        """What is left of a batch after the bottleneck, `(batch, *shape)`."""
        return self.restore(Seen.clean(batch), batch.context)

    def restore(self, seen: Seen, context: Context) -> Tensor:
        """The output `(batch, *shape)` for what is `seen` of a batch, as values on the model's scale."""
        return self.loss.mean(self(seen, context).y)[0]


BYPASSED = (
    "Skips or a residual output of this model bypass the latent code, so a code alone gives no data; use "
    "reconstruct, denoise or restore."
)


@dataclass(frozen=True, slots=True)
class Costs:
    """What the objective came to: `total`, which training minimises, and the named costs it is made of."""

    total: Tensor
    parts: Mapping[str, Cost]


class Trainable(nn.Module):
    """What a training minimises: `forward(batch)` gives its `Costs`, and holds no activations."""

    def traced(self, batch: Batch) -> tuple[Costs, Pass]:
        """What `batch` costs, and the pass with all activations, to look at when a number is not finite."""
        raise NotImplementedError

    def forward(self, batch: Batch) -> Costs:
        return self.traced(batch)[0]


class Objective(Trainable):
    """All costs of a model in one place: reconstruction, the bottleneck's, and the penalties.

    It corrupts what the model sees and compares with the target, the clean one as a rule. Codes are drawn, in
    training and in validation, so that both measure the same thing.
    """

    def __init__(self, model: Model, corruption: Corruption, penalties: Mapping[str, Penalty]) -> None:
        super().__init__()
        self.model, self.corruption = model, corruption
        self.penalties = nn.ModuleDict(dict(penalties))

    def traced(self, batch: Batch) -> tuple[Costs, Pass]:
        p = self.model(self.corruption(batch), batch.context, sample=True)
        costs = {"reconstruction": Cost(self.model.loss(p), self.model.loss.weight), **p.code.costs}
        for name, penalty in self.penalties.items():
            assert isinstance(penalty, Penalty)
            costs[name] = Cost(penalty(p, lambda x: self.model.encode(replace(batch, x=x))), penalty.weight)
        total = reduce(torch.add, (cost.weighted() for cost in costs.values()))
        return Costs(self.model.bottleneck.reduce(total), costs), p


def build(spec: Spec, domain: Domain, own: Own | None = None) -> Objective:
    """The objective, with the model in it, that `spec` describes for data of `domain`.

    What the spec calls "own" is a copy of a module in `own`.

    Raises:
        InputError: for an unknown part or option, parts that do not go with the data, or a model
            whose weights, gradients and moments are larger than the machine's memory.
    """
    check_parts(spec)
    weights = count_weights(spec, domain, own)
    check_room(16 * weights, f"The model has {weights:,} weights, and to train it would need")
    return assemble(spec, domain, own or {})


def count_weights(spec: Spec, domain: Domain, own: Own | None = None) -> int:
    """How many numbers the model of `spec` would have to learn; nothing of it is made.

    Raises:
        InputError: as `build`.
    """
    try:
        with torch.device("meta"):
            return sum(p.numel() for p in assemble(spec, domain, own or {}).parameters())
    except (RuntimeError, OverflowError, TypeError, MemoryError) as error:
        raise InputError(f"A model of these sizes cannot be built: {str(error).splitlines()[0]}.") from error


def assemble(spec: Spec, domain: Domain, own: Own) -> Objective:
    """Make the parts and put them together."""
    loss = make("loss", LOSSES, spec["loss"], domain)
    output = make("output", OUTPUTS, spec.get("output", {"name": "direct"}))
    if output.residual and not loss.plain:
        raise InputError(
            f"A residual output is added to the values that were shown, but the loss "
            f"{spec['loss']['name']!r} does not read it as values; set loss.name=squared and "
            f"loss.link=identity, or output.name=direct."
        )
    outputs = (loss.per_value * domain.shape[0], *domain.shape[1:])
    encoder = make_encoder(spec["encoder"], domain.shape, own)
    bottleneck = make_bottleneck(spec["bottleneck"], encoder.out_shape)
    decoder = make_decoder(spec, bottleneck.code_shape, outputs, own)
    corruption = make("corruption", CORRUPTIONS, spec.get("corruption", {"name": "none"}), domain)
    if decoder.tied:
        tie(encoder, bottleneck, decoder)
    penalties = make_penalties(spec.get("penalties", ()))
    for penalty in penalties.values():
        penalty.bind(encoder, bottleneck)
    return Objective(Model(encoder, bottleneck, decoder, output, loss), corruption, penalties)


def tables() -> dict[str, Mapping[str, Any]]:
    """Every table of parts, by the choice that it is for."""
    return {
        "corruption": CORRUPTIONS,
        "encoder": {name: network.encoder for name, network in NETWORKS.items()},
        "bottleneck": BOTTLENECKS,
        "decoder": {name: network.decoder for name, network in NETWORKS.items()},
        "output": OUTPUTS,
        "loss": LOSSES,
        "penalty": PENALTIES,
    }


def list_parts() -> dict[str, dict[str, dict[str, Any]]]:
    """Every part by choice and name, each with its options and their defaults."""
    return {kind: {name: options(part) for name, part in table.items()} for kind, table in tables().items()}


PARTS = ("corruption", "encoder", "bottleneck", "decoder", "output", "loss", "penalties")


def check_parts(spec: Spec) -> None:
    """Refuse a spec with a choice that there is not, or without one that there must be."""
    for part in spec:
        if part not in PARTS:
            raise InputError(f"A spec has no part {part!r}.{nearest(part, PARTS)}")
    for part in ("encoder", "bottleneck", "loss"):
        if part not in spec:
            raise InputError(f"The spec names no {part}; a model needs one.")
    for part in PARTS[:-1]:
        if not isinstance(spec.get(part, {}), Mapping):
            raise InputError(f"The {part} is a name with options, but got {spec[part]!r}.")


def make_encoder(part: Mapping[str, Any], shape: tuple[int, ...], own: Own) -> Encoder:
    if part.get("name") == OWN:
        return OwnEncoder(given("encoder", own), shape)
    return make("network", tables()["encoder"], part, shape)


def make_decoder(spec: Spec, shape: tuple[int, ...], outputs: tuple[int, ...], own: Own) -> Decoder:
    """The decoder that `spec` names, else the encoder's mirror."""
    part = spec.get("decoder", {"name": spec["encoder"]["name"]})
    if part.get("name") == OWN:
        return OwnDecoder(given("decoder", own), shape, outputs)
    return make("network", tables()["decoder"], mirrored(part, spec["encoder"]), shape, outputs)


def given(half: str, own: Own) -> nn.Module:
    """The user's own encoder or decoder."""
    if half not in own:
        raise InputError(
            f"The model wants {'an' if half == 'encoder' else 'a'} {half} of your own, but none is there: "
            f"pass {half}=, a torch module or the name of a network such as 'mlp'."
        )
    return own[half]


def make_bottleneck(part: Mapping[str, Any], in_shape: tuple[int, ...]) -> Bottleneck:
    """The bottleneck; its number of code dimensions is what every one of them is built from.

    A latent_dim of None stands for as many as the encoder finds features.
    """
    rest = {key: value for key, value in part.items() if key != "latent_dim"}
    owner = f"bottleneck {part.get('name')!r}"
    wanted = prod(in_shape) if part["latent_dim"] is None else part["latent_dim"]
    size = converted(owner, "latent_dim", wanted, int)
    return make("bottleneck", BOTTLENECKS, rest, in_shape, size)


def make_penalties(parts: Sequence[Mapping[str, Any]]) -> dict[str, Penalty]:
    """The penalties by name; the same one twice would be one with another weight."""
    if not isinstance(parts, Sequence) or not all(isinstance(part, Mapping) for part in parts):
        raise InputError(f"Penalties are a list of parts, each a name and a weight, but got {parts!r}.")
    names = [part.get("name") for part in parts]
    if len(set(names)) < len(names):
        raise InputError(f"A penalty is named twice in {names}; give one of them the whole weight.")
    return {str(part["name"]): make("penalty", PENALTIES, part) for part in parts}


def mirrored(part: Mapping[str, Any], encoder: Mapping[str, Any]) -> Mapping[str, Any]:
    """A decoder's choice; what it shares with the encoder and does not say is the encoder's."""
    if part.get("name") != encoder["name"]:
        return part
    decoder = lookup("network", NETWORKS, part["name"]).decoder
    shared = {key: value for key, value in encoder.items() if key in options(decoder)}
    check_options(f"network {part['name']!r}", decoder, shared)
    return {**shared, **part}
