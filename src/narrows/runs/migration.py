"""Run folders of older versions: one function for each step from a version of the format to the next."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from narrows.core.errors import InputError

SCHEMA_VERSION = 2
"""Of what is written; what changes the meaning of a config adds one, and a step to `STEPS`."""

Config = dict[str, Any]


def not_flat(config: Config) -> Config:
    """From 1 to 2: whether images came flat was not asked, because they could not."""
    return {**config, "flat": False}


STEPS: dict[int, Callable[[Config], Config]] = {1: not_flat}


def current(config: Config, folder: Path) -> Config:
    """`config` of the run in `folder`, as this version would have written it.

    Raises:
        InputError: for a version that is not known here.
    """
    version = config["schema_version"]
    if version not in (*STEPS, SCHEMA_VERSION):
        raise InputError(
            f"{folder} was written in version {version} of the format, and this Narrows knows up to version "
            f"{SCHEMA_VERSION}; it may be read after: pip install -U narrows."
        )
    for step in range(version, SCHEMA_VERSION):
        config = {**STEPS[step](config), "schema_version": step + 1}
    return config
