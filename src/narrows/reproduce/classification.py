"""Softmax regression on Fashion-MNIST, and the exercises about it (deck P)."""

from __future__ import annotations

from narrows.reproduce.lab import Entry

ENTRIES: tuple[Entry, ...] = ()
