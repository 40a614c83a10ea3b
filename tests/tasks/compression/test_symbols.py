"""Examples become whole numbers and are the same afterwards."""

from __future__ import annotations

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.readers import as_data
from narrows.fitting.fit import fit
from narrows.tasks.compression.lossless import symbols_from, symbols_of

RNG = np.random.default_rng(0)
SHORT = {"training": {"epochs": 1}}
DEEP = RNG.integers(0, 4000, (40, 6, 5), dtype=np.uint16)


def test_every_number_of_16_bits_comes_back() -> None:
    run = fit(as_data(DEEP), recipe="lossless", overrides=SHORT)
    every = np.resize(np.arange(65_536, dtype=np.uint16), (2185, 6, 5))
    symbols = symbols_of(run, every)
    assert np.array_equal(symbols.numbers(every).reshape(every.shape), every)
    assert np.array_equal(symbols.values(symbols.numbers(every)), every)


def test_the_groups_hold_each_value_once() -> None:
    for overrides in ({}, {"loss": {"radius": 0}}):
        run = fit(as_data(DEEP), recipe="lossless", overrides={**SHORT, **overrides})
        columns = np.concatenate([group.columns for group in symbols_of(run, DEEP).groups(run.model.loss)])
        assert sorted(columns) == list(range(30))


def test_real_numbers_of_images_are_refused() -> None:
    run = fit(as_data(RNG.normal(size=(40, 6, 5))), recipe="vae", overrides=SHORT)
    with pytest.raises(InputError, match="whole numbers of 8 or 16 bits"):
        symbols_from(run, b"")
