"""A finished run beside the one that data and choices would give; `tests/test_resume.py` has the command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from narrows.core.errors import InputError
from narrows.data.readers import as_data
from narrows.fitting.fit import fit
from narrows.fitting.resumption import check_finished
from tests.samples import curve

HOW: dict[str, Any] = {
    "recipe": "autoencoder",
    "latent_dim": 2,
    "overrides": {"training": {"epochs": 2}},
    "seed": 0,
    "device": "cpu",
}


def test_the_same_data_and_choices_are_accepted_and_others_named() -> None:
    data = as_data(curve(60))
    run = fit(data, **HOW)
    check_finished(run, Path("a"), data, **HOW)
    check_finished(run, Path("a"), data, **HOW | {"overrides": {"training": {"epochs": 2, "clip": 5.0}}})
    with pytest.raises(
        InputError, match=r"other data or choices: training\.clip was 5\.0 and is now 3\.0; choose"
    ):
        check_finished(run, Path("a"), data, **HOW | {"overrides": {"training": {"epochs": 2, "clip": 3.0}}})
    with pytest.raises(InputError, match=r"data\.n was 60 and is now 50"):
        check_finished(run, Path("a"), as_data(curve(50)), **HOW)


def test_what_an_earlier_version_did_not_write_is_not_compared() -> None:
    data = as_data(curve(60))
    run = fit(data, **HOW)
    training = {name: value for name, value in run.config["training"].items() if name != "clip"}
    run.config = {**run.config, "training": training}
    check_finished(run, Path("a"), data, **HOW)
