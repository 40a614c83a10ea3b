"""Compression with a loss: what is asked for is kept, and files are decoded exactly or refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from narrows import Autoencoder
from narrows.core.errors import InputError
from narrows.runs.folder import load_run, save_run
from narrows.runs.run import Run
from narrows.tasks.compression.container import from_bytes, to_bytes
from narrows.tasks.compression.quantised import Quantiser, compress, decompress, unpacked
from tests.samples import DIGITS

pytest.importorskip("constriction")

PIXELS = (DIGITS * 15).astype(np.uint8)


@pytest.fixture(scope="module")
def run() -> Run:
    """A short fit to digits as 8-bit images."""
    small = {"hidden": 16}
    parts = {"encoder": {"hidden": 16}, "bottleneck": small, "training": {"epochs": 12}}
    return Autoencoder(None, recipe="compression", **parts).fit(PIXELS[:1200]).run_


@pytest.mark.parametrize("psnr", [25.0, 30.0, 35.0])
def test_a_psnr_that_is_asked_for_is_reached_and_no_more(run: Run, psnr: float) -> None:
    made = compress(run, PIXELS[1200:], psnr=psnr)
    values = decompress(run, from_bytes(to_bytes(made.container), "digits.nrw"), "digits.nrw")
    assert values.dtype == np.uint8
    assert values.shape == PIXELS[1200:].shape
    error = np.mean((values.astype(float) - PIXELS[1200:]) ** 2)
    assert 10 * np.log10(255**2 / error) == pytest.approx(made.psnr, abs=0.01)
    assert psnr <= made.psnr < psnr + 0.1


def test_fewer_bits_give_a_lower_psnr_and_files_are_as_long_as_was_reckoned(run: Run) -> None:
    values = PIXELS[1200:]
    found = [compress(run, values, bits=bits) for bits in (0.5, 1.0, 2.0)]
    assert found[0].psnr < found[1].psnr < found[2].psnr
    for each, bits in zip(found, (0.5, 1.0, 2.0), strict=True):
        assert 0.97 * bits < 8 * len(each.container.payload) / values.size < 1.03 * bits


def test_the_learned_distribution_saves_bits(run: Run) -> None:
    """Beside the entropy of each coefficient's own histogram, which codes them one by one."""
    values = PIXELS[1200:]
    made = compress(run, values, psnr=30)
    numbers = unpacked(run, made.container, "x")
    columns = numbers.reshape(len(numbers), -1).T
    counts = [np.unique(column, return_counts=True)[1] / len(column) for column in columns]
    entropy = -sum((p * np.log2(p)).sum() for p in counts) * len(numbers)
    assert 8 * len(made.container.payload) < entropy


def test_a_quality_is_a_step_without_a_search(run: Run) -> None:
    low, high = (compress(run, PIXELS[1200:1300], quality=quality) for quality in (24, 34))
    assert low.psnr < high.psnr
    assert low.container.header["error"] == pytest.approx(10 ** (-24 / 20))


def test_one_wish_is_wanted(run: Run) -> None:
    for wishes in ({}, {"psnr": 30.0, "bits": 1.0}):
        with pytest.raises(InputError, match="one of psnr, bits and quality"):
            compress(run, PIXELS[:4], **wishes)


def test_a_psnr_beyond_the_model_is_refused_with_the_best(run: Run) -> None:
    with pytest.raises(InputError, match=r"which reaches .* dB at the most"):
        compress(run, PIXELS[1200:1300], psnr=90)


def test_a_saved_run_decodes_the_same_numbers_in_chunks(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("narrows.tasks.compression.quantised.CHUNK", 64 * 100)
    made = compress(run, PIXELS[1200:], psnr=30)
    assert len(made.container.header["words"]) == 6
    folder = tmp_path / "run"
    save_run(run, folder, {})
    again = load_run(folder)
    header = json.loads(json.dumps(dict(made.container.header)))
    assert np.array_equal(
        unpacked(again, replace(made.container, header=header), "x"), unpacked(run, made.container, "x")
    )


def test_another_model_and_other_numbers_are_refused(run: Run, digits_run: Run) -> None:
    made = compress(run, PIXELS[1200:1300], psnr=30)
    header = dict(made.container.header)
    with pytest.raises(InputError, match="another model"):
        decompress(run, replace(made.container, header={**header, "model": "0"}), "x")
    with pytest.raises(InputError, match="computes the model otherwise"):
        decompress(run, replace(made.container, header={**header, "error": 1.1 * header["error"]}), "x")
    with pytest.raises(InputError, match="--recipe compression"):
        compress(digits_run, DIGITS[:4], psnr=30)


def test_what_is_coded_is_what_coefficients_round_to(run: Run) -> None:
    quantiser = Quantiser(run)
    y = quantiser.coefficients(PIXELS[1200:1210])
    made = compress(run, PIXELS[1200:1210], quality=30)
    s = made.container.header["error"]
    numbers = unpacked(run, made.container, "x")
    assert np.array_equal(numbers, quantiser.rounded(y, s))
    assert np.abs(numbers * quantiser.step(s) - y).max() <= 0.5001 * quantiser.step(s).max()
