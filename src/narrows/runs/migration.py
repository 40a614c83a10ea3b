"""Migration of the config of older run folders: one function from each version of the format to the next."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from narrows.core.errors import InputError

SCHEMA_VERSION = 2
"""The version of the format. A change of the meaning of a config adds 1, and a function to `STEPS`."""

Config = dict[str, Any]


def not_flat(config: Config) -> Config:
    """From 1 to 2: add whether images were flat; in version 1 they could not be."""
    return {**config, "flat": False}


STEPS: dict[int, Callable[[Config], Config]] = {1: not_flat}
"""By the version that a function migrates from."""


def current(config: Config, folder: Path) -> Config:
    """`config` of the run in `folder`, in the current version of the format.

    Raises:
        InputError: for an unknown version.
    """
    version = config["schema_version"]
    if version not in (*STEPS, SCHEMA_VERSION):
        raise InputError(
            f"{folder} was written in version {version} of the format, and this Narrows knows up to version "
            f"{SCHEMA_VERSION}; it may be read after: pip install -U narrows."
        )
    for step in range(version, SCHEMA_VERSION):
        config = {**STEPS[step](config), "schema_version": step + 1}
    return with_findings(config)


OLD_WARNINGS = {
    "have a near-copy among": "near-copies",
    "stand next to the training row": "order",
    "The code is overcomplete": "overcomplete",
}
"""The names of findings by words in their sentences."""


def with_findings(config: Config) -> Config:
    """`config` with the findings of the fit; older runs of version 2 have only their sentences."""
    if "findings" in config or "warnings" not in config:
        return config
    return {**config, "findings": [finding_of(sentence) for sentence in config["warnings"]]}


def finding_of(sentence: str) -> dict[str, str]:
    """The finding, as a record, that an older run has as `sentence`."""
    name = next(name for words, name in OLD_WARNINGS.items() if words in sentence)
    evidence, advice = sentence.split("; ", 1)
    advice = f"{advice[0].upper()}{advice[1:]}"
    return {"name": name, "severity": "warning", "evidence": f"{evidence}.", "advice": advice}
