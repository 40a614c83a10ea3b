from __future__ import annotations

import numpy as np
import pytest
import torch

from narrows.core.errors import InputError
from narrows.data.calibration import Axis
from narrows.data.kinds import from_json
from narrows.data.kinds.spectra import SpectrumSchema

ENERGY = Axis("E", 32, 10.0, 100.0, "eV")
SCHEMA = SpectrumSchema("float32", (32,), "E", axis=ENERGY)
RNG = np.random.default_rng(0)


def test_channels_are_named_by_their_energy() -> None:
    assert SCHEMA.value_names[:2] == ("100 eV", "110 eV")
    assert SCHEMA.extent == "32 channels, 100 eV to 410 eV"
    assert SpectrumSchema("float32", (3,), "E").value_names == ("channel 0", "channel 1", "channel 2")


def test_a_schema_with_an_axis_survives_json() -> None:
    assert from_json(SCHEMA.to_json()) == SCHEMA
    with pytest.raises(InputError, match="An axis of 32 places does not match"):
        from_json({**SCHEMA.to_json(), "shape": [31]})


def test_all_channels_of_counts_are_divided_by_one_scale_from_zero() -> None:
    counts = RNG.poisson(np.linspace(0.05, 8, 32), (500, 32)).astype(np.uint16)
    choice = SpectrumSchema.of((32,), "uint16").choose(counts[:, None])
    assert (choice.name, choice.losses["error"]["name"]) == ("common", "squared")
    scaled = choice.scaling(torch.as_tensor(counts.astype(np.int32))[:, None])
    ratio = scaled.numpy()[:, 0][counts > 0] / counts[counts > 0]
    assert ratio == pytest.approx(ratio[0])
    assert choice.scaling.restore(scaled, "uint16").numpy()[:, 0] == pytest.approx(counts)


def test_the_root_is_taken_of_counts_of_which_one_row_dominates() -> None:
    counts = RNG.poisson(2.0, (500, 32)).astype(np.uint16)
    counts[7] = RNG.poisson(900, 32)
    assert SpectrumSchema.of((32,), "uint16").choose(counts[:, None]).name == "anscombe"


def test_real_channels_keep_their_relative_spread() -> None:
    x = (RNG.normal(size=(400, 32)) * np.linspace(1, 3, 32)).astype(np.float32)
    scaled = SCHEMA.choose(x[:, None]).scaling(torch.as_tensor(x)[:, None]).numpy()[:, 0]
    assert scaled.std(axis=0) / x.std(axis=0) == pytest.approx(
        np.full(32, scaled[:, 0].std() / x[:, 0].std())
    )
    assert scaled.mean(axis=0) == pytest.approx(np.zeros(32), abs=1e-5)


def test_other_shapes_are_no_spectra() -> None:
    with pytest.raises(InputError, match="A spectrum has one axis, but one example here has shape 4x5"):
        SpectrumSchema.of((4, 5), "float32")


def test_a_spectrum_is_one_channel_along_its_axis() -> None:
    x = torch.as_tensor(RNG.normal(size=(7, 32)))
    assert SCHEMA.model_shape == (1, 32)
    assert SCHEMA.from_model(SCHEMA.to_model(x)).equal(x)
    assert not SCHEMA.over_time
