from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from narrows.core.errors import DamagedRunError, InputError, NoRoomError
from narrows.data.datasets import load
from narrows.fitting.fit import fit
from narrows.runs.folder import FILES, free_folder, load_run, save_run
from narrows.runs.run import Run
from tests.conftest import reseal
from tests.samples import mixed, of_frame

RECIPES_OF_A_RUN = ["autoencoder", "vae", "linear", "sparse"]


@pytest.mark.parametrize("recipe", RECIPES_OF_A_RUN)
def test_a_run_comes_back_bit_for_bit(recipe: str, tmp_path: Path) -> None:
    values = load("digits").array
    run = fit(load("digits"), recipe=recipe, overrides={"training": {"epochs": 1}})
    save_run(run, tmp_path / "a")
    again = load_run(tmp_path / "a")
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
        "import sys, numpy; from pathlib import Path; from narrows.runs.folder import load_run; "
        "from narrows.data.datasets import load; "
        "numpy.save(sys.argv[2], load_run(Path(sys.argv[1])).encode(load('digits').array))"
    )
    subprocess.run([sys.executable, "-c", script, digits_folder, tmp_path / "codes.npy"], check=True)
    assert (np.load(tmp_path / "codes.npy") == digits_run.encode(load("digits").array)).all()


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
    save_run(digits_run, tmp_path / "a")
    spoil(tmp_path / "a", how)
    with pytest.raises(InputError, match=SPOILT[how]) as found:
        load_run(tmp_path / "a")
    assert isinstance(found.value, DamagedRunError) == ("is damaged" in str(found.value))


def test_a_folder_is_whole_or_absent(
    digits_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("narrows.runs.folder.replace_file", fail)
        with pytest.raises(NoRoomError, match="No space left"):
            save_run(digits_run, tmp_path / "a")
    assert list(tmp_path.iterdir()) == []
    save_run(digits_run, tmp_path / "a")
    assert {file.name for file in (tmp_path / "a").iterdir()} == set(FILES)
    with pytest.raises(InputError, match="exists already"):
        save_run(digits_run, tmp_path / "a")


def test_run_folders_are_numbered() -> None:
    assert free_folder("digits-vae") == Path("runs/digits-vae")
    Path("runs/digits-vae").mkdir(parents=True)
    assert free_folder("digits-vae") == Path("runs/digits-vae-2")


def test_a_run_on_words_travels(tmp_path: Path) -> None:
    data = of_frame(mixed(200, missing=0.05))
    run = fit(data, recipe="vae", latent_dim=2, overrides={"training": {"epochs": 2}})
    save_run(run, tmp_path / "run")
    again = load_run(tmp_path / "run")
    assert again.schema == data.schema
    assert (again.encode(data.array) == run.encode(data.array)).all()
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    config["schema"]["columns"][3]["levels"].append("none")
    (tmp_path / "run" / "config.json").write_text(json.dumps(config))
    with pytest.raises(InputError):
        load_run(tmp_path / "run")
