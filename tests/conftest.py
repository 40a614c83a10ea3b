"""What tests share: small data made on the spot, and one fitted run to look at."""

from __future__ import annotations

import os

os.environ["SCIPY_ARRAY_API"] = "1"  # else scikit-learn leaves its checks of array namespaces out

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from narrows.core.files import checksums
from narrows.data.datasets import load
from narrows.fitting.fit import fit
from narrows.report import live, render
from narrows.runs.run import FILES, SUMS, Run


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test works in a folder of its own, without data of this machine."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NARROWS_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture(scope="session", autouse=True)
def quick_pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Pages without their live part, whose export takes seconds: tests of it put it back."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(live, "BUILT", tmp_path_factory.mktemp("nothing"))
        yield


@pytest.fixture(scope="session")
def digits_run() -> Run:
    """A short fit of the digits."""
    return fit(load("digits"), latent_dim=4, overrides={"training": {"epochs": 8}})


@pytest.fixture(scope="session")
def digits_folder(digits_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "digits"
    digits_run.save(folder, {"report.html": render(digits_run)})
    return folder


def curve(n: int, columns: int = 6, seed: int = 0) -> NDArray[np.float64]:
    """Rows on a curved one-dimensional line in `columns` dimensions, with a little noise."""
    rng = np.random.default_rng(seed)
    t = rng.uniform(-1, 1, (n, 1))
    return np.cos(t * np.arange(1, columns + 1) + np.arange(columns)) + 0.02 * rng.standard_normal(
        (n, columns)
    )


def reseal(folder: Path) -> None:
    """Write the checksums of a run anew, as who edits a run on purpose would."""
    files = {name: (folder / name).read_bytes() for name in FILES[:-1] if (folder / name).exists()}
    (folder / SUMS).write_bytes(checksums(files))
