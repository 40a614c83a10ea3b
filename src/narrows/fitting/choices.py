"""Complete a recipe: the spec of a model and its training, from recipe, data and overrides."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch

from narrows.core.errors import InputError
from narrows.core.findings import Finding
from narrows.core.registry import check_options, nearest
from narrows.data.examples import Data
from narrows.data.scaling import Choice, Scaling
from narrows.fitting.memory import SMALL, Steps, shortage, within_memory
from narrows.fitting.noise import check_noise, without_turns
from narrows.fitting.parts import SplitData
from narrows.model.build import build
from narrows.model.networks.own import OWN, Own
from narrows.model.recipe_names import recipe_name
from narrows.model.recipes import RECIPES
from narrows.training.devices import pick_device
from narrows.training.options import Training

Overrides = Mapping[str, Any]
"""Changes to a recipe, part by part: `{"bottleneck": {"beta": 4}, "training": {"epochs": 5}}`."""


@dataclass(frozen=True)
class Plan:
    """All choices that are made before training.

    Attributes:
        recipe: the name of the recipe.
        spec: the parts of the model with their options; options that are left out have defaults.
        training: options of the training, with defaults for the size of the data.
        scaling: from values in the model's layout to the model's scale.
        why: the reasons for the scaling and the loss, sentences.
        own: the user's modules for networks that the spec calls "own".
        device: of the training.
        told: what a person should know before the training, sentences.
        findings: warnings about the choices.
    """

    recipe: str
    spec: dict[str, Any]
    training: Training
    scaling: Scaling
    why: tuple[str, ...]
    own: Own
    device: torch.device
    told: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def choose(
    parts: SplitData, recipe: str, latent_dim: int | None, overrides: Overrides, own: Own, device: str
) -> Plan:
    """Make all choices: from the recipe, completed for the training part, with overrides.

    Args:
        parts: the data.
        recipe: a name in `RECIPES`.
        latent_dim: latent dimensions; None takes those of the recipe, or an eighth of the values.
        overrides: changes to the recipe.
        own: the user's modules.
        device: "auto", or a torch device.

    Raises:
        InputError: for data that cannot be learned from, and unknown or contradictory choices.
    """
    data = parts.data
    data.schema.check_training(parts.arranged, data.name)
    choice = data.schema.choose(parts.arranged)
    spec, options = resolve(recipe, data, choice, latent_dim, {**overrides, **named(own)})
    options = check_options("training", Training, {**data.schema.training(len(data)), **options})
    chosen = pick_device(device, choice.scaling.precision)
    options = without_turns(spec, options, given="turns" in training_options(overrides))
    training = Training(**options)
    if data.schema.spatial != 2:
        for option in ("turns", "mirrors"):
            if getattr(training, option):
                raise InputError(f"Only images can be flipped and rotated; leave training.{option} out.")
    plan = Plan(recipe_name(recipe), spec, training, choice.scaling, reasons(choice, spec), own, chosen)
    return sized(of_noise(plan, parts), parts, given="batch_size" in training_options(overrides))


def of_noise(plan: Plan, parts: SplitData) -> Plan:
    """`plan` with what is said of the noise, where a model learns from noisy examples alone."""
    found = check_noise(parts, plan.recipe, plan.spec)
    if found is None:
        return plan
    if found.severity == "info":
        return replace(plan, why=(*plan.why, found.evidence), told=(found.evidence,))
    return replace(plan, findings=(found,), told=(f"warning: {found.evidence} {found.advice}",))


def sized(plan: Plan, parts: SplitData, *, given: bool) -> Plan:
    """`plan` with epochs and batch size settled; a size that is not `given` is smaller if memory is scarce.

    The examples of a graph are one batch.
    """
    training = plan.training
    n = len(parts.drawn) if training.balanced else len(parts.index.train)
    if parts.train.source.context:
        return replace(plan, training=training.sized_for(n))
    domain = parts.data.schema.domain(plan.scaling)
    steps = Steps(parts, plan.scaling, lambda: build(plan.spec, domain, plan.own), SMALL)
    usual = training.sizes(n).batch_size
    size, reason = (usual, "") if given else within_memory(steps, usual, plan.device)
    training = Training(**{**vars(training), "batch_size": size}).sized_for(n)
    lack = shortage(steps.of_fit(size), size, parts.data.schema.smaller)
    told = tuple(text for text in (reason, lack) if text)
    return replace(
        plan, training=training, why=(*plan.why, *([reason] if reason else [])), told=(*plan.told, *told)
    )


def reasons(choice: Choice, spec: Mapping[str, Any]) -> tuple[str, ...]:
    """Those for the scaling and the loss, and that the recipe has another loss, if it has."""
    usual, loss = choice.losses["error"]["name"], spec["loss"]["name"]
    return choice.why if loss == usual else (*choice.why, f"The loss is {loss} in this model, not {usual}.")


def named(own: Own) -> dict[str, Any]:
    """The parts of a spec for the user's modules."""
    return {half: {"name": OWN, "module": type(module).__name__} for half, module in own.items()}


