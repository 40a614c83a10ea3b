"""Column names that are numbers, and rows that are none."""

from __future__ import annotations

import numpy as np
import pytest

from narrows.data.tables.headers import is_header

RNG = np.random.default_rng(0)


def rows(values: np.ndarray, digits: int = 3) -> list[list[str]]:
    return [[f"{value:.{digits}f}" for value in row] for row in values]


NOISE = rows(RNG.standard_normal((60, 6)))
COUNTS = rows(RNG.integers(0, 90, (60, 6)), 0)
CURVES = rows(np.exp(-((np.linspace(0, 1, 12) - RNG.uniform(0, 1, (60, 1))) ** 2)))


@pytest.mark.parametrize(
    ("first", "rest"),
    [
        (["0", "1", "2", "3", "4", "5"], NOISE),
        (["0", "1", "2", "3", "4", "5"], COUNTS),
        (["", "0", "1", "2", "3", "4"], NOISE),
        (["0", "1"], [row[:2] for row in NOISE]),
        (["2019", "2020", "2021"], [row[:3] for row in COUNTS]),
        ([f"{400 + 7.69 * i:.2f}" for i in range(12)], CURVES),
        ([f"{4000 - i**1.5:.1f}" for i in range(12)], CURVES),
        (["0", "1", "2"], [[*row[:2], "abc"[i % 3]] for i, row in enumerate(NOISE)]),
    ],
)
def test_numbers_that_name_columns(first: list[str], rest: list[list[str]]) -> None:
    assert is_header(first, rest)


@pytest.mark.parametrize(
    "table",
    [
        NOISE,
        COUNTS,
        CURVES,
        [[str(3 * i + j) for j in range(3)] for i in range(50)],
        [[f"{0.01 * i:g}", f"{np.cos(0.01 * i):.6f}"] for i in range(50)],
        rows(np.cumsum(RNG.random((60, 9)), axis=1)),
        [["1", "2"], ["3", "4"]],
        [["1", "2", "3"], ["7", "1", "2"]],
        rows(np.sort(RNG.random((60, 4)), axis=1)),
    ],
)
def test_a_row_of_data_is_no_header(table: list[list[str]]) -> None:
    assert not is_header(table[0], table[1:])


def test_random_rows_are_hardly_ever_taken_for_headers() -> None:
    taken = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        table = rows(rng.integers(0, 10, (40, int(rng.integers(2, 12)))), 0)
        taken += is_header(table[0], table[1:])
    assert taken == 0
