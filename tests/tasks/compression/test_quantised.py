"""Compression with a loss: what is asked for is kept, and files are decoded exactly or refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.runs.folder import load_run, save_run
from narrows.runs.run import Run
from narrows.tasks.compression.container import from_bytes, to_bytes
from narrows.tasks.compression.quantised import METHOD, numbers_in, pack, summary, unpack
from narrows.tasks.compression.quantiser import Quantiser
from narrows.tasks.compression.stacks import Stacks
from narrows.tasks.compression.wishes import Lot, Wish
from tests.samples import DIGITS

pytest.importorskip("constriction")

PIXELS = (DIGITS * 15).astype(np.uint8)


@pytest.mark.parametrize("psnr", [25.0, 30.0, 35.0])
def test_a_psnr_that_is_asked_for_is_reached_and_no_more(rounded_run: Run, psnr: float) -> None:
    made = pack(rounded_run, PIXELS[1200:], Wish(psnr=psnr))
    stacks = unpack(rounded_run, from_bytes(to_bytes(made.container), "digits.nrw"), "digits.nrw")
    values = stacks.arrays[0]
    assert values.dtype == np.uint8
    assert values.shape == PIXELS[1200:].shape
    error = np.mean((values.astype(float) - PIXELS[1200:]) ** 2)
    assert 10 * np.log10(255**2 / error) == pytest.approx(made.psnr, abs=0.01)
    assert psnr <= made.psnr < psnr + 0.1


def test_fewer_bits_give_a_lower_psnr_and_files_are_as_long_as_was_asked_for(rounded_run: Run) -> None:
    values = PIXELS[1200:]
    found = [pack(rounded_run, values, Wish(bits=bits)) for bits in (0.5, 1.0, 2.0)]
    assert found[0].psnr < found[1].psnr < found[2].psnr
    for each, bits in zip(found, (0.5, 1.0, 2.0), strict=True):
        assert 8 * len(to_bytes(each.container)) / values.size == pytest.approx(bits, rel=0.01)


def test_the_learned_distribution_saves_bits(rounded_run: Run) -> None:
    """Beside the entropy of each coefficient's own histogram, which codes them one by one."""
    values = PIXELS[1200:]
    made = pack(rounded_run, values, Wish(psnr=30))
    (numbers,) = numbers_in(rounded_run, made.container, "x")
    columns = numbers.reshape(len(numbers), -1).T
    counts = [np.unique(column, return_counts=True)[1] / len(column) for column in columns]
    entropy = -sum((p * np.log2(p)).sum() for p in counts) * len(numbers)
    assert 8 * len(made.container.payload) < entropy


def test_a_saved_run_decodes_the_same_numbers_in_chunks(
    rounded_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("narrows.tasks.compression.grids.CHUNK", 64 * 100)
    made = pack(rounded_run, PIXELS[1200:], Wish(psnr=30))
    assert len(made.container.header["words"]) == 6
    folder = tmp_path / "run"
    save_run(rounded_run, folder, {})
    again = load_run(folder)
    header = json.loads(json.dumps(dict(made.container.header)))
    assert np.array_equal(
        numbers_in(again, replace(made.container, header=header), "x"),
        numbers_in(rounded_run, made.container, "x"),
    )


def test_another_model_and_other_numbers_are_refused(rounded_run: Run, digits_run: Run) -> None:
    made = pack(rounded_run, PIXELS[1200:1300], Wish(psnr=30))
    header = dict(made.container.header)
    with pytest.raises(InputError, match="another model"):
        unpack(rounded_run, replace(made.container, header={**header, "model": "0"}), "x")
    with pytest.raises(InputError, match="computes the model otherwise"):
        unpack(rounded_run, replace(made.container, header={**header, "error": 1.1 * header["error"]}), "x")
    with pytest.raises(InputError, match="--recipe compression"):
        pack(digits_run, DIGITS[:4], Wish(psnr=30))


def test_what_is_coded_is_what_coefficients_round_to(rounded_run: Run) -> None:
    quantiser = Quantiser.of(rounded_run, (8, 8), PIXELS.dtype)
    y = quantiser.coefficients(PIXELS[1200:1210])
    made = pack(rounded_run, PIXELS[1200:1210], Wish(quality=30))
    s = made.container.header["error"]
    (numbers,) = numbers_in(rounded_run, made.container, "x")
    assert np.array_equal(numbers, quantiser.rounded(y, s))
    assert np.abs(numbers * quantiser.step(s) - y).max() <= 1.0001 * quantiser.step(s).max()


def test_whole_images_of_several_sizes_are_coded_exactly_in_pieces(
    rounded_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model of images of 8×8 pixels; the grids are larger and smaller than that of its training."""
    monkeypatch.setattr("narrows.tasks.compression.grids.CHUNK", 16 * 40)
    picture = np.vstack([np.hstack(list(PIXELS[9 * i : 9 * i + 9])) for i in range(6)])
    images = [picture[:41, :70], picture[:3, :9], picture[:48, 10:30], picture[-41:, -70:], picture[:4, :1]]
    made = pack(rounded_run, images, Wish(psnr=32), {"ids": list("abcde")})
    header = json.loads(json.dumps(dict(made.container.header)))
    assert header["which"] == [0, 1, 2, 0, 3]
    assert len(header["sums"]) > 8
    container = replace(made.container, header=header)
    lots = [Lot.of(rounded_run, array) for array in Stacks.of(images).arrays]
    for found, lot in zip(numbers_in(rounded_run, container, "x"), lots, strict=True):
        assert np.array_equal(found, lot.numbers(header["error"]))
    values = unpack(rounded_run, container, "x").in_order()
    assert [each.shape for each in values] == [each.shape for each in images]
    errors = [(a.astype(float) - b).ravel() ** 2 for a, b in zip(values, images, strict=True)]
    found_psnr = 10 * np.log10(255**2 / np.mean(np.concatenate(errors)))
    assert 32 <= found_psnr == pytest.approx(made.psnr, abs=0.01)
    assert found_psnr < 32.1
    header["sums"][3] = "0" * 16
    with pytest.raises(InputError, match="computes the model otherwise"):
        unpack(rounded_run, replace(made.container, header=header), "x")


def test_names_and_the_size_are_told(rounded_run: Run) -> None:
    values, told = PIXELS[1200:1203], []
    made = pack(rounded_run, values, Wish(quality=30), {"ids": ["a", "b", "c"]})
    assert made.container.header["ids"] == ["a", "b", "c"]
    assert made.container.header["method"] == METHOD
    numbers_in(rounded_run, made.container, "x", told.append)
    assert told == [3]
    size = len(to_bytes(made.container))
    assert summary(made, values) == {
        "bytes": size,
        "value_bytes": size,
        "original_bytes": 192,
        "bits_per_value": 8 * size / 192,
        "psnr": made.psnr,
        "n": 3,
    }
