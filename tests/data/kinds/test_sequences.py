from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas
import pytest
import torch
from numpy.typing import NDArray

from narrows import AnomalyDetector, Autoencoder, InputError
from narrows.data.kinds import describe, from_json
from narrows.data.kinds.sequences import SequenceSchema
from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.data.schema import Array
from narrows.tasks.export import export_onnx, parity
from tests.commands import as_json


def waves(n: int = 100, time: int = 24, seed: int = 0) -> Array:
    """Sine and cosine of a random phase and frequency, in units that differ by a factor of a thousand."""
    rng = np.random.default_rng(seed)
    angle = rng.uniform(0, 6, (n, 1)) + rng.uniform(0.5, 1.5, (n, 1)) * np.linspace(0, 6, time)
    waves = np.stack([np.sin(angle), 1000 + 1000 * np.cos(angle)], axis=-1)
    return waves + 0.02 * rng.standard_normal(waves.shape)


@pytest.mark.parametrize(("shape", "axes", "layout"), [((9,), "T", (1, 9)), ((9, 2), "TC", (2, 9))])
def test_channels_come_first_for_the_model_and_go_back(
    shape: tuple[int, ...], axes: str, layout: tuple[int, ...]
) -> None:
    values = np.arange(3.0 * np.prod(shape)).reshape(3, *shape)
    schema = describe(values, "sequences")
    assert (schema.axes, schema.model_shape) == (axes, layout)
    arranged = schema.arrange(values)
    np.testing.assert_array_equal(arranged[1, 0], values[1] if axes == "T" else values[1, :, 0])
    np.testing.assert_array_equal(schema.from_model(torch.from_numpy(arranged)).numpy(), values)
    np.testing.assert_array_equal(schema.by_part(arranged.reshape(3, -1)), values)


def test_they_are_never_inferred() -> None:
    assert SequenceSchema.inferred_from == ()
    assert describe(np.zeros((4, 6, 2))).kind == "images"
    with pytest.raises(InputError, match="one example here has shape 6x5x3"):
        describe(np.zeros((4, 6, 5, 3)), "sequences")


def test_each_channel_has_one_scale_for_all_its_time_steps() -> None:
    x = waves()
    x[:, 5] += 3  # a time step that is higher in all sequences stays so
    schema = describe(x, "sequences")
    choice = schema.choose(schema.arrange(x))
    assert (choice.name, choice.scaling.scale.shape) == ("standard", (2, 1))
    scaled = choice.scaling(torch.from_numpy(schema.arrange(x))).numpy()
    np.testing.assert_allclose(scaled.mean(axis=(0, 2)), 0, atol=1e-12)
    np.testing.assert_allclose(scaled.std(axis=(0, 2)), 1)
    assert scaled[:, 0].mean(axis=0).argmax() == 5
    np.testing.assert_allclose(choice.scaling.inverse(torch.from_numpy(scaled)).numpy(), schema.arrange(x))


@pytest.mark.parametrize(
    ("values", "name"),
    [
        (np.random.default_rng(0).integers(0, 2, (9, 8, 2)), "none"),
        (np.random.default_rng(0).geometric(0.2, (40, 8, 2)) - 1, "spread"),
    ],
)
def test_bits_and_counts_have_their_own_loss(values: Array, name: str) -> None:
    schema = describe(values, "sequences")
    choice = schema.choose(schema.arrange(values))
    assert (choice.name, float(choice.scaling.offset.abs().max())) == (name, 0)


def test_a_channel_with_a_heavy_tail_is_bent_and_named() -> None:
    x = waves()
    x[3, 7, 1] = 1e7
    schema = describe(x, "sequences")
    assert "Heavy tails in channel 1:" in schema.choose(schema.arrange(x)).why[0]


def test_a_constant_channel_comes_back() -> None:
    x = waves()
    x[..., 0] = 7.0
    ae = Autoencoder(2, kind="sequences", training={"epochs": 1}).fit(x)
    assert (ae.reconstruct(x)[..., 0] == 7).all()


def test_infinity_is_refused_with_its_place() -> None:
    x = waves()
    x[4, 3, 1] = np.inf
    with pytest.raises(InputError, match=r"in row 4, counted from 0, at position \(3, 1\)"):
        Autoencoder(2, kind="sequences").fit(x)
    np.save("x.npy", x)
    with pytest.raises(InputError, match="in row 4"):
        read("x.npy", Reading("sequences"))


