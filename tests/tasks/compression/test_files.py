"""Compressed files are written whole or not at all, and read in any process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.readers import as_data
from narrows.fitting.fit import fit
from narrows.runs.folder import save_run
from narrows.tasks.compression.container import Container, write_container
from narrows.tasks.compression.files import compress, decompress

pytest.importorskip("constriction")
RNG = np.random.default_rng(0)
IMAGES = np.clip(np.cumsum(RNG.normal(0, 9, (60, 8, 7)), axis=2) + 128, 0, 255).astype(np.uint8)
RUN = fit(as_data(IMAGES), recipe="lossless", overrides={"training": {"epochs": 1}})


def test_a_file_is_written_and_read(tmp_path: Path) -> None:
    file = tmp_path / "x.nrw"
    record = compress(RUN, IMAGES, file)
    assert record["bytes"] == file.stat().st_size
    assert np.array_equal(decompress(RUN, file).values, IMAGES)


def test_changed_files_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.nrw"
    compress(RUN, IMAGES, file)
    content, rng = file.read_bytes(), np.random.default_rng(0)
    for _ in range(100):
        changed = bytearray(content[: int(rng.integers(len(content)))] if rng.random() < 0.3 else content)
        if changed:
            changed[int(rng.integers(len(changed)))] ^= int(rng.integers(1, 256))
        file.write_bytes(bytes(changed))
        with pytest.raises(InputError):
            decompress(RUN, file)


@pytest.mark.parametrize("threads", ["1", "2"])
def test_another_process_reads_it(tmp_path: Path, threads: str) -> None:
    compress(RUN, IMAGES, tmp_path / "x.nrw")
    save_run(RUN, tmp_path / "run")
    command = ["decompress", "run", "x.nrw", "-o", "x.npy", "--quiet"]
    environment = {**os.environ, "OMP_NUM_THREADS": threads}
    subprocess.run([sys.executable, "-m", "narrows", *command], cwd=tmp_path, check=True, env=environment)
    assert np.array_equal(np.load(tmp_path / "x.npy"), IMAGES)


def test_an_unknown_method_is_refused(tmp_path: Path) -> None:
    write_container(Container({"method": "wavelets"}, b""), tmp_path / "x.nrw")
    with pytest.raises(InputError, match="newer version"):
        decompress(RUN, tmp_path / "x.nrw")
