from __future__ import annotations

import re

import numpy as np

from narrows.core.numbers import number
from narrows.data.datasets import load
from narrows.data.schema import Array
from narrows.fitting.fit import fit
from narrows.report import render
from narrows.report.figures import CLASSES, curves
from tests.report.html import parsed


def test_one_epoch_is_told_in_numbers_and_not_drawn_as_a_dot() -> None:
    run = fit(load("iris"), overrides={"training": {"epochs": 1}})
    assert curves(run) == ""
    text = " ".join(" ".join(parsed(render(run)).text).split())
    total = run.history[0]["validation"]["total"]
    assert f"and {number(total)} on validation rows. 1 epoch of at most 1" in text


def test_drawings_have_ids_of_their_own(page: str) -> None:
    ids = [attrs["id"] for _, attrs in parsed(page).tags if "id" in attrs]
    clips = [name for name in ids if name and re.fullmatch(r"[pm][0-9a-f]{10}", name)]
    assert len(clips) == len(set(clips))


def oklab(colour: str) -> Array:
    """A colour as written in CSS in the coordinates of Ottosson 2020, whose distances are perceived."""
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(rgb > 0.04045, ((rgb + 0.055) / 1.055) ** 2.4, rgb / 12.92)
    cones = [
        [0.4122215, 0.5363325, 0.0514459],
        [0.2119035, 0.6806995, 0.1073970],
        [0.0883025, 0.2817188, 0.6299787],
    ]
    axes = [
        [0.2104543, 0.7936178, -0.0040720],
        [1.9779985, -2.4285922, 0.4505937],
        [0.0259040, 0.7827718, -0.8086758],
    ]
    return np.asarray(np.array(axes) @ np.cbrt(np.array(cones) @ linear))


def test_any_two_colours_of_classes_can_be_told_apart() -> None:
    places = np.array([oklab(colour) for colour in CLASSES])
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)[np.triu_indices(len(places), 1)]
    assert apart.min() > 0.12
