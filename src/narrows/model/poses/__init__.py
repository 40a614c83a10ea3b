"""Poses: whether the turn, the shift and the scale of images are found, so that codes hold the rest."""

from __future__ import annotations

from narrows.model.poses.base import Poses, Unposed
from narrows.model.poses.found import Found
from narrows.model.poses.search import search
from narrows.model.poses.upright import Upright

__all__ = ["POSES", "Found", "Poses", "Upright", "search"]

POSES: dict[str, type[Poses]] = {"none": Unposed, "found": Found}
