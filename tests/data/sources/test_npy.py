"""Data that stay in their file give what the same data in memory give."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.readers import read
from narrows.data.sources import on_disk
from narrows.fitting.fit import fit
from tests.commands import as_json, narrows
from tests.samples import curve, stored

pytestmark = pytest.mark.usefixtures("small_blocks")


@pytest.mark.parametrize("dtype", ["f8", ">f4", "u2", "bool"])
def test_rows_are_those_of_the_file(dtype: str) -> None:
    values = (10 * curve(999)).astype(dtype)
    found = stored(values)
    np.testing.assert_array_equal(found.take(range(990, 999)), values[990:])
    index = np.random.default_rng(0).integers(0, 999, 50)
    np.testing.assert_array_equal(found.take(index), values[index])
    together = [piece for _, piece in found.pieces()]
    assert len(together) > 5
    np.testing.assert_array_equal(np.concatenate(together), values)


def test_a_fit_on_disk_is_as_good_and_encodes_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    values = curve(3000)
    np.save("large.npy", values)
    how = {"training": {"epochs": 12}}
    large = fit(read("large.npy"), latent_dim=2, overrides=how)
    assert "stay on disk" in " ".join(large.config["why"])
    monkeypatch.setattr(on_disk, "LARGE", 2**40)
    small = fit(read("large.npy"), latent_dim=2, overrides=how)
    found, expected = large.metrics["held_out"], small.metrics["held_out"]
    assert found["n"] == expected["n"]
    assert found["pca_mse"] == pytest.approx(expected["pca_mse"], rel=0.1)
    assert found["mse"] < 0.5 * found["pca_mse"]
    assert large.config["data"]["sha256"] == small.config["data"]["sha256"]
    monkeypatch.setattr(on_disk, "LARGE", 1024)
    codes = large.encode(read("large.npy").source)
    np.testing.assert_allclose(
        codes, large.encode(values), atol=1e-5
    )  # sums of other batches round otherwise


def test_verbs_on_disk(capsys: pytest.CaptureFixture[str]) -> None:
    np.save("large.npy", curve(600))
    assert as_json(capsys, "data", "large.npy")["n"] == 600
    run = as_json(capsys, "fit", "large.npy", "--epochs", "2", "--quiet")["run"]
    narrows(capsys, "encode", run, "large.npy", "-o", "z.npy")
    assert np.load("z.npy").shape == (600, 2)
    narrows(capsys, "reconstruct", run, "large.npy", "-o", "back.npy")
    assert np.load("back.npy").shape == (600, 6)
    narrows(capsys, "interpolate", run, "large.npy", "0", "599", "-o", "way.npy")
    assert (
        "can only be written to .npy"
        in narrows(capsys, "reconstruct", run, "large.npy", "-o", "back.csv", code=2)[1]
    )
    assert not Path("back.csv").exists()


def test_a_bad_value_far_down_the_file_is_placed() -> None:
    values = curve(800)
    values[777, 3] = np.inf
    np.save("large.npy", values)
    with pytest.raises(InputError, match=r"the first \(inf\) in row 777, counted from 0, in column 'x3'"):
        fit(read("large.npy"), overrides={"training": {"epochs": 1}})


def test_what_cannot_be_read_in_blocks_says_so() -> None:
    np.save("large.npy", np.asfortranarray(curve(800)))
    with pytest.raises(InputError, match="stored column by column"):
        read("large.npy")
    np.save("large.npy", np.ones((800, 6)) * 1j)
    with pytest.raises(InputError, match="complex"):
        read("large.npy")
    np.save("large.npy", curve(800))
    with Path("large.npy").open("r+b") as file:
        file.truncate(20_000)
    with pytest.raises(InputError, match="is truncated: its header promises 38,400 bytes"):
        read("large.npy")
