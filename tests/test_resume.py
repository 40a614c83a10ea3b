"""A training that was stopped ends as if it had not been."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import matplotlib
import pytest
from torch import Tensor

from narrows.core.errors import InputError
from narrows.core.files import replace_file, unfinished
from narrows.core.weights import copy_into
from narrows.runs.folder import FILES, load_run
from narrows.training.checkpoint import Checkpoint
from narrows.training.history import Epoch
from narrows.training.progress import Progress
from tests.commands import narrows
from tests.stopping import STATE, TIRING, TRAININGS, Stopped, equal, lines, run_in, stop_in


@pytest.mark.parametrize("name", TRAININGS)
def test_a_run_stopped_at_any_epoch_ends_with_the_same_bytes(name: str) -> None:
    values, how = TRAININGS[name]
    run_in(Path("whole"), values, every=1e9, **how)
    epochs = len(lines(Path("whole")))
    if name == "early stop":
        assert epochs < TIRING["epochs"]
    for stop in range(1, epochs + 1):
        folder = Path(f"stopped-{stop}")
        stop_in(folder, values, stop, **how)
        assert folder.exists() == (stop > 1)  # before that there is nothing to go on from
        run_in(folder, values, **how)
        assert equal(folder, Path("whole"))


def test_a_run_may_be_stopped_again_and_again() -> None:
    values, how = TRAININGS["vae"]
    run_in(Path("whole"), values, **how)
    for stop in (2, 3, 3, 4):
        stop_in(Path("a"), values, stop, **how)
        assert {f.name for f in Path("a").iterdir()} == {"config.json", "checkpoint"}
        assert [f.name for f in Path("a/checkpoint").iterdir()] == [STATE.name]
    run_in(Path("a"), values, **how)
    assert equal(Path("a"), Path("whole"))
    seconds = [json.loads(line)["seconds"] for line in Path("a/history.jsonl").read_text().splitlines()]
    assert seconds == sorted(seconds)
    assert {f.name for f in Path("a").iterdir()} == set(FILES)


def test_a_stop_while_the_run_is_judged_or_written(monkeypatch: pytest.MonkeyPatch) -> None:
    values, how = TRAININGS["vae"]
    run_in(Path("whole"), values, **how)

    def stop(*_: object, **__: object) -> None:
        raise Stopped

    for place in (
        "narrows.fitting.fit.fit_density",
        "narrows.fitting.fit.assess",
        "narrows.runs.folder.json_bytes",
    ):
        with monkeypatch.context() as patch:
            patch.setattr(place, stop)
            stop_in(Path("a"), values, 0, **how)
        assert unfinished(Path("a"))
    for number in range(len(FILES)):
        files = iter(range(number))

        def write(target: Path, content: bytes, files: Iterator[int] = files) -> None:
            if next(files, None) is None:
                raise Stopped
            replace_file(target, content)

        with monkeypatch.context() as patch:
            patch.setattr("narrows.runs.folder.replace_file", write)
            stop_in(Path("a"), values, 0, **how)
        assert len([f for f in Path("a").iterdir() if f.is_file()]) == 1 + number
        assert load_run(Path("a")).unfinished
    run_in(Path("a"), values, **how)
    assert equal(Path("a"), Path("whole"))


def without(part: str) -> Callable[[Mapping[str, Tensor], Mapping[str, Tensor], str], None]:
    """`copy_into` that leaves out a part."""

    def copy(wanted: Mapping[str, Tensor], given: Mapping[str, Tensor], where: str) -> None:
        kept = [{n: v for n, v in side.items() if not n.startswith(part)} for side in (wanted, given)]
        assert len(kept[0]) < len(wanted)
        copy_into(*kept, where)

    return copy


def changed(change: Callable[[dict[str, Any]], None]) -> Callable[[Checkpoint], Any]:
    """`Checkpoint.read` with numbers that are not as they were."""
    read = Checkpoint.read

    def reading(checkpoint: Checkpoint) -> Any:
        kept = read(checkpoint)
        assert kept is not None
        change(kept[1])
        return kept

    return reading


def forget_the_best(numbers: dict[str, Any]) -> None:
    for epoch in numbers["history"]:
        epoch["improved"] = False


def forget_the_waiting(numbers: dict[str, Any]) -> None:
    best = max(i for i, epoch in enumerate(numbers["history"]) if epoch["improved"])
    for i, epoch in enumerate(numbers["history"]):
        epoch["improved"] = i == len(numbers["history"]) - 1
        if epoch["improved"]:
            epoch["validation"]["total"] = numbers["history"][best]["validation"]["total"]


UNRESTORED: dict[str, tuple[str, Any]] = {
    "weights": ("narrows.training.state.copy_into", without("weights.")),
    "best": ("narrows.training.state.copy_into", without("best.")),
    "optimizer": ("narrows.training.state.copy_into", without("optimizer.")),
    "optimizer, its first moments": ("narrows.training.state.copy_into", without("optimizer.0.exp_avg")),
    "optimizer, its steps": ("narrows.training.state.copy_into", without("optimizer.1.step")),
    "random": ("narrows.training.state.copy_into", without("random.")),
    "clip": (
        "narrows.training.checkpoint.Checkpoint.read",
        changed(lambda numbers: numbers.update(clip=0.0)),
    ),
    "moved": ("narrows.training.optimizers.Updates._no_moments", lambda *_: {}),
    "history, the best of it": ("narrows.training.checkpoint.Checkpoint.read", changed(forget_the_best)),
    "history, the epochs since": ("narrows.training.checkpoint.Checkpoint.read", changed(forget_the_waiting)),
    "history, the schedule": ("narrows.training.optimizers.Updates.skip", lambda *_: None),
}


@pytest.mark.parametrize("part", UNRESTORED)
def test_each_part_of_the_state_matters(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    values, how = TRAININGS["early stop"]
    run_in(Path("whole"), values, **how)
    history = lines(Path("whole"))
    stop = max(i for i, epoch in enumerate(history, 1) if epoch["improved"]) + 3
    assert stop <= len(history)
    stop_in(Path("a"), values, stop, **how)
    monkeypatch.setattr(*UNRESTORED[part])
    with suppress(InputError):  # some are found out at once
        run_in(Path("a"), values, **how)
    assert unfinished(Path("a")) == (part == "moved")
    assert unfinished(Path("a")) or not equal(Path("a"), Path("whole"))


def test_every_part_of_the_state_has_its_negative_control() -> None:
    values, how = TRAININGS["early stop"]
    stop_in(Path("a"), values, 3, **how)
    kept = Checkpoint(Path("a")).read()
    assert kept is not None
    parts = {name.partition(".")[0] for name in kept[0]} | kept[1].keys()
    assert parts == {name.partition(",")[0] for name in UNRESTORED}


WORDS = ("fit", "iris", "--epochs", "6", "--recipe", "vae", "--quiet")


def stopped_by(capsys: pytest.CaptureFixture[str], *words: str, at: int = 4) -> None:
    """What `narrows` leaves when it is stopped after an epoch."""

    def show(_: Progress, epoch: Epoch) -> None:
        if epoch.number == at:
            raise Stopped

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Progress, "show", show)
        patch.setattr(Checkpoint.__init__, "__defaults__", (0.0,))
        patch.setattr(sys, "argv", ["narrows", *words])
        from narrows.cli import main

        with pytest.raises(Stopped):
            main()
    capsys.readouterr()


def test_resume_starts_continues_and_repeats(capsys: pytest.CaptureFixture[str]) -> None:
    narrows(capsys, *WORDS)
    whole = Path("runs/iris-vae").rename("whole")
    stopped_by(capsys, *WORDS, "--resume")  # of nothing: it starts
    run = Path("runs/iris-vae")
    said = narrows(capsys, *WORDS, "--out", run, code=2)[1]
    assert "unfinished run; choose another folder, or go on with: narrows fit " in said
    assert " --resume" in said
    narrows(capsys, "encode", run, "iris", "-o", "z.npy")
    out, err = narrows(capsys, "reconstruct", run, "iris", "-o", "r.npy", "--json")
    assert json.loads(out)["n"] == 150
    assert err.startswith("narrows: runs/iris-vae has not finished training, epoch 3 of 6 is done")
    assert "epoch 3 of 6" in narrows(capsys, "sample", run, "-o", "s.npy")[1]
    assert "epoch 3 of 6" in narrows(capsys, "report", run, code=2)[1]
    assert "lies in a run folder" in narrows(capsys, "encode", run, "iris", "-o", run / "z.npy", code=2)[1]
    out, err = narrows(capsys, *WORDS, "--resume", "--out", run)
    assert narrows(capsys, *WORDS, "--resume", "--out", run)[0] == out
    # The same but for the command, which is the one that began it, and the page that shows it.
    begun = run / "config.json"
    assert json.loads(begun.read_text())["command"].endswith("--quiet --resume")
    begun.write_text(begun.read_text().replace(" --resume", ""))
    assert equal(run, whole)
    assert not unfinished(run)


def test_without_a_name_the_newest_unfinished_run_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    stopped_by(capsys, *WORDS)
    narrows(capsys, *WORDS)
    stopped_by(capsys, *WORDS)
    stopped_by(capsys, *WORDS, at=2)
    os.utime("runs/iris-vae-4/config.json", (1, 1))
    for number in ("3", "", "4", "5"):
        assert any(Path("runs").iterdir())
        found = json.loads(narrows(capsys, *WORDS, "--resume", "--json")[0])
        expected = {"3": "runs/iris-vae-3", "": "runs/iris-vae", "4": "runs/iris-vae-4"}
        assert found["run"] == expected.get(number, "runs/iris-vae-5")


def test_a_finished_run_of_other_data_or_choices_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    narrows(capsys, *WORDS, "--out", "a")
    before = {file.name: file.read_bytes() for file in Path("a").iterdir()}
    rows = [f"{i % 7},{i % 5},{i % 3},{i}" for i in range(150)]
    Path("iris.csv").write_text("\n".join(["a,b,c,d", *rows]))
    changes: dict[str, tuple[object, ...]] = {
        "seed was 0 and is now 1": (*WORDS, "--seed", 1),
        "spec.bottleneck.latent_dim was 2 and is now 3": (*WORDS, "--latent-dim", 3),
        "training.epochs was 6 and is now 7": (*WORDS[:2], "--epochs", 7, *WORDS[4:]),
        "is now [5]": (*WORDS, "--set", "encoder.widths=[5]"),
        'recipe was "vae" and is now "linear"': ("fit", "iris", "--recipe", "linear"),
        "the values of the data are not the same": ("fit", "iris.csv", *WORDS[2:]),
    }
    for words, changed in changes.items():
        out, err = narrows(capsys, *changed, "--out", "a", "--resume", code=2)
        assert out == ""
        assert words in err
        assert err.startswith("narrows: a holds a finished run of other data or choices: ")
    assert before == {file.name: file.read_bytes() for file in Path("a").iterdir()}
    assert narrows(capsys, *WORDS, "--out", "a", "--resume")[0].endswith("a/report.html\n")


@pytest.mark.parametrize("place", ["narrows.fitting.fit.assess", "narrows.runs.folder.finish_run"])
def test_ctrl_c_during_the_verdict_keeps_the_training_and_names_the_command(
    place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    narrows(capsys, *WORDS)
    whole = Path("runs/iris-vae").rename("whole")

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place, interrupted)
        out, err = narrows(capsys, *WORDS, code=1)
    command = f"narrows {' '.join(WORDS)} --out runs/iris-vae --resume"
    said = "Interrupted: runs/iris-vae has not finished training, epoch 6 of 6 is done; go on with: "
    assert (out, err) == ("", f"narrows: {said}{command}.\n")
    narrows(capsys, *command.split()[1:])
    assert equal(Path("runs/iris-vae"), whole)


def test_resume_in_what_is_no_run_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a").mkdir()
    Path("b").write_text("")
    for name in ("a", "b"):
        assert "is not a run folder" in narrows(capsys, *WORDS, "--resume", "--out", name, code=2)[1]
    assert list(Path("a").iterdir()) == []


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """No file of this process can grow beyond `size` bytes."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits")
@pytest.mark.parametrize(("widths", "limit"), [("[64]", 20_000), ("[3]", 30_000)])
def test_a_full_disk_is_one_sentence_and_the_run_goes_on_later(
    widths: str, limit: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """With many weights the state does not fit, with few only the page does not."""
    words = (*WORDS, "--set", f"encoder.widths={widths}")
    narrows(capsys, *words)
    whole = Path("runs/iris-vae").rename("whole")
    stopped_by(capsys, *words)
    before = Path("runs/iris-vae", STATE).read_bytes()
    assert (len(before) > limit) == (widths == "[64]")
    with files_up_to(limit), pytest.MonkeyPatch.context() as patch:
        patch.setattr(Checkpoint.__init__, "__defaults__", (0.0,))
        out, err = narrows(capsys, *words, "--resume", code=1)
    sentence = "runs/iris-vae cannot be written: File too large; free some space and go on with --resume."
    assert (out, err) == ("", f"narrows: {sentence}\n")
    assert (Path("runs/iris-vae", STATE).read_bytes() == before) == (widths == "[64]")
    assert [f.name for f in Path("runs/iris-vae").rglob("*.part")] == []
    assert load_run(Path("runs/iris-vae")).unfinished
    narrows(capsys, *words, "--resume")
    assert equal(Path("runs/iris-vae"), whole)


KILLED = """
import os, pathlib, signal
from narrows.cli import main
from narrows.training.checkpoint import Checkpoint

moves, move = [], pathlib.Path.replace

def moved(part, target):
    moves.append(target)
    if len(moves) == 9:
        os.kill(os.getpid(), signal.SIGKILL)
    return move(part, target)

Checkpoint.__init__.__defaults__ = (0.0,)
pathlib.Path.replace = moved
main()
"""
"""The command line, killed when the ninth file is written and not yet in its place."""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_a_killed_process_is_gone_on_from(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("fit", "iris", "--epochs", "12", "--recipe", "denoising-vae", "--quiet")
    narrows(capsys, *words)
    whole = Path("runs/iris-denoising-vae").rename("whole")
    folder = Path("runs/iris-denoising-vae")
    environment = {**os.environ, "MPLCONFIGDIR": matplotlib.get_cachedir()}
    done = subprocess.run([sys.executable, "-c", KILLED, *words], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(list(folder.rglob("*.part"))) == 1
    run = load_run(folder)
    assert run.unfinished
    assert 3 <= len(run.history) < 12
    narrows(capsys, *words, "--resume")
    assert equal(folder, whole)
