"""The noise of the training part, for recipes that learn from noisy examples alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from narrows.core.errors import InputError
from narrows.core.findings import Finding
from narrows.evaluation.noise_advice import BETWEEN_FRAMES, BLIND
from narrows.fitting.parts import SplitData


def check_noise(parts: SplitData, recipe: str, spec: Mapping[str, Any]) -> Finding | None:
    """What the noise of the training images is like; a warning where the recipe does not suit it.

    Args:
        parts: the data.
        recipe: the name of the recipe.
        spec: the model's.
    """
    if parts.data.schema.spatial != 2 or recipe not in (BLIND, BETWEEN_FRAMES):
        return None
    return parts.noise.of_fit(recipe, spec["corruption"])


def without_turns(spec: Mapping[str, Any], options: Mapping[str, Any], *, given: bool) -> dict[str, Any]:
    """The training options: no rotations by 90° where neighbours are hidden along one direction.

    These would turn rows into columns. Flips from left to right remain.

    Args:
        spec: the model's.
        options: of the training.
        given: whether the rotations were asked for.

    Raises:
        InputError: when they were.
    """
    corruption = spec["corruption"]
    rows, columns = corruption.get("rows", 0), corruption.get("columns", 0)
    if rows == columns or not options.get("turns", False):
        return dict(options)
    if given:
        name = "rows" if rows else "columns"
        raise InputError(
            f"The corruption hides neighbours along {name}, which rotations by 90° mix with others; "
            f"leave training.turns out."
        )
    return {**options, "turns": False, "mirrors": True}
