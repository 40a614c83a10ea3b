"""The entries of the table, in the order of the lectures."""

from __future__ import annotations

from collections.abc import Sequence

from narrows.core.errors import InputError
from narrows.core.registry import nearest
from narrows.reproduce import (
    capacity,
    classification,
    csci,
    geometry,
    latent,
    marginal,
    pelz,
    restoration,
    sharif,
    uses,
    yip,
)
from narrows.reproduce.lab import Entry

LECTURES = {
    "P": ("Pelz, Data Science for Electron Microscopy", "P1 P5 P2 K5 P3 K7 K8 P4 P6 E3 E6 E4 E5 E1 E2"),
    "Y": ("Yip, Physics 361", "Y6 K6 K12 Y7 Y1 Y2 K9 K14 Y3 Y4 Y5 K2 K1 K15 K10"),
    "C": ("CSCI 6379, Introduction to Deep Learning", "C2 C1"),
    "S": ("Sharif CE, ML Instruction Team", "S1 K13 S2 K11 S3 K4 K3 S4 S5"),
    "U": ("The uses", "U1 U2 U3 U4 U5 U6 U7 U8 U9 U10 U11 U12"),
}
"""By letter: the name of a lecture and its entries, in its order. A shared claim is listed once."""

MODULES = (pelz, classification, yip, csci, sharif, latent, marginal, capacity, geometry, restoration, uses)
BY_ID = {entry.id: entry for module in MODULES for entry in module.ENTRIES}
ENTRIES = tuple(BY_ID[name] for _, ids in LECTURES.values() for name in ids.split() if name in BY_ID)
"""The table, in the order of the lectures."""


def choose(ids: Sequence[str]) -> list[Entry]:
    """The entries `ids` in the order of the lectures; all if empty.

    Raises:
        InputError: for an id that does not exist.
    """
    wanted = {name.upper() for name in ids}
    known = [entry.id for entry in ENTRIES]
    for name in sorted(wanted - set(known)):
        raise InputError(f"The lectures have no entry {name!r}.{nearest(name, known)}")
    return [entry for entry in ENTRIES if entry.id in wanted or not wanted]
