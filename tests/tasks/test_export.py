"""Exported encoders and decoders give what the model gives, on values as they came."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
import torch

from narrows.data.graphs.graph import Graph
from narrows.data.graphs.many import as_graphs
from narrows.data.readers import as_data, from_table
from narrows.data.schema import Array
from narrows.data.tables.table import from_frame
from narrows.fitting.fit import fit
from narrows.model.recipes import COMPRESSION, FRAMES, FROM_NOISE, GRAPHS, RECIPES, RESTORATIONS, SEQUENTIAL
from narrows.runs.run import Run
from narrows.tasks.export import DecoderGraph, export_onnx, export_torch, parity
from tests.samples import curve

onnxruntime = pytest.importorskip("onnxruntime")


RNG = np.random.default_rng(0)


IMAGES = (RNG.random((120, 12, 10)) * 255).astype(np.uint8)


SHORT: dict[str, Any] = {"training": {"epochs": 8}}


SOME = ("autoencoder", "vae", "vq-vae", "topk", "y2", "c1", "mixture-vae", "s2")


REST = [
    name
    for name in RECIPES
    if name not in (*SOME, *RESTORATIONS, *COMPRESSION, *FROM_NOISE, *SEQUENTIAL, *FRAMES, *GRAPHS)
]


EVERY = [*SOME, *(pytest.param(name, marks=pytest.mark.slow) for name in REST)]


def check(run: Run, values: Array, folder: Path) -> None:
    """The graphs agree with the model on batches of several sizes, in the data's own type.

    The files name no file of the machine that wrote them.
    """
    files = export_onnx(run, folder)
    for file in files.values():
        assert b'File "' not in file.read_bytes()
        assert b"site-packages" not in file.read_bytes()
    encoder, decoder = (onnxruntime.InferenceSession(files[name]) for name in ("encoder", "decoder"))
    for n in (1, 2, 7):
        codes = run.encode(values[:n])
        found = encoder.run(None, {"values": values[:n]})[0]
        np.testing.assert_allclose(found, codes, rtol=1e-4, atol=1e-5 * max(1, np.abs(codes).max()))
        codes = codes.astype(np.float32)
        ours, theirs = run.decode(codes), decoder.run(None, {"codes": codes})[0]
        assert (theirs.shape, theirs.dtype) == (ours.shape, ours.dtype)
        step = 1 if ours.dtype.kind in "iu" else 1e-4 * np.ptp(values[~np.isnan(values)])
        np.testing.assert_array_equal(np.isnan(theirs), np.isnan(ours))
        assert np.nanmax(np.abs(theirs.astype(float) - ours)) <= step
    found = parity(run, files)
    assert found is not None
    assert max(found.values()) < 1e-2


@pytest.mark.parametrize("recipe", EVERY)
def test_every_recipe_is_exported(recipe: str, tmp_path: Path) -> None:
    check(fit(as_data(IMAGES), recipe=recipe, overrides=SHORT), IMAGES, tmp_path)


@pytest.mark.parametrize("shape", [(9, 7, 3), (3, 9, 11)])
def test_channels_are_exported_in_any_order(shape: tuple[int, ...], tmp_path: Path) -> None:
    values = RNG.random((60, *shape)).astype(np.float32)
    check(fit(as_data(values), overrides={**SHORT, "encoder": "conv"}), values, tmp_path)


def test_scaling_is_exported_with_heavy_tails_and_missing_cells(tmp_path: Path) -> None:
    values = curve(200)
    values[:3, 0] *= 1000
    values[3, 1] = values[5, 2] = np.nan
    run = fit(as_data(values), latent_dim=2, overrides=SHORT)
    assert run.scaling.has_arsinh
    check(run, values, tmp_path)


def test_words_are_exported_as_their_numbers(tmp_path: Path) -> None:
    frame = pandas.DataFrame(
        {"size": RNG.random(120), "garden": [True, False] * 60, "town": ["a", "b", "c"] * 40}
    ).assign(when=pandas.date_range("2020-01-01", periods=120, freq="11D7h"))
    run = fit(from_table(from_frame(frame, "x"), "x"), latent_dim=2, overrides=SHORT)
    check(run, from_frame(frame, "x").read_as(run.schema.columns).values, tmp_path)


def test_graphs_of_several_sizes_are_exported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    sizes = RNG.integers(1, 7, 80)
    edges = [np.argwhere(np.triu(RNG.random((n, n)) < 0.5, 1)) for n in sizes]
    graphs = [Graph(e, RNG.random((n, 2)), int(n)) for e, n in zip(edges, sizes, strict=True)]
    data = as_graphs(graphs, "some")
    check(fit(data, latent_dim=3, overrides=SHORT), data.array, tmp_path)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize(
    ("network", "shape", "dtype"),
    [("tcn", (9, 2), "float32"), ("gru", (9,), "float64"), ("mlp", (2, 1), "float32")],
)
def test_an_encoder_takes_padded_and_shorter_sequences(
    network: str, shape: tuple[int, ...], dtype: str, tmp_path: Path
) -> None:
    values = RNG.normal(size=(60, *shape)).cumsum(axis=1).astype(dtype)
    for row, end in zip(values, RNG.integers(1, shape[0] + 1, 60), strict=True):
        row[end:] = np.nan
    values[values > 4] = np.nan  # missing before an end, too
    values[:, 0] = np.nan_to_num(values[:, 0])
    overrides = {**SHORT, "encoder": {"name": network}}
    run = fit(as_data(values, kind="sequences"), latent_dim=2, overrides=overrides)
    files = export_onnx(run, tmp_path)
    encoder, decoder = (onnxruntime.InferenceSession(files[name]) for name in ("encoder", "decoder"))
    for steps in range(1, shape[0] + 1):
        padded = values.copy()
        padded[:, steps:] = np.nan
        codes = run.encode(padded)
        for given in (padded, padded[:, :steps]):
            np.testing.assert_allclose(encoder.run(None, {"values": given})[0], codes, atol=1e-5)
    decoded = decoder.run(None, {"codes": codes.astype(np.float32)})[0]
    assert (decoded.shape, decoded.dtype) == (values.shape, values.dtype)
    assert np.isfinite(decoded).all()
    found = parity(run, files)
    assert found is not None
    assert max(found.values()) < 1e-5


@pytest.mark.parametrize("recipe", ["autoencoder", "s4", "vq-vae", "p3"])
def test_torch_export_loads_without_the_package(recipe: str, tmp_path: Path) -> None:
    run = fit(as_data(IMAGES), recipe=recipe, overrides=SHORT)
    encoder, decoder = export_torch(run, tmp_path)
    codes = torch.export.load(encoder).module()(torch.as_tensor(IMAGES[:5]))
    np.testing.assert_allclose(codes.detach().numpy(), run.encode(IMAGES[:5]), rtol=1e-4, atol=1e-5)
    values = torch.export.load(decoder).module()(codes).detach().numpy()
    assert np.abs(values.astype(int) - run.decode(codes.detach().numpy())).max() <= 1


def test_decoded_values_are_clipped_to_the_range_of_the_training_if_wanted() -> None:
    run = fit(as_data(curve(100)), latent_dim=2, overrides={**SHORT, "encoder": "linear"})
    codes = torch.full((1, 2), 1e3)
    clipped, free = (DecoderGraph(run, "float64", clipped=each)(codes) for each in (True, False))
    assert (clipped <= run.scaling.ceiling).all()
    assert (free > run.scaling.ceiling).any()
    torch.testing.assert_close(clipped, free.clamp(run.scaling.floor, run.scaling.ceiling))


def test_poses_are_found_in_the_exported_encoder(tmp_path: Path) -> None:
    values = (RNG.random((60, 12, 12)) * 255).astype(np.uint8)
    pose = {"name": "found", "shift": True, "scale": True}
    check(fit(as_data(values), overrides={**SHORT, "pose": pose}), values, tmp_path)


def test_a_trace_needs_no_symbolic_mathematics(digits_folder: Path, tmp_path: Path) -> None:
    """Importing it takes longer than the trace."""
    script = (
        "import sys; from pathlib import Path; from narrows.runs.folder import load_run; "
        "from narrows.tasks.export import export_onnx; "
        f"export_onnx(load_run(Path({str(digits_folder)!r})), Path({str(tmp_path)!r})); print('sympy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