def shortened(x: Array, seed: int = 0) -> tuple[Array, NDArray[np.intp]]:
    """`x (n, time, channels)` with NaN behind ends drawn from the second third on, and the lengths."""
    lengths = np.random.default_rng(seed).integers(x.shape[1] // 3, x.shape[1] + 1, len(x))
    return np.where((np.arange(x.shape[1]) < lengths[:, None])[..., None], x, np.nan), lengths


def test_the_end_of_a_sequence_is_its_last_observed_step() -> None:
    x, lengths = shortened(waves(8))
    x[2, 1] = np.nan  # a gap within
    schema = describe(x, "sequences")
    batch = schema.collate(torch.from_numpy(schema.arrange(x)), complete=False)
    np.testing.assert_array_equal(batch.context["lengths"], lengths)
    before = (np.arange(24) < lengths[:, None]).sum() * 2
    missing, inside = schema.missing(schema.arrange(x))
    assert (np.argwhere(missing)[:, [0, 2]] == [2, 1]).all()
    assert (missing.sum(), inside) == (2, before)


def test_sequences_of_any_length_come_back_with_it() -> None:
    x, lengths = shortened(waves())
    x[2, 1] = np.nan
    ae = Autoencoder(4, kind="sequences", training={"epochs": 3}).fit(x)
    behind = np.arange(24) >= lengths[:, None]
    np.testing.assert_array_equal(np.isnan(ae.reconstruct(x)), np.broadcast_to(behind[..., None], x.shape))
    filled = ae.impute(x)
    np.testing.assert_array_equal(np.isnan(filled).all(axis=2), behind)
    np.testing.assert_array_equal(filled[~np.isnan(x)], x[~np.isnan(x)])
    drawn = (~np.isnan(ae.sample(40)).any(axis=2)).sum(axis=1)
    assert set(drawn) <= set(lengths)
    assert ae.run_.metrics["held_out"]["mean_mse"] > 0


def test_what_lies_behind_the_end_is_no_anomaly() -> None:
    x, _ = shortened(waves(300))
    detector = AnomalyDetector(Autoencoder(4, kind="sequences", training={"epochs": 20})).fit(x)
    new, ends = shortened(waves(100, seed=1), seed=1)
    scores = -detector.score_samples(new)
    assert np.isfinite(scores).all()
    assert abs(np.corrcoef(ends, scores)[0, 1]) < 0.5
    assert np.isfinite(detector.contributions(new)).all()


def test_channels_have_names_and_bad_ones_are_named() -> None:
    schema = describe(waves(), "sequences", ("volts", "bar"))
    assert from_json(schema.to_json()) == schema
    record = schema.to_json()
    del record["channels"], record["time"]  # as runs of earlier versions have it
    assert from_json(record) == describe(waves(), "sequences")
    x = waves()
    x[..., 1] = np.nan
    with pytest.raises(InputError, match="'bar' has no value in the training part of z"):
        schema.check_training(schema.arrange(x), "z")
    with pytest.raises(InputError, match="All values of z are 2: there is nothing to learn"):
        schema.check_training(np.full((9, 2, 24), 2.0), "z")


def test_an_estimator_takes_arrays_lists_and_frames(tmp_path: Path) -> None:
    x = waves()
    ae = Autoencoder(4, kind="sequences", training={"epochs": 3}).fit(x)
    assert ae.transform(x).shape == (100, 4)
    np.testing.assert_array_equal(ae.transform(list(x)), ae.transform(x))
    assert ae.reconstruct(x).shape == ae.sample(100).shape == x.shape
    np.testing.assert_array_equal(Autoencoder.load(ae.save(tmp_path / "run")).transform(x), ae.transform(x))
    one = Autoencoder(2, kind="sequences", training={"epochs": 1}).fit(pandas.DataFrame(x[..., 0]))
    assert one.run_.schema.model_shape == (1, 24)


def test_an_odd_step_is_found_with_its_channel() -> None:
    detector = AnomalyDetector(Autoencoder(4, kind="sequences", training={"epochs": 20})).fit(waves())
    odd = waves(5, seed=1)
    odd[2, 10:12, 1] += 4000
    assert detector.predict(odd)[2] == -1
    found = np.unravel_index(detector.contributions(odd)[2].argmax(), (24, 2))
    assert (found[0] in (9, 10, 11, 12), found[1]) == (True, 1)


def test_verbs_take_them(capsys: pytest.CaptureFixture[str]) -> None:
    np.save("x.npy", waves())
    np.savez("x.npz", X=waves(), y=np.arange(100) % 2)
    found = as_json(capsys, "data", "x.npy", "--kind", "sequences")
    assert (found["kind"], found["shape"]) == ("sequences", [24, 2])
    as_json(capsys, "doctor", "x.npy", "--kind", "sequences")
    as_json(capsys, "compare", "x.npz", "--kind", "sequences", "--latent-dims", "2", "--epochs", 1)
    made = as_json(capsys, "fit", "x.npz", "--kind", "sequences", "--epochs", 3, "--out", "run")
    assert made["kind"] == "sequences"
    for verb in (
        ("doctor", "run"),
        ("encode", "run", "x.npy", "-o", "codes.csv"),
        ("reconstruct", "run", "x.npy", "-o", "y.npy"),
        ("sample", "run", "-n", 3, "-o", "s.npy"),
        ("interpolate", "run", "x.npy", 0, 1, "-o", "path.npy"),
        ("arithmetic", "run", "x.npy", "--add", 0, "--subtract", 1, "-o", "a.npy"),
        ("grid", "run", "-o", "grid.npy"),
        ("anomalies", "run", "x.npy", "-o", "scores.csv", "--maps", "maps"),
        ("report", "run"),
    ):
        as_json(capsys, *verb)
    assert np.load("y.npy").shape == np.load("maps/maps.npy").shape == (100, 24, 2)
    parity = as_json(capsys, "export", "run", "--onnx", "onnx")["parity"]
    assert max(parity.values()) < 1e-5
    as_json(capsys, "reconstruct", "run", "x.npz", "-o", "again.npy")
    np.testing.assert_array_equal(np.load("again.npy"), np.load("y.npy"))


@pytest.mark.parametrize("network", ["gru", "tcn"])
def test_the_graphs_of_a_network_are_those_of_torch(network: str, tmp_path: Path) -> None:
    ae = Autoencoder(2, kind="sequences", encoder=network, training={"epochs": 1}).fit(waves(40, 6))
    found = parity(ae.run_, export_onnx(ae.run_, tmp_path))
    assert found is not None
    assert max(found.values()) < 1e-5


def test_they_are_denoised(capsys: pytest.CaptureFixture[str]) -> None:
    clean = waves()
    noisy = clean + [0.3, 300] * np.random.default_rng(1).standard_normal(clean.shape)
    np.save("clean.npy", clean)
    np.save("noisy.npy", noisy)
    fit = ("fit", "clean.npy", "--kind", "sequences", "--epochs", 30, "--out", "run", "--recipe", "denoising")
    as_json(capsys, *fit)
    found = as_json(capsys, "denoise", "run", "noisy.npy", "-o", "out.npy", "--reference", "clean.npy")
    assert found["error"] < 0.6 * found["noisy_error"]
    assert set(found["yardsticks"]) == {"gaussian", "median", "savitzky-golay"}
    assert np.load("out.npy").shape == clean.shape
    found = as_json(capsys, "denoise", "run", "noisy.npy", "-o", "out.npy")
    assert abs(found["residual"]["mean"]) < 0.1
    said = as_json(capsys, "denoise", "run", "noisy.npy", "-o", "o.npy", "--reference", "x.npy", code=2)
    assert "x.npy" in said["error"]


def test_verbs_take_sequences_of_any_length(capsys: pytest.CaptureFixture[str]) -> None:
    x, lengths = shortened(waves())
    np.savez("x.npz", X=x, y=np.arange(100) % 2)
    assert as_json(capsys, "data", "x.npz", "--kind", "sequences")["missing"] == 0
    as_json(capsys, "doctor", "x.npz", "--kind", "sequences")
    as_json(capsys, "fit", "x.npz", "--kind", "sequences", "--epochs", 3, "--out", "run")
    for verb in (
        ("doctor", "run"),
        ("encode", "run", "x.npz", "-o", "codes.csv"),
        ("reconstruct", "run", "x.npz", "-o", "y.npy"),
        ("sample", "run", "-n", 3, "-o", "s.npy"),
        ("arithmetic", "run", "x.npz", "--add", 0, "--subtract", 1, "-o", "a.npy"),
        ("grid", "run", "-o", "grid.npy"),
        ("anomalies", "run", "x.npz", "-o", "scores.csv", "--maps", "maps"),
        ("denoise", "run", "x.npz", "-o", "d.npy"),
        ("report", "run"),
    ):
        as_json(capsys, *verb)
    path = as_json(capsys, "interpolate", "run", "x.npz", 0, 1, "-o", "path.npy")
    assert np.isfinite(path["linear"]["unevenness"])
    ends = (~np.isnan(np.load("y.npy")).any(axis=2)).sum(axis=1)
    np.testing.assert_array_equal(ends, lengths)
