"""Whether a finished run is the one that the same data and choices would give."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from narrows.core.errors import InputError
from narrows.core.files import json_bytes
from narrows.data.examples import Data
from narrows.fitting.choices import Overrides, choose
from narrows.fitting.fit import describe
from narrows.fitting.parts import split_data
from narrows.runs.run import Run
from narrows.training.checkpoint import changed_choice

COMPARED = ("recipe", "seed", "data", "spec", "training", "schema", "scaling")
"""Entries of the config that data and choices decide."""


def check_finished(
    run: Run,
    folder: Path,
    data: Data,
    *,
    recipe: str,
    latent_dim: int | None,
    overrides: Overrides,
    seed: int,
    device: str,
) -> None:
    """Refuse to take the finished `run` in `folder` for that of other data or choices.

    Raises:
        InputError: with the first difference.
    """
    parts = split_data(data, seed)
    plan = choose(parts, recipe, latent_dim, overrides, {}, device)
    before, now = (json.loads(json_bytes(each)) for each in (run.config, describe(parts, plan, seed, ())))
    found = changed_choice(before, {key: known(before[key], now[key]) for key in COMPARED})
    if found:
        raise InputError(
            f"{folder} holds a finished run of other data or choices: {found}; choose another folder with "
            f"--out, or give the same as before."
        )


def known(before: Any, now: Any) -> Any:
    """`now` with what an earlier version did not write left out, of entries that list everything."""
    if isinstance(before, list) and len(before) == len(now):
        return [known(*pair) for pair in zip(before, now, strict=True)]
    if not isinstance(before, dict) or "encoder" in before:
        return now
    return {key: known(before[key], value) for key, value in now.items() if key in before}