def resolve(
    recipe: str, data: Data, choice: Choice, latent_dim: int | None, overrides: Overrides
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The full spec and the training options: those of the recipe, completed for the data, with overrides."""
    entry: Mapping[str, Any] = RECIPES[recipe_name(recipe)]
    section = "images" if data.schema.spatial == 2 else "tables" if data.schema.columns else ""
    entry = {**entry, **entry.get(section, {})}
    if data.schema.large(cut=data.patches is not None):
        entry = {**entry, **entry.get("large_images", {})}
    spec = with_defaults(entry["spec"], data, choice)
    if data.noisy is not None and not overrides.get("corruption"):
        spec["corruption"] = {"name": "none"}  # the noise is in the data
    check_parts(overrides, (*spec, "pose", "decoder", "training"))
    for part in ("corruption", "encoder", "bottleneck", "output", "loss"):
        spec[part] = changed(part, spec[part], overrides.get(part))
    mirror = spec.get("decoder", {"name": spec["encoder"].get("name")})
    spec["decoder"] = changed("decoder", mirror, overrides.get("decoder"))
    pose = changed("pose", spec.get("pose", UNPOSED), overrides.get("pose"))
    spec |= {} if pose == UNPOSED else {"pose": pose}
    spec["penalties"] = changed_penalties(spec["penalties"], overrides.get("penalties"))
    usual = spec["bottleneck"].get("latent_dim", data.schema.usual_code_size(len(data), regularised(spec)))
    spec["bottleneck"] = {**spec["bottleneck"], "latent_dim": usual if latent_dim is None else latent_dim}
    return as_json(spec), {**entry.get("training", {}), **training_options(overrides)}


UNPOSED = {"name": "none"}
"""The pose of most models; their specs leave it out."""


def with_defaults(spec: Mapping[str, Any], data: Data, choice: Choice) -> dict[str, Any]:
    """A recipe's spec, completed for the data where it leaves parts out."""
    full = copy.deepcopy(dict(spec))
    mask = {"name": "mask", "share": round(min(choice.missing, 0.5), 3)}
    full.setdefault("corruption", mask if choice.missing else {"name": "none"})
    network = data.schema.network if data.patches is None else data.schema.window_network
    full.setdefault("encoder", network())
    full.setdefault("penalties", [])
    full["loss"] = choice.losses.get(full["loss"]["name"], full["loss"])
    full.setdefault("output", {"name": "direct"})
    return full


def regularised(spec: Mapping[str, Any]) -> bool:
    """Whether a prior, a penalty or a corruption restrains a model of this spec."""
    plain = spec["bottleneck"]["name"] == "plain" and spec["corruption"]["name"] == "none"
    return not plain or bool(spec["penalties"])


def check_parts(overrides: Overrides, known: tuple[str, ...]) -> None:
    """Refuse overrides of unknown parts."""
    for part in overrides:
        if part not in known:
            raise InputError(f"A recipe has no part {part!r}.{nearest(part, known)}")


def training_options(overrides: Overrides) -> Mapping[str, Any]:
    """The overrides of training options."""
    training = overrides.get("training") or {}
    if not isinstance(training, Mapping):
        raise InputError(f"The training is a dict of options, but got {training!r}.")
    return training


def as_json(spec: dict[str, Any]) -> dict[str, Any]:
    """`spec` as JSON values: numbers and arrays of numpy become numbers and lists."""
    try:
        plain: dict[str, Any] = json.loads(json.dumps(spec, default=lambda value: value.tolist()))
    except (AttributeError, TypeError, ValueError) as error:
        raise InputError(f"The parts of a model are names, numbers and lists: {error}.") from error
    return plain


def changed(kind: str, part: Mapping[str, Any], change: Any) -> dict[str, Any]:
    """A part after a change: another name replaces the part, options alone are merged."""
    change = {"name": change} if isinstance(change, str) else {} if change is None else change
    if not isinstance(change, Mapping):
        raise InputError(f"The {kind} is a name or a dict of options, but got {change!r}.")
    same = change.get("name", part.get("name")) == part.get("name")
    return {**part, **change} if same else dict(change)


def changed_penalties(parts: list[dict[str, Any]], change: Any) -> Any:
    """The penalties after a change: a list replaces them, a dict sets weights by name.

    >>> changed_penalties([{"name": "l1", "weight": 0.01}], {"l1": 0.5})
    [{'name': 'l1', 'weight': 0.5}]
    """
    if not isinstance(change, Mapping):
        return parts if change is None else change
    kept = [part for part in parts if part["name"] not in change]
    return [*kept, *({"name": name, "weight": weight} for name, weight in change.items())]
