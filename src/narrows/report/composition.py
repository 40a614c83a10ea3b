"""The composition of a model: its parts in words, and drawn as an hourglass with its sizes."""

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
from narrows.runs.run import Run, inference


@dataclass(frozen=True, slots=True)
class Stage:
    """One layer's output: its shape, and where it stands in the drawing."""

    shape: tuple[int, ...]
    role: str
    x: float = 0.0
    height: float = 0.0

    @property
    def label(self) -> str:
        return show(self.shape).replace("x", "×")


def stages(run: Run) -> list[Stage]:
    """The shapes that one example takes on its way, from the data to the data."""
    found: list[Stage] = [Stage(run.schema.model_shape, "data")]

    def note(role: str) -> Any:
        return lambda module, given, output: found.append(Stage(tuple(output.shape[1:]), role))

    hooks = [
        module.register_forward_hook(note(role))
        for role, half in (("encoder", run.model.encoder), ("decoder", run.model.decoder))
        for module in half.modules()
        if isinstance(module, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d, Tied))
    ]
    code = run.model.bottleneck.register_forward_hook(
        lambda module, given, output: found.append(Stage(module.code_shape, "code"))
    )
    x = torch.zeros(1, *run.schema.model_shape)
    with inference(run.model):
        run.model(Batch(x), x)
    for hook in (*hooks, code):
        hook.remove()
    # The decoder's last layer says the same as the data that it returns to.
    return [*found[:-1], Stage(run.schema.model_shape, "data")]


WIDTH, HEIGHT = 860, 250

SIDE_BY_SIDE = 10
"""Stages beyond which their names would run into each other."""


def hourglass(run: Run) -> list[Stage]:
    """The stages placed side by side, each as high as the logarithm of its size.

    Of many, those of one shape in a row are drawn as one.
    """
    passed = stages(run)
    if len(passed) > SIDE_BY_SIDE:
        before = [None, *passed]
        passed = [stage for stage, last in zip(passed, before, strict=False) if stage != last]
    most = max(log2(1 + prod(stage.shape)) for stage in passed)
    gap = (WIDTH - 100) / (len(passed) - 1)
    return [
        Stage(stage.shape, stage.role, 50 + i * gap, max(8.0, 170 * log2(1 + prod(stage.shape)) / most))
        for i, stage in enumerate(passed)
    ]


def in_words(run: Run) -> list[tuple[str, str]]:
    """Each choice with its options, and the number of weights."""
    spec = run.config["spec"]
    parts = [(part, spec[part]) for part in ("corruption", "encoder", "bottleneck", "decoder", "loss")]
    parts += [("penalty", penalty) for penalty in spec["penalties"]]
    if run.model.output.residual:
        parts.append(("output", spec["output"]))
    words = [(kind, phrase(part)) for kind, part in parts]
    if spec["decoder"] == {"name": spec["encoder"]["name"]}:
        words[3] = ("decoder", f"{spec['encoder']['name']}, the encoder's mirror")
    weights = sum(p.numel() for p in run.model.parameters())
    return [*words, ("weights", f"{weights:,} numbers to learn")]


def phrase(part: Mapping[str, Any]) -> str:
    """A part as people read it.

    >>> phrase({"name": "gaussian", "beta": 4.0, "warm_up": 0.2})
    'gaussian, beta 4, warm up 0.2'
    """
    options = [f"{key.replace('_', ' ')} {plain(value)}" for key, value in part.items() if key != "name"]
    return ", ".join([str(part["name"]), *options])


def plain(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "-".join(map(plain, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def references(run: Run) -> list[str]:
    """The papers behind this composition and behind the verdict, in order of author."""
    modules: list[nn.Module] = [run.objective.corruption, run.model.encoder, run.model.bottleneck]
    modules += [run.model.loss, *run.objective.penalties.values()]
    found = {str(getattr(module, "reference", "")) for module in modules}
    found.add("Pearson 1901. On lines and planes of closest fit to systems of points in space. Phil. Mag. 2.")
    found.add("Hall 1988. Theoretical comparison of bootstrap confidence intervals. Annals of Statistics 16.")
    return sorted(found - {""})
