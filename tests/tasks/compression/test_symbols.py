"""Examples become whole numbers and are the same afterwards."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from narrows.core.errors import InputError
from narrows.data.readers import as_data
from narrows.data.schema import Array
from narrows.fitting.fit import fit
from narrows.runs.run import Run
from narrows.tasks.compression.symbols import GridSymbols

RNG = np.random.default_rng(0)
SHORT = {"training": {"epochs": 1}}
DEEP = RNG.integers(0, 4000, (40, 6, 5), dtype=np.uint16)


def fitted(values: Array) -> Run:
    return fit(as_data(values), recipe="lossless", overrides=SHORT)


def test_every_number_of_16_bits_comes_back() -> None:
    every = np.resize(np.arange(65_536, dtype=np.uint16), (2185, 6, 5))
    symbols = GridSymbols.of(fitted(DEEP), every)
    assert np.array_equal(symbols.numbers(every).reshape(every.shape), every)
    assert np.array_equal(symbols.values(symbols.numbers(every)), every)


WALK = np.clip(np.cumsum(RNG.normal(0, 9, (40, 6, 5)), axis=2) + 128, 0, 255).astype(np.uint8)

STORED: dict[str, Array] = {
    "float64": WALK.astype(np.float64),
    "float16": WALK.astype(np.float16),
    "255ths": WALK / 255,
    "255ths of float32": WALK.astype(np.float32) * np.float32(1 / 255),
    "standardised": (WALK / 255 - 0.1307) / 0.3081,
    "int32": WALK.astype(np.int32) - 300,
    "12 bits of 16": WALK.astype(np.uint16) << 4,
    "int8": (WALK // 4 - 60).astype(np.int8),
    "bool": WALK > 128,
    "counts": RNG.poisson(WALK / 60).astype(np.float32),
    "outliers": np.where(RNG.random(WALK.shape) < 0.01, 60_000.0, WALK),
}


@pytest.mark.parametrize("case", STORED)
def test_values_on_a_grid_come_back_in_their_type(case: str) -> None:
    values = STORED[case]
    run = fitted(values)
    assert run.config["spec"]["loss"]["name"] == "discretised-logistic"
    symbols = GridSymbols.from_bytes(run, GridSymbols.of(run, values).to_bytes())
    found = symbols.values(symbols.numbers(values))
    assert found.dtype == values.dtype
    assert found.tobytes() == values.tobytes()
    assert len(symbols.kept) <= 256 * (1 if case != "outliers" else 256)
    x = run.scaling(torch.as_tensor(run.schema.arrange(values.astype(np.float64)))).double()
    assert symbols.x(symbols.numbers(values)) == pytest.approx(x.numpy(), abs=1e-5)


def test_a_file_has_the_range_of_its_values() -> None:
    run = fitted(WALK.astype(np.float64))
    assert len(GridSymbols.of(run, np.full((3, 6, 5), 7.0)).kept) == 1
    assert len(GridSymbols.of(run, WALK - 300.0).kept) == np.ptp(WALK) + 1
    assert GridSymbols.of(run, WALK.astype(np.float32)).kept.dtype == np.float32


def test_other_values_than_those_of_the_run_are_refused() -> None:
    run = fitted(WALK.astype(np.float64))
    with pytest.raises(InputError, match=r"in steps of 1"):
        GridSymbols.of(run, WALK + 0.5)
    with pytest.raises(InputError, match=r"up to 65,536 steps"):
        GridSymbols.of(run, WALK * 1000.0)
    with pytest.raises(InputError, match=r"float64"):
        GridSymbols.of(run, WALK)
    close = WALK.astype(np.float64)
    close[:20][close[:20] == close[0, 0, 0]] += 1e-9
    close[20, 0, 0] = WALK[0, 0, 0]
    with pytest.raises(InputError, match="less than a step"):
        GridSymbols.of(run, close)


def test_the_groups_hold_each_value_once() -> None:
    for overrides in ({}, {"loss": {"radius": 0}}):
        run = fit(as_data(DEEP), recipe="lossless", overrides={**SHORT, **overrides})
        columns = np.concatenate([g.columns for g in GridSymbols.of(run, DEEP).groups(run.model.loss)])
        assert sorted(columns) == list(range(30))


def test_real_numbers_of_images_are_refused() -> None:
    noise = RNG.normal(size=(40, 6, 5))
    run = fit(as_data(noise), recipe="vae", overrides=SHORT)
    with pytest.raises(InputError, match="one grid of up to 65,536"):
        GridSymbols.of(run, noise)
    with pytest.raises(InputError, match="round them"):
        fitted(noise)
