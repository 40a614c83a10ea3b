"""Signals as hyperspy and rosettasciio describe them, made on the spot."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

PATTERNS = np.random.default_rng(0).poisson(3, (13, 14, 6, 6)).astype(np.uint16)
"""A scan of patterns, `(y, x, ky, kx)`."""

SPECTRA = np.random.default_rng(1).normal(size=(13, 14, 20)).astype(np.float32)
"""A scan of spectra, `(y, x, energy)`."""


def axes_of(values: np.ndarray) -> list[dict[str, Any]]:
    """The axes of one of the two scans."""
    names = {4: ("y", "x", "ky", "kx"), 3: ("y", "x", "Energy")}[values.ndim]
    steps = {
        "y": (2.0, "nm"),
        "x": (2.0, "nm"),
        "ky": (0.1, "1/nm"),
        "kx": (0.1, "1/nm"),
        "Energy": (0.5, "eV"),
    }
    return [
        {"name": name, "size": size, "scale": steps[name][0], "offset": 1.5, "units": steps[name][1],
         "navigate": i < 2, "index_in_array": i, "_type": "UniformDataAxis", "is_binned": False}
        for i, (name, size) in enumerate(zip(names, values.shape, strict=True))
    ]  # fmt: skip


def as_dict(values: np.ndarray) -> dict[str, Any]:
    """One of the two scans as the writers of rosettasciio take it."""
    general = {"title": "scan", "original_filename": ""}
    metadata = {"General": general, "Signal": {"signal_type": ""}, "_HyperSpy": {}}
    empty = ("original_metadata", "learning_results", "tmp_parameters", "models", "package_info")
    return {"data": values, "axes": axes_of(values), "metadata": metadata, "attributes": {"_lazy": False},
            "package": "hyperspy", "package_version": "2.0", **{name: {} for name in empty}}  # fmt: skip


def as_signal(values: np.ndarray) -> Any:
    """One of the two scans as a signal of hyperspy has it."""
    axes = [SimpleNamespace(**axis) for axis in axes_of(values)]
    manager = SimpleNamespace(navigation_axes=axes[1::-1], signal_axes=axes[:1:-1])  # x first
    return SimpleNamespace(data=values, axes_manager=manager)
