from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.commands import as_json
from tests.tasks.maps.test_maps import two_phases


def test_maps_of_a_scan_are_written_in_its_shape(capsys: pytest.CaptureFixture[str]) -> None:
    np.save("scan.npy", two_phases())
    seen = as_json(capsys, "data", "scan.npy", "--axes", "YX|E")
    assert (seen["kind"], seen["n"]) == ("spectra", 224)
    assert [axis["size"] for axis in seen["scan"]["axes"]] == [14, 16]
    options = ("--axes", "YX|E", "--latent-dim", 2, "--epochs", 2, "--out", "run")
    assert as_json(capsys, "fit", "scan.npy", *options)["kind"] == "spectra"
    made = as_json(capsys, "maps", "run", "scan.npy", "-o", "maps", "--clusters", 2)
    assert made["shape"] == [14, 16]
    assert sum(made["clusters"]) == 224
    assert all(Path(file).is_file() for file in made["files"])
    with np.load("maps/maps.npz") as arrays:
        assert {*arrays} == {"z0", "z1", "error", "anomaly", "cluster"}
        assert {arrays[name].shape for name in arrays} == {(14, 16)}
    with np.load("maps/cluster-means.npz") as arrays:
        assert arrays["means"].shape == (2, 24)
