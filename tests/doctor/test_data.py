from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import typer

from narrows.cli.verbs import app
from narrows.core.errors import InputError
from narrows.data.datasets import DATASETS, Idx, load
from narrows.data.examples import Data
from narrows.data.readers import as_data
from narrows.data.split import split
from narrows.doctor import resources
from narrows.doctor.case import DataCase
from narrows.doctor.data import CHECKS, examine
from narrows.fitting.fit import fit

measured = resources.seconds_per_step


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """No time is spent on measuring it, but where that is tested."""
    monkeypatch.setattr(resources, "seconds_per_step", lambda *_: 0.01)


def table(n: int = 300, columns: int = 5) -> np.ndarray[Any, Any]:
    rng = np.random.default_rng(0)
    return rng.standard_normal((n, 3)) @ rng.standard_normal((3, columns)) + rng.standard_normal((n, columns))


def changed(change: Callable[[np.ndarray[Any, Any]], object], n: int = 300) -> Data:
    values = table(n)
    change(values)
    return as_data(values)


def put(key: Any, value: Any) -> Callable[[np.ndarray[Any, Any]], object]:
    return lambda values: values.__setitem__(key, value)


def dark() -> Data:
    return as_data(np.random.default_rng(0).integers(0, 40, (60, 6, 6)).astype("u1"))


def hot() -> Data:
    values = np.random.default_rng(0).random((600, 8, 8))
    values[0, 0, 0] = 20
    return as_data(values)


def few_values() -> Data:
    return as_data(np.random.default_rng(0).integers(0, 4, (300, 5)).astype(float))


def copied(noise: float) -> Data:
    rows = np.repeat(table(100, 8), 5, axis=0)
    return as_data(rows + noise * np.random.default_rng(1).standard_normal(rows.shape))


