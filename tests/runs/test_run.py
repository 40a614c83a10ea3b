from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from narrows.core.errors import DamagedRunError, InputError, NoRoomError
from narrows.core.records import Batch
from narrows.data.datasets import load
from narrows.data.readers import as_data
from narrows.fitting.fit import fit
from narrows.runs.run import FILES, Run, free_folder, inference
from narrows.tasks.export import EncoderGraph
from tests.conftest import reseal
from tests.samples import curve, mixed, of_frame

RECIPES_OF_A_RUN = ["autoencoder", "vae", "linear", "sparse"]


@pytest.mark.parametrize("recipe", RECIPES_OF_A_RUN)
def test_a_run_comes_back_bit_for_bit(recipe: str, tmp_path: Path) -> None:
    values = load("digits").array
    run = fit(load("digits"), recipe=recipe, overrides={"training": {"epochs": 1}})
    run.save(tmp_path / "a")
    again = Run.load(tmp_path / "a")
    assert (again.encode(values) == run.encode(values)).all()
    assert (again.reconstruct(values) == run.reconstruct(values)).all()
    assert again.config == json.loads(json.dumps(run.config))
    assert again.history == run.history
    assert again.metrics == json.loads(json.dumps(run.metrics))
    kept, read = run.evidence.arrays(), again.evidence.arrays()
    assert kept.keys() == read.keys()
    assert all((read[name] == value).all() for name, value in kept.items())


def test_a_new_process_gives_the_same_codes(digits_run: Run, digits_folder: Path, tmp_path: Path) -> None:
    script = (
        "import sys, numpy; from pathlib import Path; from narrows.runs.run import Run; "
        "from narrows.data.datasets import load; "
        "numpy.save(sys.argv[2], Run.load(Path(sys.argv[1])).encode(load('digits').array))"
    )
    subprocess.run([sys.executable, "-c", script, digits_folder, tmp_path / "codes.npy"], check=True)
    assert (np.load(tmp_path / "codes.npy") == digits_run.encode(load("digits").array)).all()


def test_a_batch_is_encoded_like_its_rows(digits_run: Run) -> None:
    values = load("digits").array[:30]
    one_by_one = np.concatenate([digits_run.encode(values[i : i + 1]) for i in range(30)])
    np.testing.assert_allclose(digits_run.encode(values), one_by_one, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("height", "width", "channels"), [(7, 5, None), (33, 47, 3), (1, 40, None), (5, 5, 2)]
)
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "bool"])
@pytest.mark.parametrize("network", ["mlp", "conv"])
def test_images_of_any_size_and_type_come_back(
    height: int, width: int, channels: int | None, dtype: str, network: str
) -> None:
    shape = (25, height, width) if channels is None else (25, height, width, channels)
    top = {"bool": 1, "uint8": 255, "uint16": 60_000, "float32": 9.5}[dtype]
    values = (
        (np.random.default_rng(0).random(shape) * top).round(2 if dtype == "float32" else 0).astype(dtype)
    )
    run = fit(as_data(values), latent_dim=2, overrides={"encoder": network, "training": {"epochs": 1}})
    again = run.reconstruct(values)
    assert (again.shape, again.dtype) == (values.shape, values.dtype)
    assert again.min() >= values.min() - 1e-3 * top
    assert again.max() <= values.max() * 1.001 or dtype == "uint8"
    decoded = run.decode(run.encode(values))
    assert (decoded.shape, decoded.dtype) == (values.shape, values.dtype)
    np.testing.assert_allclose(decoded.astype(float), again.astype(float), atol=0.002 * top + 1)


def spoil(folder: Path, how: str) -> None:
    weights = load_file(folder / "model.safetensors")
    config = json.loads((folder / "config.json").read_text())
    name = sorted(weights)[-1]
    match how:
        case "no config":
            (folder / "config.json").unlink()
        case "config is no json":
            (folder / "config.json").write_text("{")
        case "config lacks a key":
            del config["spec"]
        case "an unknown part":
            config["spec"]["encoder"]["name"] = "os.system"
        case "another size":
            config["spec"]["bottleneck"]["latent_dim"] = 5
        case "a kind that there is not":
            config["schema"]["kind"] = None
        case "another dtype of the data":
            config["schema"]["dtype"] = "U5"
        case "a huge shape":
            config["schema"]["shape"] = [10**13]
        case "a scale below 0":
            config["scaling"]["scale"] = -1
        case "an encoder that is none":
            config["spec"]["encoder"] = None
        case "a mixture of many":
            config["density"]["components"] = 10**12
        case "a weight that is nan":
            weights[name] = weights[name] * np.float32("nan")
        case "a weight of another dtype":
            weights[name] = weights[name].astype("f8")
        case "another version":
            config["schema_version"] = 99
        case "a weight less":
            del weights[name]
        case "a weight more":
            weights["extra"] = np.zeros(3, "f4")
        case "another shape":
            weights[name] = np.zeros((2, 2), "f4")
        case "a name that climbs out":
            weights["../../../evil"] = np.zeros(3, "f4")
        case "a key more in the spec":
            config["spec"]["__class__"] = {"name": "os.system"}
        case "a key more in the schema":
            config["schema"]["then"] = "os.system"
        case "a header of 100 MB":
            save_file(weights, folder / "model.safetensors")
            raw = (folder / "model.safetensors").read_bytes()
            (folder / "model.safetensors").write_bytes((100 * 2**20).to_bytes(8, "little") + raw[8:])
            return reseal(folder)
        case "weights cut off":
            save_file(weights, folder / "model.safetensors")
            raw = (folder / "model.safetensors").read_bytes()
            (folder / "model.safetensors").write_bytes(raw[:-10])
            return reseal(folder)
    if (folder / "config.json").exists() and how != "config is no json":
        (folder / "config.json").write_text(json.dumps(config))
    save_file(weights, folder / "model.safetensors")
    return reseal(folder)


