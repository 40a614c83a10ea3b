"""The values that were compressed come back; a changed file or another model is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.readers import as_data
from narrows.data.schema import Array
from narrows.fitting.fit import fit
from narrows.runs.folder import model_bytes
from narrows.runs.run import Run
from narrows.tasks.compression.container import Container, to_bytes
from narrows.tasks.compression.lossless import pack, summary, unpack

pytest.importorskip("constriction")
RNG = np.random.default_rng(0)
WALK = np.cumsum(RNG.normal(0, 9, (60, 8, 7)), axis=2) + 128
GREY = np.clip(WALK, 0, 255).astype(np.uint8)
DEEP = np.clip(WALK * 200, 0, 65_535).astype(np.uint16)
COLOUR = np.clip(np.cumsum(RNG.normal(0, 9, (40, 6, 5, 3)), axis=2) + 128, 0, 255).astype(np.uint8)
BINARY = (WALK > 128).astype(np.uint8) * 255
COUNTS = RNG.poisson(np.exp(WALK / 100), WALK.shape).astype(np.float32)

SHORT: Mapping[str, Any] = {"training": {"epochs": 1}}


def fitted(values: Array, **overrides: Any) -> Run:
    return fit(as_data(values), recipe="lossless", overrides={**SHORT, **overrides})


RUN = fitted(GREY)

CASES: dict[str, tuple[Array, dict[str, Any]]] = {
    "8 bits": (GREY, {}),
    "16 bits": (DEEP, {}),
    "colours": (COLOUR, {}),
    "two kinds": (BINARY, {}),
    "counts by Poisson": (COUNTS, {"loss": "poisson"}),
    "bernoulli": (BINARY, {"loss": "bernoulli"}),
    "without neighbours": (GREY, {"loss": {"radius": 0}}),
    "gaussian loss": (GREY, {"loss": "gaussian"}),
    "mixture": (GREY, {"bottleneck": {"name": "mixture", "components": 3, "covariance": "full"}}),
    "full covariance": (GREY, {"bottleneck": {"covariance": "full"}}),
    "quantized": (GREY, {"bottleneck": "quantized"}),
    "binary code": (GREY, {"bottleneck": "binary"}),
}


@pytest.mark.parametrize("case", CASES)
def test_the_same_values_come_back(case: str) -> None:
    values, overrides = CASES[case]
    run = fitted(values, **overrides)
    found = unpack(run, pack(run, values, {"ids": [str(i) for i in range(len(values))]}), "x.nrw")
    assert found.values.dtype == values.dtype
    assert np.array_equal(found.values, values)
    assert found.ids == tuple(map(str, range(len(values))))


def test_the_size_is_that_of_the_objective() -> None:
    """Bits-back coding takes the negative evidence lower bound, and the initial bits."""
    run = fitted(GREY, training={"epochs": 20})
    many = np.concatenate([GREY] * 10)
    bits = 8 * len(pack(run, many).payload)
    batch = run.scaler.together(many)
    run.objective.eval()
    bound = np.mean([run.objective(batch).total.item() for _ in range(5)]) / np.log(2) * len(many)
    assert bits == pytest.approx(bound + pack(run, many).header["initial_bits"], rel=0.01)


@pytest.mark.parametrize("case", ["8 bits", "16 bits", "colours", "without neighbours", "binary code"])
def test_images_of_any_size_come_back_in_tiles(case: str) -> None:
    """Tiles of 8×7, or of 6×5 in colour, at the edges smaller."""
    values, overrides = CASES[case]
    run = fitted(values, **overrides)
    wide, high = np.concatenate(list(values[:5]), axis=1), np.concatenate(list(values[5:8]))
    images = [wide[:, :-2], high[1:], values[9], wide[:3, :2], high[4:], wide[:, :-2][::-1]]
    found = unpack(run, pack(run, images), "x.nrw").values
    assert isinstance(found, list)
    for a, b in zip(found, images, strict=True):
        assert a.dtype == b.dtype
        assert np.array_equal(a, b)


def test_what_fills_up_a_tile_takes_no_bits() -> None:
    """Of noise each coded pixel takes 8 bits: one column of a tile takes as many as its pixels have."""
    run = fitted(GREY, bottleneck="binary", loss={"radius": 1})
    noise = RNG.integers(0, 256, (8, 7 * 40 + 1), dtype=np.uint8)
    column = np.ascontiguousarray(np.tile(noise[:, -1:], (40, 1)))
    whole, alone = (len(pack(run, [image]).payload) for image in (noise[:, :-1], column[: 8 * 40]))
    assert alone < 0.25 * whole


def test_other_channels_and_several_types_are_refused() -> None:
    with pytest.raises(InputError, match="was fitted to examples of shape"):
        pack(RUN, COLOUR)
    with pytest.raises(InputError, match="one type at a time"):
        pack(RUN, [GREY[0], DEEP[0]])


def test_other_data_of_the_same_kind_come_back_too() -> None:
    noise = RNG.integers(0, 256, (30, 8, 7), dtype=np.uint8)
    assert np.array_equal(unpack(RUN, pack(RUN, noise), "x.nrw").values, noise)
    assert np.array_equal(unpack(RUN, pack(RUN, noise[:1]), "x.nrw").values, noise[:1])


def test_another_model_is_refused() -> None:
    other = fit(as_data(GREY), recipe="lossless", overrides=SHORT, seed=1)
    with pytest.raises(InputError, match="another model"):
        unpack(other, pack(RUN, GREY), "x.nrw")


def test_other_values_than_were_compressed_are_refused() -> None:
    packed = pack(RUN, GREY)
    hashes = [["0" * 16, *packed.header["hashes"][0][1:]]]
    with pytest.raises(InputError, match="decodes to other values"):
        unpack(RUN, Container({**packed.header, "hashes": hashes}, packed.payload), "x.nrw")
    words = packed.payload[:-4] + bytes([*packed.payload[-4:-1], packed.payload[-1] ^ 1 or 1])
    with pytest.raises(InputError, match=r"decodes to other values|does not end"):
        unpack(RUN, Container(packed.header, words), "x.nrw")


def test_models_without_a_likelihood_say_what_to_do() -> None:
    for recipe in ("autoencoder", "vae", "denoising-vae"):
        run = fit(as_data(GREY), recipe=recipe, overrides=SHORT)
        with pytest.raises(InputError, match="--recipe lossless"):
            pack(run, GREY)


def test_values_that_cannot_occur_are_refused() -> None:
    run = fitted(BINARY)
    with pytest.raises(InputError, match="two kinds"):
        pack(run, GREY)
    with pytest.raises(InputError, match="no rows"):
        pack(RUN, GREY[:0])


def test_a_summary_counts_bytes_and_values() -> None:
    packed = pack(RUN, GREY)
    found = summary(packed, GREY)
    assert found["bytes"] == len(to_bytes(packed))
    assert found["original_bytes"] == GREY.nbytes
    assert found["bits_per_value"] == pytest.approx(8 * found["bytes"] / GREY.size)
    assert found["psnr"] is None
    assert model_bytes(RUN) == 4 * sum(each.numel() for each in RUN.model.state_dict().values())
