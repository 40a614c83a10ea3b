"""The composition of a model: its parts in words, its layers as a drawing, its references."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log2, prod
from typing import Any

import torch
from torch import nn

from narrows.core.errors import show
from narrows.core.records import Batch
from narrows.model.networks.tied import Tied
from narrows.runs.inference import inference
from narrows.runs.run import Run


@dataclass(frozen=True, slots=True)
class Layer:
    """The output of a layer: its shape, and its place and width in the drawing."""

    shape: tuple[int, ...]
    role: str
    y: float = 0.0
    width: float = 0.0

    @property
    def label(self) -> str:
        return show(self.shape).replace("x", "×")


def layers(run: Run) -> list[Layer]:
    """The shape of one example at each layer, from the input to the output."""
    found: list[Layer] = [Layer(run.schema.model_shape, "data")]

    def note(role: str) -> Any:
        return lambda module, given, output: found.append(Layer(tuple(output.shape[1:]), role))

    hooks = [
        module.register_forward_hook(note(role))
        for role, half in (("encoder", run.model.core), ("decoder", run.model.decoder))
        for module in half.modules()
        if isinstance(module, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d, Tied))
    ]
    code = run.model.bottleneck.register_forward_hook(
        lambda module, given, output: found.append(Layer(module.code_shape, "code"))
    )
    x = torch.zeros(1, *run.schema.model_shape)
    with inference(run.model):
        run.model.reconstruct(Batch(x))
    for hook in (*hooks, code):
        hook.remove()
    # The last layer of the decoder has the shape of the data, which ends the list.
    return [*found[:-1], Layer(run.schema.model_shape, "data")]


WIDTH, STEP, WIDEST = 360, 26, 200
"""Of the drawing: its width, the distance of two layers, and the width of the widest layer."""

MANY = 10
"""Layers beyond which successive ones of the same shape are drawn as one."""


def hourglass(run: Run) -> list[Layer]:
    """The layers one below the other, each as wide as the logarithm of its number of values.

    Of many layers, successive ones of the same shape are drawn as one.
    """
    passed = layers(run)
    if len(passed) > MANY:
        before = [None, *passed]
        passed = [layer for layer, last in zip(passed, before, strict=False) if layer != last]
    most = max(log2(1 + prod(layer.shape)) for layer in passed)
    return [
        Layer(
            layer.shape, layer.role, STEP * (i + 0.5), max(8.0, WIDEST * log2(1 + prod(layer.shape)) / most)
        )
        for i, layer in enumerate(passed)
    ]


def in_words(run: Run) -> list[tuple[str, str]]:
    """Each choice with its options, and the number of parameters."""
    spec = run.config["spec"]
    named = ("corruption", "encoder", "bottleneck", "decoder", "loss", "pose")
    parts = [(part, spec[part]) for part in named if part in spec]
    parts += [("penalty", penalty) for penalty in spec["penalties"]]
    if run.model.output.residual:
        parts.append(("output", spec["output"]))
    words = [(kind, phrase(part)) for kind, part in parts]
    if spec["decoder"] == {"name": spec["encoder"]["name"]}:
        words[3] = ("decoder", f"{spec['encoder']['name']}, the mirror of the encoder")
    parameters = sum(p.numel() for p in run.model.parameters())
    return [*words, ("parameters", f"{parameters:,} trainable")]


def phrase(part: Mapping[str, Any]) -> str:
    """A part as people read it.

    >>> phrase({"name": "gaussian", "beta": 4.0, "warm_up": 0.2})
    'gaussian, beta 4, warm up 0.2'
    """
    given = {key: value for key, value in part.items() if key != "name" and value is not None}
    options = [f"{key.replace('_', ' ')} {plain(value)}" for key, value in given.items()]
    return ", ".join([str(part["name"]), *options])


def plain(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "-".join(map(plain, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def latent_dimensions(n: int) -> str:
    """A number of latent dimensions in words.

    >>> latent_dimensions(1), latent_dimensions(8)
    ('1 latent dimension', '8 latent dimensions')
    """
    return f"{n} latent dimension{'s' * (n > 1)}"


def references(run: Run) -> list[str]:
    """The papers behind this composition and behind the verdict, in order of author."""
    modules: list[nn.Module] = [run.objective.corruption, run.model.core, run.model.bottleneck]
    modules += [run.model.decoder, run.model.loss, *run.objective.penalties.values()]
    modules += [] if run.model.posed is None else [run.model.posed.found]
    found = {str(getattr(module, "reference", "")) for module in modules}
    return sorted({*found, *VERDICT[run.schema.judged_by]} - {""})


VERDICT = {
    "values": (
        "Pearson 1901. On lines and planes of closest fit to systems of points in space. Phil. Mag. 2.",
        "Hall 1988. Theoretical comparison of bootstrap confidence intervals. Annals of Statistics 16.",
    ),
    "edges": (
        "DeLong, DeLong & Clarke-Pearson 1988. Comparing the areas under two or more correlated receiver "
        "operating characteristic curves. Biometrics 44.",
    ),
}
"""The papers behind a verdict, by `Schema.judged_by`."""