SPOILT = {
    "no config": "it has no config.json",
    "config is no json": "is damaged",
    "config lacks a key": "is damaged: KeyError 'spec'",
    "an unknown part": "No network is called 'os.system'",
    "another size": "has shape",
    "a kind that there is not": "No kind of data is called None",
    "another dtype of the data": "type 'U5'",
    "a huge shape": "No data have examples of shape",
    "a scale below 0": "not finite or below 0",
    "an encoder that is none": "is a name with options",
    "a mixture of many": "'components'",
    "a weight that is nan": "not finite",
    "a weight of another dtype": "of torch.float64",
    "another version": "version 99 of the format, and this Narrows knows up to version",
    "a weight less": "is missing",
    "a weight more": "'extra' is not in the model",
    "another shape": r"has shape \(2, 2\)",
    "weights cut off": "is damaged",
    "a name that climbs out": "'../../../evil' is not in the model",
    "a key more in the spec": "A spec has no part '__class__'",
    "a key more in the schema": "unexpected keyword argument 'then'",
    "a header of 100 MB": "is damaged",
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_folder_is_refused_with_the_difference(how: str, digits_run: Run, tmp_path: Path) -> None:
    digits_run.save(tmp_path / "a")
    spoil(tmp_path / "a", how)
    with pytest.raises(InputError, match=SPOILT[how]) as found:
        Run.load(tmp_path / "a")
    assert isinstance(found.value, DamagedRunError) == ("is damaged" in str(found.value))


def test_a_folder_is_whole_or_absent(
    digits_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("narrows.runs.run.replace_file", fail)
        with pytest.raises(NoRoomError, match="No space left"):
            digits_run.save(tmp_path / "a")
    assert list(tmp_path.iterdir()) == []
    digits_run.save(tmp_path / "a")
    assert {file.name for file in (tmp_path / "a").iterdir()} == set(FILES)
    with pytest.raises(InputError, match="exists already"):
        digits_run.save(tmp_path / "a")


def test_run_folders_are_numbered() -> None:
    assert free_folder("digits-vae") == Path("runs/digits-vae")
    Path("runs/digits-vae").mkdir(parents=True)
    assert free_folder("digits-vae") == Path("runs/digits-vae-2")


def test_other_data_are_refused_with_both_shapes(digits_run: Run) -> None:
    with pytest.raises(InputError, match="shape 28x28, but the model was fitted to examples of shape 8x8"):
        digits_run.encode(np.zeros((3, 28, 28)))
    with pytest.raises(InputError, match=r"\(n, 4\) is wanted|Codes of shape \(n, 4\)"):
        digits_run.decode(np.zeros((3, 5)))


def test_pixels_of_another_type_are_refused(digits_run: Run) -> None:
    with pytest.raises(InputError, match="uint8, but the model was fitted to float64"):
        digits_run.encode(np.zeros((3, 8, 8), dtype="u1"))
    assert digits_run.encode(np.zeros((3, 8, 8), dtype="f4")).shape == (3, 4)


def test_no_rows_are_refused(digits_run: Run) -> None:
    with pytest.raises(InputError, match="no rows"):
        digits_run.encode(np.empty((0, 8, 8)))


def test_a_column_that_was_constant_does_not_move_codes() -> None:
    """Nothing was learned of how it varies; the same in the exported graph."""
    rows = np.hstack([curve(200), np.full((200, 1), 7.0)])
    run = fit(as_data(rows), latent_dim=2, overrides={"training": {"epochs": 3}})
    changed = rows.copy()
    changed[:, -1] = 2024.0
    np.testing.assert_array_equal(run.encode(changed), run.encode(rows))
    np.testing.assert_array_equal(run.reconstruct(changed), run.reconstruct(rows))
    assert (run.scaled(changed) != run.scaled(rows)).any(), "but a detector sees that it changed"
    graph = EncoderGraph(run).eval()
    with torch.inference_mode():
        np.testing.assert_array_equal(graph(torch.as_tensor(changed)), graph(torch.as_tensor(rows)))


def test_a_run_on_words_travels(tmp_path: Path) -> None:
    data = of_frame(mixed(200, missing=0.05))
    run = fit(data, recipe="vae", latent_dim=2, overrides={"training": {"epochs": 2}})
    run.save(tmp_path / "run")
    again = Run.load(tmp_path / "run")
    assert again.schema == data.schema
    assert (again.encode(data.array) == run.encode(data.array)).all()
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    config["schema"]["columns"][3]["levels"].append("none")
    (tmp_path / "run" / "config.json").write_text(json.dumps(config))
    reseal(tmp_path / "run")
    with pytest.raises(InputError, match=r"has shape \(64, 8\) .*, the model's has \(64, 9\)"):
        Run.load(tmp_path / "run")


def test_missing_cells_of_a_batch_are_masked_for_words() -> None:
    data = of_frame(mixed(200, missing=0.3))
    run = fit(data, latent_dim=2, overrides={"training": {"epochs": 1}})
    scaled = run.scaled(data.array)
    starts = data.schema.starts
    assert np.isnan(scaled[:, starts]).sum() == np.isnan(data.array).sum()
    assert run.model.reconstruct(Batch(torch.zeros(1, 8))).shape == (1, 8)


def test_inference_is_the_same_in_both_layouts(denoiser: Run) -> None:
    x = torch.rand(2, 1, 40, 36)
    with inference(denoiser.model) as model:
        other = model.reconstruct(Batch(x.contiguous(memory_format=torch.channels_last)))
        torch.testing.assert_close(model.reconstruct(Batch(x)), other, atol=1e-6, rtol=0)
