"""Which error is raised for which event, and what the command line ends with."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

import narrows
from narrows.cli import main
from narrows.core.errors import (
    DamagedRunError,
    InputError,
    NarrowsError,
    NoRoomError,
    TrainingError,
    reason,
)
from narrows.data.readers import as_data
from narrows.data.writers import write_array
from narrows.fitting.fit import fit
from narrows.runs.folder import load_run, save_run
from narrows.runs.run import Run
from tests import commands
from tests.samples import curve


def test_reasons_of_libraries_lose_their_colours() -> None:
    assert reason(ValueError("\x1b[96mstep 3\x1b[0m of\n 3 failed.")) == "step 3 of 3 failed"


def test_every_error_is_one_of_the_tree_and_of_pythons_own_kind() -> None:
    assert {InputError, DamagedRunError, TrainingError, NoRoomError} == {
        error
        for error in (getattr(narrows, name) for name in narrows.__all__)
        if isinstance(error, type) and issubclass(error, NarrowsError) and error is not NarrowsError
    }
    assert issubclass(DamagedRunError, InputError)
    assert issubclass(InputError, ValueError)
    assert issubclass(TrainingError, RuntimeError)


@pytest.mark.parametrize(
    ("error", "code"), [(InputError, 2), (DamagedRunError, 2), (TrainingError, 1), (NoRoomError, 1)]
)
def test_the_command_line_ends_with_the_code_of_the_class(
    error: type[NarrowsError], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error("What came, what was wanted.")

    monkeypatch.setattr(f"{main.__module__}.app", fail)
    assert commands.narrows(capsys, code=code) == ("", "narrows: What came, what was wanted.\n")
    (told,) = commands.narrows(capsys, "--json", code=code)[0].splitlines()
    assert json.loads(told) == {"error": "What came, what was wanted."}


def test_errors_come_back_whole_from_another_process() -> None:
    again = pickle.loads(pickle.dumps(DamagedRunError("a is damaged.")))
    assert (type(again), str(again)) == (DamagedRunError, "a is damaged.")


def test_a_changed_file_of_a_run_is_damage(digits_run: Run, tmp_path: Path) -> None:
    save_run(digits_run, tmp_path / "a")
    metrics = tmp_path / "a/metrics.json"
    metrics.write_text(metrics.read_text().replace("0", "1"))
    with pytest.raises(DamagedRunError, match=r"metrics\.json is not as it was written"):
        load_run(tmp_path / "a")


def test_a_full_disk_is_told_from_a_place_that_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written"):
        write_array(np.zeros(3), tmp_path / "file/a.npy")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(
        NoRoomError, match=r"a\.npy cannot be written: No space left on device; free some space\.$"
    ):
        write_array(np.zeros(3), tmp_path / "a.npy")
    assert not (tmp_path / "a.npy").exists()


def test_a_training_that_diverges_is_a_training_error() -> None:
    training = {"learning_rate": 1e30, "clip": 0.0, "epochs": 20}
    with pytest.raises(TrainingError, match="is not finite any more"):
        fit(as_data(curve(100)), overrides={"training": training})
