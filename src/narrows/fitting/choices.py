"""Recipe, data and overrides become the full spec of a model."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from narrows.core.errors import InputError
from narrows.core.registry import lookup, nearest
from narrows.data.examples import Data
from narrows.data.scaling import Choice
from narrows.model.networks.own import OWN, Own
from narrows.model.recipes import RECIPES

Overrides = Mapping[str, Any]
"""Changes to a recipe, part by part: `{"bottleneck": {"beta": 4}, "training": {"epochs": 5}}`."""


def named(own: Own) -> dict[str, Any]:
    """What a spec says of networks from outside."""
    return {half: {"name": OWN, "module": type(module).__name__} for half, module in own.items()}


def resolve(
    recipe: str, data: Data, choice: Choice, latent_dim: int | None, overrides: Overrides
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The full spec and the training options: recipe, then what the data ask for, then overrides."""
    entry: Mapping[str, Any] = lookup("recipe", RECIPES, recipe)
    entry = (
        {**entry, **entry.get("large_images", {})}
        if data.schema.large(cut=data.patches is not None)
        else entry
    )
    spec = copy.deepcopy(dict(entry["spec"]))
    hidden = {"name": "mask", "share": round(min(choice.missing, 0.5), 3)}
    spec.setdefault("corruption", hidden if choice.missing else {"name": "none"})
    spec.setdefault("encoder", data.schema.network())
    spec.setdefault("penalties", [])
    spec["loss"] = choice.losses.get(spec["loss"]["name"], spec["loss"])
    spec.setdefault("output", {"name": "direct"})
    known = (*spec, "decoder", "training")
    for part in overrides:
        if part not in known:
            raise InputError(f"A recipe has no part {part!r}.{nearest(part, known)}")
    for part in ("corruption", "encoder", "bottleneck", "output", "loss"):
        spec[part] = changed(part, spec[part], overrides.get(part))
    spec["decoder"] = changed(
        "decoder", spec.get("decoder", {"name": spec["encoder"].get("name")}), overrides.get("decoder")
    )
    spec["penalties"] = changed_penalties(spec["penalties"], overrides.get("penalties"))
    usual = spec["bottleneck"].get("latent_dim", min(16, max(2, round(data.schema.size / 8))))
    spec["bottleneck"] = {**spec["bottleneck"], "latent_dim": usual if latent_dim is None else latent_dim}
    training = overrides.get("training") or {}
    if not isinstance(training, Mapping):
        raise InputError(f"The training is a dict of options, but got {training!r}.")
    return as_json(spec), {**entry.get("training", {}), **training}


def as_json(spec: dict[str, Any]) -> dict[str, Any]:
    """`spec` with numpy's numbers and arrays as plain ones, so that it can be stored."""
    try:
        found: dict[str, Any] = json.loads(json.dumps(spec, default=lambda value: value.tolist()))
    except (AttributeError, TypeError, ValueError) as error:
        raise InputError(f"The parts of a model are names, numbers and lists: {error}.") from error
    return found


def changed(kind: str, part: Mapping[str, Any], change: Any) -> dict[str, Any]:
    """A part after a change: another name replaces it, options alone are merged in."""
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