DEFECTS: dict[str, list[tuple[Callable[[], Data], str, str]]] = {
    "what was read": [(lambda: as_data(table()), "info", "300 rows of 5 columns (float64), -")],
    "number of rows": [
        (lambda: as_data(table(60)), "warning", "12 rows of 60 will be held out, but a verdict needs 20."),
        (lambda: as_data(table(2)), "error", "Too few rows: 2"),
        (
            lambda: replace(as_data(table(60)), groups=np.arange(60) // 30),
            "error",
            "Too few groups: 2, but at least 3",
        ),
        (lambda: as_data(table()), "info", "60 rows of 300"),
    ],
    "noise": [
        (
            lambda: as_data(np.random.default_rng(0).normal(100, 5, (60, 32, 32))),
            "info",
            "It is independent between pixels",
        ),
        (lambda: as_data(np.full((60, 32, 32), 7.0)), "info", ""),
    ],
    "repeated rows": [
        (
            lambda: changed(put(slice(30), table()[30:60])),
            "warning",
            "10 % of the rows (30) are the same as an earlier one, as row 30 as row 0",
        ),
        (
            lambda: changed(put(1, table()[0])),
            "info",
            "(1) are the same as an earlier one, as row 1 as row 0",
        ),
        (few_values, "info", "are the same as an earlier one"),
    ],
    "constant values": [
        (lambda: changed(put((..., 2), 7)), "warning", "1 of 5 columns never change: x2."),
        (lambda: changed(put(..., 7)), "error", "Every value is the same in all rows."),
        (lambda: load("digits"), "info", "5 % of the pixels never change"),
    ],
    "missing cells": [
        (lambda: changed(put((slice(200), 1), np.nan)), "warning", "by column: x1 (67 %)"),
        (lambda: changed(put((9, slice(4)), np.nan)), "warning", "Rows with hardly any value: 1, as row 9"),
        (
            lambda: changed(put((slice(9), 1), np.nan)),
            "info",
            "0.6 % of the cells are missing, by column: x1 (3 %)",
        ),
        (lambda: changed(put((..., 1), np.nan)), "error", "'x1' has no value in the 180 rows"),
        (
            lambda: changed(put((split(300, seed=0).train, 1), np.nan)),
            "error",
            "no value in the 180 rows of the training part",
        ),
        (lambda: changed(put(..., np.nan)), "error", "'x0' has no value in the 180 rows"),
    ],
    "identifiers": [
        (lambda: changed(put((..., 3), np.arange(300))), "warning", "x3 (rises by 1 with every row)"),
    ],
    "repeated ids": [
        (
            lambda: replace(as_data(table()), ids=("a", "b", "c") * 100),
            "warning",
            "3 of 3 ids name several rows, the first of them 'a' 100 rows.",
        ),
    ],
    "one column dominates": [
        (lambda: changed(lambda x: x.__imul__([1, 1, 1, 100, 1])), "info", "x3 has 100 % of the variance"),
    ],
    "repeated columns": [
        (
            lambda: changed(lambda x: put((..., 4), 3 - 2 * x[:, 1])(x)),
            "warning",
            "x1 and x4 (1.0000)",
        ),
        (lambda: load("breast-cancer"), "info", "mean radius and mean perimeter (0.9979)"),
    ],
    "scaling": [
        (dark, "warning", "But 99.8 % of the pixels lie between 0 and 39."),
        (hot, "warning", "But 99.8 % of the pixels lie between"),
        (lambda: load("digits"), "info", "(scaling range, loss bernoulli)"),
    ],
    "outliers": [
        (lambda: changed(put((7, 3), 40)), "info", ""),
        (
            lambda: changed(put((7, slice(5)), [49, -49, 49, 99, 49])),
            "warning",
            "One row has",
        ),
    ],
    "near-copies": [
        (lambda: copied(0.01), "warning", "97 % of the held-out rows looked at have a near-copy"),
    ],
    "order": [
        (
            lambda: as_data(np.random.default_rng(0).standard_normal((400, 4)).cumsum(axis=0)),
            "warning",
            "Rows next to each other are alike, as in a recording",
        ),
    ],
    "memory needed": [(lambda: load("digits"), "info", "101,192 weights, 115,008 values, and")],
    "training time": [(lambda: load("iris"), "info", "train 100 epochs of autoencoder")],
}
"""By check: data, the severity and the words it must find in them."""


def test_every_check_has_a_defect() -> None:
    assert DEFECTS.keys() == CHECKS.keys()
    for name, check in CHECKS.items():
        assert check.__doc__, name


@pytest.mark.parametrize(
    ("name", "i"), [(name, i) for name, cases in DEFECTS.items() for i in range(len(cases))]
)
def test_a_defect_is_found_and_named(name: str, i: int) -> None:
    make, severity, words = DEFECTS[name][i]
    found = [f for f in examine(make()) if f.name == name]
    if not words:
        assert found == []
        return
    (finding,) = found
    assert finding.severity == severity
    assert words in finding.evidence
    assert bool(finding.advice) == (severity != "info")


SILENT = {
    "noise",
    "identifiers",
    "repeated ids",
    "repeated rows",
    "missing cells",
    "one column dominates",
    "repeated columns",
    "outliers",
    "near-copies",
    "order",
    "constant values",
}


@pytest.mark.parametrize("name", CHECKS)
def test_a_good_table_has_no_warning(name: str) -> None:
    found = CHECKS[name](DataCase(as_data(table())))
    assert (found is None) == (name in SILENT)
    assert found is None or found.severity == "info"


@pytest.mark.parametrize("name", [name for name, entry in DATASETS.items() if not isinstance(entry, Idx)])
def test_the_bundled_sets_have_no_warnings(name: str) -> None:
    found = examine(load(name))
    assert {f.severity for f in found} == {"info"}
    assert not any(f.advice for f in found)


REFUSED = [
    (make, words) for cases in DEFECTS.values() for make, severity, words in cases if severity == "error"
]


@pytest.mark.parametrize("make", [make for make, _ in REFUSED])
def test_an_error_ends_the_examination(make: Callable[[], Data]) -> None:
    found = examine(make())
    assert [f.severity for f in found].count("error") == 1
    assert found[-1].severity == "error"


@pytest.mark.parametrize(("make", "words"), REFUSED)
def test_what_is_an_error_is_refused_by_fit_in_the_same_words(make: Callable[[], Data], words: str) -> None:
    with pytest.raises(InputError) as refused:
        fit(make(), overrides={"training": {"epochs": 1}})
    constant = words == "Every value is the same in all rows."
    assert ("is the same in all rows" if constant else words) in str(refused.value)


def test_examining_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "seconds_per_step", measured)
    data = load("iris")
    before = data.array.copy()
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    examine(data)
    assert torch.rand(1) == expected
    assert (data.array == before).all()


def test_groups_that_are_named_silence_what_they_cure() -> None:
    data = replace(copied(0.0), groups=np.repeat(np.arange(100), 5))
    found = {f.name: f for f in examine(data)}
    assert found["repeated rows"].severity == "info"
    assert "near-copies" not in found


def test_advice_names_options_that_exist() -> None:
    files = Path(resources.__file__).parent.glob("*.py")
    text = "\n".join(file.read_text("utf-8") for file in files)
    verbs: Any = typer.main.get_command(app)
    known = {option for p in verbs.commands["fit"].params for option in p.opts}
    named = {word.strip("(),.:'\"") for word in text.split() if word.strip("(),.:'\"").startswith("--")}
    assert named
    assert named <= known
