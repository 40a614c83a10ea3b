"""Runs that several processes fit, and codes that they compute: as torchrun starts them, on tiny data."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest

from narrows.cli import main
from narrows.cli.verbs import check_processes
from narrows.core.errors import InputError
from narrows.core.files import unfinished
from narrows.runs.folder import FILES, load_run, save_run
from narrows.training.checkpoint import Checkpoint
from narrows.training.history import Epoch
from narrows.training.progress import Progress
from tests.commands import narrows
from tests.ranks import Ended, by_processes
from tests.samples import curve
from tests.stopping import EXACT, lines

FIT = ("fit", "rows.npy", "--epochs", "6", "--latent-dim", "2", "--recipe", "denoising-vae")


@pytest.fixture(autouse=True)
def rows(own_folder: None) -> None:
    np.save("rows.npy", curve(700))


def verb(*words: str) -> None:
    sys.argv = ["narrows", *words]
    main()


def killed(rank: int, epoch: int, *words: str) -> None:
    """A verb of which process `rank` is killed after `epoch`; the state is kept after each."""

    def show(progress: Progress, shown: Epoch) -> None:
        if (int(os.environ["RANK"]), shown.number) == (rank, epoch):
            os.kill(os.getpid(), signal.SIGKILL)

    Progress.__call__ = show  # type: ignore[method-assign]
    Checkpoint.due = lambda checkpoint: True  # type: ignore[method-assign]
    verb(*words)


def same(one: Path, other: Path) -> bool:
    exact = [name for name in EXACT if name != "config.json"]  # which has the command
    return lines(one) == lines(other) and all(
        (one / name).read_bytes() == (other / name).read_bytes() for name in exact
    )


def test_a_run_is_written_once_and_as_good_as_that_of_one(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = by_processes(verb, *FIT, "--out", "two")
    assert (first.code, second.code) == (0, 0)
    assert "two/report.html" in first.out
    assert (second.out, second.err) == ("", "")
    assert {file.name for file in Path("two").iterdir()} >= set(FILES)
    assert not unfinished(Path("two"))
    config = load_run(Path("two")).config
    assert config["command"].startswith("torchrun --nproc-per-node 2 -m narrows fit rows.npy")
    narrows(capsys, *FIT, "--out", "one", "--quiet")
    one, two = (load_run(Path(name)) for name in ("one", "two"))
    for entry in ("spec", "training", "scaling", "data", "schema"):
        assert one.config[entry] == two.config[entry]
    assert two.metrics["held_out"]["mse"] == pytest.approx(one.metrics["held_out"]["mse"], rel=0.2)
    totals = [[epoch["train"]["total"] for epoch in run.history] for run in (one, two)]
    assert totals[0][0] == pytest.approx(totals[1][0], rel=0.1)


@pytest.mark.parametrize("rank", [0, 1])
def test_a_killed_process_and_what_comes_after(rank: int, capsys: pytest.CaptureFixture[str]) -> None:
    by_processes(verb, *FIT, "--out", "whole")
    ended = by_processes(killed, rank, 3, *FIT, "--out", "run")
    assert ended[rank].code == -1
    assert ended[1 - rank].code
    assert unfinished(Path("run"))
    assert load_run(Path("run")).unfinished.endswith(
        "torchrun --nproc-per-node 2 -m narrows fit rows.npy --epochs 6 --latent-dim 2 --recipe denoising-vae "
        "--out run --resume"
    )
    if rank == 1:
        again = by_processes(verb, *FIT, "--out", "run", "--resume")
        assert [each.code for each in again] == [0, 0]
        assert same(Path("run"), Path("whole"))
        finished = by_processes(verb, *FIT, "--out", "run", "--resume")
        assert [each.code for each in finished] == [0, 0]
        assert "run/report.html" in finished[0].out
    else:
        narrows(capsys, *FIT, "--out", "run", "--resume", "--quiet")
        assert len(lines(Path("run"))) == 6
        assert lines(Path("run"))[:2] == lines(Path("whole"))[:2]


@pytest.mark.parametrize("name", ["codes.npy", "codes.zarr", "codes.csv"])
def test_codes_are_those_of_one_process(name: str, digits_folder: Path, capsys: Any) -> None:
    np.save("digits.npy", np.random.default_rng(0).integers(0, 17, (2345, 8, 8)).astype("f8"))
    encode = ("encode", str(digits_folder), "digits.npy", "--out")
    narrows(capsys, *encode, f"one-{name}", "--quiet")
    first, second = by_processes(verb, *encode, f"two-{name}", "--json")
    assert (first.code, second.code, second.out) == (0, 0, "")
    assert json.loads(first.out)["n"] == 2345
    if name.endswith("csv"):
        one, two = (pandas.read_csv(f"{n}-{name}") for n in ("one", "two"))
        pandas.testing.assert_frame_equal(one, two)
        return
    one, two = (loaded(f"{n}-{name}") for n in ("one", "two"))
    assert one.dtype == two.dtype
    np.testing.assert_array_equal(one, two)


def loaded(name: str) -> Any:
    if name.endswith(".npy"):
        return np.load(name)
    import zarr

    return np.asarray(zarr.open_group(name, mode="r")["0"])


def test_what_processes_cannot_do_together_is_said_once() -> None:
    np.save("few.npy", curve(6))
    for words, said in (
        (("doctor", "rows.npy"), "narrows: Several processes do fit and encode, but 2 were started for"),
        (("fit", "nothing.npy"), "narrows: There is no file, folder or dataset 'nothing.npy'."),
        ((*FIT, "--set", "training.batch_size=3"), "narrows: 2 processes need at least two examples each"),
        (("fit", "few.npy"), "narrows: 2 processes need at least two examples each"),
        (("fit", "rows.npy", "--nothing"), "narrows: No such option: --nothing"),
    ):
        ended = by_processes(verb, *words)
        assert all(each.code for each in ended)
        found = [line for each in ended for line in each.err.splitlines() if line.startswith("narrows: ")]
        assert len(found) == 1
        assert found[0].startswith(said)
        assert found[0].endswith("or give a larger training.batch_size.") == ("--set" in words)


def differently(changed: Callable[[], None], *words: str) -> None:
    """A verb in whose second process `changed` is called before."""
    sys.argv = ["narrows", *words]
    if os.environ["RANK"] == "1":
        changed()
    main()


def elsewhere() -> None:
    os.chdir("other")


def other_seed() -> None:
    sys.argv += ["--seed", "1"]


def small_files() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (4000, resource.RLIM_INFINITY))


def test_processes_with_other_data_commands_or_runs_are_refused(digits_folder: Path) -> None:
    Path("other").mkdir()
    rows = curve(700)
    found = rows[:, :-1]
    for changed, name, values in (
        (elsewhere, "data of the shape 650x", rows[:650]),
        (elsewhere, "columns or a type of values", rows.astype("f4")),
        (elsewhere, "values with the checksum", rows[::-1]),
        (elsewhere, "data of the shape 700x", found),
        (other_seed, "the command narrows fit rows.npy", rows),
    ):
        np.save("other/rows.npy", values)
        refused(by_processes(differently, changed, *FIT, "--out", "run"), f"Process 1 has {name}")
        assert not Path("run").exists()
    np.save("digits.npy", np.zeros((50, 8, 8)))
    np.save("other/digits.npy", np.zeros((50, 8, 8)))
    shutil.copytree(digits_folder, "digits")
    run = load_run(Path("digits"))
    next(run.objective.parameters()).data += 1
    save_run(run, Path("other/digits"))
    words = ("encode", "digits", "digits.npy", "--out", "codes.npy")
    refused(by_processes(differently, elsewhere, *words), "Process 1 has a run of weights")
    assert not Path("codes.npy").exists()


def refused(ended: list[Ended], said: str) -> None:
    """That all ended, and one with what is `said`."""
    assert [each.code for each in ended] == [2, 2]
    lines = [line for each in ended for line in each.err.splitlines() if line.startswith("narrows: ")]
    assert len(lines) == 1
    assert lines[0].startswith(f"narrows: {said}")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits")
def test_a_disk_that_is_full_for_one_process_is_one_sentence(digits_folder: Path) -> None:
    np.save("digits.npy", np.ones((500, 8, 8)))
    first, second = by_processes(
        differently, small_files, "encode", str(digits_folder), "digits.npy", "--out", "z.npy", "--quiet"
    )
    assert (first.code, second.code, first.out, first.err) == (1, 1, "", "")
    assert second.err.endswith("cannot be written: File too large; free some space.\n")
    assert not [file for file in Path().iterdir() if file.name.startswith(".part") or file.name == "z.npy"]


def interrupted(*words: str) -> None:
    """A verb that all processes are told to end, as Ctrl-C does, after the third epoch."""

    def show(progress: Progress, shown: Epoch) -> None:
        if shown.number == 3:
            raise KeyboardInterrupt

    Progress.__call__ = show  # type: ignore[method-assign]
    Checkpoint.due = lambda checkpoint: True  # type: ignore[method-assign]
    verb(*words)


def test_an_interruption_ends_all_and_says_how_to_go_on() -> None:
    first, second = by_processes(interrupted, *FIT, "--out", "run")
    assert (first.code, second.code, second.err) == (1, 1, "")
    said = [line for line in first.err.splitlines() if line.startswith("narrows: ")]
    assert len(said) == 1
    assert said[0].startswith(
        "narrows: Interrupted: run has not finished training, epoch 2 of 6 is done; go on"
    )
    assert unfinished(Path("run"))


def test_one_process_does_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    check_processes("doctor")
    monkeypatch.setenv("WORLD_SIZE", "2")
    for name, value in (("RANK", "0"), ("MASTER_ADDR", "x"), ("MASTER_PORT", "1")):
        monkeypatch.setenv(name, value)
    check_processes("fit")
    with pytest.raises(InputError, match="start it without torchrun"):
        check_processes("doctor")
