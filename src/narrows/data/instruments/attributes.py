"""Attributes of groups and data sets in HDF5 and Zarr files, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


def text(attributes: Mapping[str, Any], name: str) -> str:
    """An attribute as text; empty if there is none."""
    found = np.ravel(np.asarray(attributes.get(name, "")))
    value = found[0] if found.size else ""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def texts(attributes: Mapping[str, Any], name: str) -> list[str]:
    """An attribute as several texts; a colon is between them where it is one, as old NeXus files have it."""
    found = np.ravel(np.asarray(attributes.get(name, [])))
    each = [value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in found]
    return each[0].split(":") if len(each) == 1 else each


def number(attributes: Mapping[str, Any], name: str, otherwise: float) -> float:
    """An attribute as a number; `otherwise` if there is none."""
    try:
        found = np.ravel(np.asarray(attributes.get(name), dtype=np.float64))
    except (TypeError, ValueError):
        return otherwise
    return float(found[0]) if found.size and np.isfinite(found[0]) else otherwise


def flag(attributes: Mapping[str, Any], name: str) -> bool | None:
    """An attribute as yes or no; None if there is none."""
    found = np.ravel(np.asarray(attributes.get(name, [])))
    return bool(found[0]) if found.size and found.dtype.kind in "bui" else None
