"""What tests share: small data made on the spot, and one fitted run to look at."""

from __future__ import annotations

import os

os.environ["OMP_WAIT_POLICY"] = "passive"  # waiting threads must not spin; torch reads it when imported
os.environ["SCIPY_ARRAY_API"] = "1"  # else scikit-learn leaves its checks of array namespaces out

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import datasets

from narrows import Autoencoder
from narrows.core.files import checksums
from narrows.data.datasets import load
from narrows.data.sources import on_disk
from narrows.fitting.fit import fit
from narrows.report import live, render
from narrows.runs.folder import FILES, SUMS, save_run
from narrows.runs.run import Run
from narrows.tasks.few_labels.fine_tuning import FINE_TUNING
from tests.browser import browser, opened
from tests.live_pages import live_part, opened_live
from tests.samples import SMALL, patches

__all__ = ["browser", "live_part", "opened", "opened_live"]


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
    """The run in its folder, its page without the live part, whichever test asks for it first."""
    folder = tmp_path_factory.mktemp("runs") / "digits"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(live, "BUILT", tmp_path_factory.mktemp("nothing"))
        save_run(digits_run, folder, {"report.html": render(digits_run)})
    return folder


@pytest.fixture(scope="session")
def denoiser() -> Run:
    """A short fit of a small U-Net to patches of 8-bit images."""
    return fit(patches(np.uint8), recipe="denoising", overrides=SMALL)


@pytest.fixture(scope="session")
def vae_run() -> Run:
    """A short fit of a VAE to the digits, with the weights of three earlier epochs."""
    choices = {"epochs": 5, "snapshots": 3}
    return Autoencoder(3, recipe="vae", training=choices).fit(load("digits").array[:600]).run_


@pytest.fixture(scope="session")
def vae_folder(vae_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "vae"
    save_run(vae_run, folder)
    return folder


@pytest.fixture
def brief_fine_tuning(monkeypatch: pytest.MonkeyPatch) -> None:
    """An encoder is fine-tuned for two epochs."""
    monkeypatch.setitem(FINE_TUNING, "epochs", 2)


@pytest.fixture
def few_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The digits of scikit-learn, by whatever way they are asked for, are the first 400 of them."""
    whole = datasets.load_digits

    def load_digits(*, return_X_y: bool = False) -> Any:
        bunch = whole()
        for name in ("data", "images", "target"):
            bunch[name] = bunch[name][:400]
        return (bunch.data, bunch.target) if return_X_y else bunch

    monkeypatch.setattr(datasets, "load_digits", load_digits)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def reseal(folder: Path) -> None:
    """Write the checksums of a run anew, as who edits a run on purpose would."""
    files = {name: (folder / name).read_bytes() for name in FILES[:-1] if (folder / name).exists()}
    (folder / SUMS).write_bytes(checksums(files))


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of a kilobyte are large, and blocks hold a few rows."""
    monkeypatch.setattr(on_disk, "LARGE", 1024)
    monkeypatch.setattr(on_disk, "BLOCK", 16 * 6 * 8)
