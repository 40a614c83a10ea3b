"""Engines: where and how a training computes, by name. A new engine is a file, and a line here."""

from __future__ import annotations

from narrows.training.engines.base import Engine
from narrows.training.engines.plain import Plain

ENGINES: dict[str, type[Engine]] = {"plain": Plain}

__all__ = ["ENGINES", "Engine"]
