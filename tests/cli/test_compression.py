"""The verbs compress and decompress."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.commands import as_json, narrows

pytest.importorskip("constriction")
RNG = np.random.default_rng(0)
IMAGES = np.clip(np.cumsum(RNG.normal(0, 9, (60, 8, 7)), axis=2) + 128, 0, 255).astype(np.uint8)


def test_data_are_compressed_and_decompressed(capsys: pytest.CaptureFixture[str]) -> None:
    np.save("x.npy", IMAGES)
    narrows(capsys, "fit", "x.npy", "--recipe", "lossless", "--epochs", 1, "--out", "run")
    record = as_json(capsys, "compress", "run", "x.npy", "-o", "x.nrw")
    assert record["bytes"] == Path("x.nrw").stat().st_size
    assert record["original_bytes"] == IMAGES.nbytes
    assert record["bits_per_value"] == pytest.approx(8 * record["bytes"] / IMAGES.size)
    assert record["psnr"] is None
    assert as_json(capsys, "decompress", "run", "x.nrw", "-o", "y.npy")["n"] == 60
    assert np.array_equal(np.load("y.npy"), IMAGES)
    content = bytearray(Path("x.nrw").read_bytes())
    content[len(content) // 2] ^= 1
    Path("z.nrw").write_bytes(bytes(content))
    assert "is damaged" in as_json(capsys, "decompress", "run", "z.nrw", "-o", "z.npy", code=2)["error"]
    assert not Path("z.npy").exists()
    assert "ends in .nrw" in as_json(capsys, "compress", "run", "x.npy", "-o", "x.zip", code=2)["error"]
