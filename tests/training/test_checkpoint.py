"""A training that was stopped ends as if it had not been, and its folder is whole at every moment."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
import torch
from filelock import FileLock
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from narrows import Autoencoder
from narrows.core.errors import DamagedRunError, InputError, NoRoomError
from narrows.core.files import replace_file, unfinished
from narrows.core.weights import copy_into
from narrows.data.datasets import load
from narrows.data.readers import as_data
from narrows.fitting.fit import fit
from narrows.report import render
from narrows.runs.run import FILES, Run
from narrows.tasks.generation.sample import sample
from narrows.training.checkpoint import LOCK, Checkpoint, digest
from narrows.training.loop import Epoch, State
from narrows.training.progress import Progress
from narrows.training.stages import Stage
from tests.commands import narrows
from tests.conftest import curve

EXACT = ("model.safetensors", "metrics.json", "evidence.safetensors", "config.json")
STATE = Path("checkpoint/state.safetensors")


class Stopped(BaseException):
    """What takes the place of a power cut within a test."""


def run_in(folder: Path, values: NDArray[Any], *, stop: int = 0, every: float = 0.0, **how: Any) -> None:
    """Fit into `folder`, or go on in it; stop when epoch `stop` has been trained and not yet kept."""

    def maybe_stop(epoch: Epoch) -> None:
        if epoch.number == stop:
            raise Stopped

    with Checkpoint(folder, every) as checkpoint:
        run = fit(as_data(values), on_epoch=maybe_stop, checkpoint=checkpoint, **how)
        run.finish(checkpoint, {})


def stop_in(folder: Path, values: NDArray[Any], stop: int, **how: Any) -> None:
    with pytest.raises(Stopped):
        run_in(folder, values, stop=stop, **how)


def lines(folder: Path) -> list[dict[str, Any]]:
    """The history but for what a clock says."""
    records = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
    return [{k: v for k, v in record.items() if k not in ("seconds", "left")} for record in records]


def equal(first: Path, second: Path) -> bool:
    assert {f.name for f in first.iterdir()} == {f.name for f in second.iterdir()}
    return lines(first) == lines(second) and all(
        (first / name).read_bytes() == (second / name).read_bytes() for name in EXACT
    )


NOISE = np.random.default_rng(0).standard_normal((60, 8))
TIRING = {"epochs": 60, "patience": 4, "learning_rate": 0.03, "clip": 0.7}
"""On noise the best epoch comes early: some epochs later patience ends the training."""

TRAININGS: dict[str, tuple[NDArray[Any], dict[str, Any]]] = {
    "plain": (curve(121), {"overrides": {"training": {"epochs": 4, "batch_size": 16}}}),
    "vae": (curve(121), {"recipe": "vae", "overrides": {"training": {"epochs": 4, "batch_size": 19}}}),
    "a row left over": (
        curve(100),
        {"recipe": "denoising-vae", "overrides": {"training": {"epochs": 4, "batch_size": 79}}},
    ),
    "momentum": (
        curve(60),
        {"overrides": {"training": {"epochs": 4, "optimizer": "sgd", "learning_rate": 1e-3}}},
    ),
    "adam, constant, no clip": (
        curve(60),
        {"overrides": {"training": {"epochs": 4, "optimizer": "adam", "schedule": "constant", "clip": 0}}},
    ),
    "earlier epochs kept": (
        curve(60),
        {"overrides": {"training": {"epochs": 5, "snapshots": 3, "batch_size": 16}}},
    ),
    "early stop": (NOISE, {"recipe": "vae", "latent_dim": 7, "overrides": {"training": TIRING}}),
    "images": (
        load("digits").values[:90],
        {"overrides": {"encoder": "conv", "training": {"epochs": 3}}, "latent_dim": 2},
    ),
}


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
        "narrows.runs.run.json_bytes",
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
            patch.setattr("narrows.runs.run.replace_file", write)
            stop_in(Path("a"), values, 0, **how)
        assert len([f for f in Path("a").iterdir() if f.is_file()]) == 1 + number
        assert Run.load(Path("a")).unfinished
    run_in(Path("a"), values, **how)
    assert equal(Path("a"), Path("whole"))


# ── the negative control: what is not restored is noticed ────────────────────────────────────────


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
    "weights": ("narrows.training.loop.copy_into", without("weights.")),
    "best": ("narrows.training.loop.copy_into", without("best.")),
    "optimizer": ("narrows.training.loop.copy_into", without("optimizer.")),
    "optimizer, its first moments": ("narrows.training.loop.copy_into", without("optimizer.0.exp_avg")),
    "optimizer, its steps": ("narrows.training.loop.copy_into", without("optimizer.1.step")),
    "random": ("narrows.training.loop.copy_into", without("random.")),
    "clip": (
        "narrows.training.checkpoint.Checkpoint.read",
        changed(lambda numbers: numbers.update(clip=0.0)),
    ),
    "moved": ("narrows.training.loop.State._no_moments", lambda *_: {}),
    "history, the best of it": ("narrows.training.checkpoint.Checkpoint.read", changed(forget_the_best)),
    "history, the epochs since": ("narrows.training.checkpoint.Checkpoint.read", changed(forget_the_waiting)),
    "history, the schedule": ("narrows.training.loop.State._set_schedule", lambda *_: None),
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


# ── what one can do with an unfinished run, and what not ─────────────────────────────────────────


def test_an_unfinished_run_can_be_used_with_its_best_weights() -> None:
    values, how = TRAININGS["plain"]
    stop_in(Path("a"), values, 3, **how)
    run = Run.load(Path("a"))
    assert (len(run.history), run.metrics, run.evidence) == (2, {}, {})
    assert run.unfinished.startswith("a has not finished training, epoch 2 of 4 is done; go on with: ")
    two = fit(as_data(values), on_epoch=ctrl_c_at(2), **how)
    assert (run.encode(values) == two.encode(values)).all()
    assert (run.reconstruct(values) == two.reconstruct(values)).all()
    torch.testing.assert_close(run.density.factors[0], torch.eye(run.model.code_size))
    for use in (
        lambda: sample(run, 3),
        lambda: render(run),
        lambda: run.save(Path("b")),
        lambda: Autoencoder.load("a").sample(3),
    ):
        with pytest.raises(InputError, match="has not finished training, epoch 2 of 4"):
            use()
    assert (Autoencoder.load("a").transform(values) == run.encode(values)).all()
    assert Autoencoder.load("a").verdict_ == run.unfinished


def ctrl_c_at(number: int) -> Callable[[Epoch], None]:
    def stop(epoch: Epoch) -> None:
        if epoch.number == number:
            raise KeyboardInterrupt

    return stop


def test_a_model_with_a_prior_is_sampled_before_it_is_finished() -> None:
    values, how = TRAININGS["vae"]
    stop_in(Path("a"), values, 3, **how)
    assert sample(Run.load(Path("a")), 3)[0].shape == (3, values.shape[1])


def test_a_run_without_a_checkpoint_says_so() -> None:
    values, how = TRAININGS["plain"]
    with Checkpoint(Path("a")) as checkpoint:
        fit(as_data(values), on_epoch=ctrl_c_at(4), checkpoint=checkpoint, **how)
    with pytest.raises(InputError, match=r"a has no checkpoint yet, .* narrows fit DATA --out a --resume"):
        Run.load(Path("a"))
    run_in(Path("b"), values, **how)
    run_in(Path("a"), values, **how)
    assert equal(Path("a"), Path("b"))


def test_ctrl_c_ends_a_training_and_finishes_its_run() -> None:
    values, how = TRAININGS["plain"]
    with Checkpoint(Path("a"), 0.0) as checkpoint:
        run = fit(as_data(values), on_epoch=ctrl_c_at(3), checkpoint=checkpoint, **how)
        run.finish(checkpoint, {})
    run = Run.load(Path("a"))
    assert run.config["interrupted"]
    assert len(run.history) == 3
    assert not run.unfinished


def test_a_run_that_is_finished_while_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    values, how = TRAININGS["plain"]
    stop_in(Path("a"), values, 3, **how)
    read = Checkpoint.read

    def late(checkpoint: Checkpoint) -> Any:
        monkeypatch.setattr(Checkpoint, "read", read)
        run_in(Path("a"), values, **how)
        return read(checkpoint)

    monkeypatch.setattr(Checkpoint, "read", late)
    assert not Run.load(Path("a")).unfinished


def test_two_processes_do_not_train_the_same_run() -> None:
    values, how = TRAININGS["plain"]
    stop_in(Path("a"), values, 3, **how)
    with Checkpoint(Path("a")) as first:
        first.begin(json.loads(Path("a/config.json").read_text()))
        with pytest.raises(InputError, match="a is being trained by another process"):
            run_in(Path("a"), values, **how)
    run_in(Path("a"), values, **how)


HOLDER = """
import json, sys, time
from pathlib import Path
from narrows.training.checkpoint import Checkpoint
with Checkpoint(Path("a")) as held:
    held.begin(json.loads(Path("a/config.json").read_text()))
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_killed_process_leaves_no_lock_behind() -> None:
    values, how = TRAININGS["plain"]
    stop_in(Path("a"), values, 3, **how)
    with subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(InputError, match=r"^a is being trained by another process\.$"):
            run_in(Path("a"), values, **how)
        assert (Path("a") / LOCK).exists()  # the refused one has not removed it
        holder.kill()
    run_in(Path("a"), values, **how)
    assert not (Path("a") / LOCK).exists()


def test_a_lock_goes_with_the_process_that_held_it() -> None:
    values, how = TRAININGS["plain"]
    stop_in(Path("a"), values, 3, **how)
    assert {f.name for f in Path("a").iterdir()} == {"config.json", "checkpoint"}
    stop_in(Path("b"), values, 1, **how)  # before there is anything to go on from
    assert not Path("b").exists()


def test_a_file_system_without_locks_is_no_hindrance(monkeypatch: pytest.MonkeyPatch) -> None:
    def unlocked(lock: FileLock, **_: Any) -> None:
        Path(lock.lock_file).touch()
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(FileLock, "acquire", unlocked)
    values, how = TRAININGS["plain"]
    run_in(Path("a"), values, **how)
    assert not Run.load(Path("a")).unfinished
    assert not (Path("a") / LOCK).exists()


def test_a_lock_that_may_not_be_written_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    values, how = TRAININGS["plain"]
    stop_in(Path("a"), values, 3, **how)

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(FileLock, "acquire", refused)
    with pytest.raises(InputError, match=r"^a cannot be written: Permission denied\.$"):
        run_in(Path("a"), values, **how)


def test_a_run_that_is_finished_before_it_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    values, how = TRAININGS["plain"]
    stop_in(Path("a"), values, 3, **how)
    acquire = FileLock.acquire

    def late(lock: FileLock, **options: Any) -> Any:
        monkeypatch.setattr(FileLock, "acquire", acquire)
        run_in(Path("a"), values, **how)
        return lock.acquire(**options)

    monkeypatch.setattr(FileLock, "acquire", late)
    with pytest.raises(InputError, match="a is no unfinished run"):
        run_in(Path("a"), values, **how)
    assert not Run.load(Path("a")).unfinished
    assert {f.name for f in Path("a").iterdir()} == set(FILES)


OTHER: dict[str, tuple[dict[str, Any], str]] = {
    "recipe": ({"recipe": "sparse"}, 'recipe was "vae" and is now "sparse"'),
    "seed": ({"seed": 5}, "seed was 0 and is now 5"),
    "code": ({"latent_dim": 3}, r"spec.bottleneck.latent_dim was \d and is now 3"),
    "epochs": (
        {"overrides": {"training": {"epochs": 5, "batch_size": 19}}},
        "training.epochs was 4 and is now 5",
    ),
    "notes": ({"notes": {"reading": {"id": "x"}}}, 'reading was null and is now {"id": "x"}'),
}


@pytest.mark.parametrize("item", OTHER)
def test_other_choices_are_refused_with_both_values(item: str) -> None:
    values, how = TRAININGS["vae"]
    stop_in(Path("a"), values, 3, **how)
    before = Path("a", STATE).read_bytes()
    change, message = OTHER[item]
    with pytest.raises(InputError, match=message):
        run_in(Path("a"), values, **{**how, **change})
    assert Path("a", STATE).read_bytes() == before


def test_other_data_are_refused() -> None:
    values, how = TRAININGS["vae"]
    stop_in(Path("a"), values, 3, **how)
    other = values.copy()
    other[7, 2] += 1e-9
    with pytest.raises(InputError, match=r"data\.sha256 was"):
        run_in(Path("a"), other, **how)


def test_the_number_of_threads_is_set_again() -> None:
    values, how = TRAININGS["vae"]
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        stop_in(Path("a"), values, 3, **how)
        torch.set_num_threads(2)
        run_in(Path("a"), values, **how)
        assert torch.get_num_threads() == 1
        assert json.loads(Path("a/config.json").read_text())["threads"] == 1
    finally:
        torch.set_num_threads(before)


# ── damage ───────────────────────────────────────────────────────────────────────────────────────


def rewritten(folder: Path, change: Callable[[dict[str, Tensor], dict[str, Any]], Any]) -> None:
    """The state after a change; what the change returns is the metadata, if it returns any."""
    with safe_open(folder / STATE, "pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        numbers = json.loads(file.metadata()["numbers"])
    text = change(tensors, numbers)
    metadata = text if isinstance(text, dict) else {"numbers": json.dumps(numbers)}
    seal = {"sha256": digest(tensors, metadata.get("numbers", ""))}
    save_file(tensors, folder / STATE, {**metadata, **seal})


DAMAGE: dict[str, Callable[[dict[str, Tensor], dict[str, Any]], Any]] = {
    "no numbers": lambda _, __: {},
    "no json": lambda _, __: {"numbers": "{"},
    "a list": lambda _, __: {"numbers": "[]"},
    "deep": lambda _, __: {"numbers": "[" * 100_000},
    "no history": lambda _, n: n.pop("history") and None,
    "an empty history": lambda _, n: n["history"].clear(),
    "too long a history": lambda _, n: n["history"].extend(n["history"] * 5),
    "an epoch that is none": lambda _, n: n["history"].__setitem__(0, {"number": 1}),
    "a total that is a word": lambda _, n: n["history"][0]["validation"].update(total="low"),
    "costs that are a list": lambda _, n: n["history"][0].update(train=[1.0]),
    "another number of epochs": lambda _, n: n["history"][0].update(epochs=9),
    "no clip": lambda _, n: n.pop("clip") and None,
    "a clip that is not finite": lambda _, n: n.update(clip=float("nan")),
    "a weight too many moved": lambda _, n: n["moved"].append(10**6),
    "a weight less moved": lambda _, n: n["moved"].pop() and None,
    "moved is a number": lambda _, n: n.update(moved=3),
    "no generator": lambda t, _: t.pop("random.cpu") is None,
    "a generator of zeros": lambda t, _: t["random.cpu"].zero_() is None,
    "half a generator": lambda t, _: t.update({"random.cpu": t["random.cpu"][:100].clone()}),
    "no moment": lambda t, _: t.pop("optimizer.0.exp_avg") is None,
    "a moment of another shape": lambda t, _: t.update({"optimizer.0.exp_avg": torch.zeros(3)}),
    "a moment of another type": lambda t, _: t.update(
        {"optimizer.0.exp_avg": t["optimizer.0.exp_avg"].double()}
    ),
    "an extra": lambda t, _: t.update(extra=torch.zeros(1)),
    "a weight that is not finite": lambda t, _: (
        t["weights.model.encoder.layers.0.0.weight"].fill_(float("inf")) is None
    ),
    "no best weight": lambda t, _: t.pop("best.model.encoder.layers.0.0.weight") is None,
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_state_is_one_sentence(damage: str) -> None:
    values, how = TRAININGS["vae"]
    stop_in(Path("a"), values, 3, **how)
    rewritten(Path("a"), DAMAGE[damage])
    with pytest.raises(InputError) as found:
        run_in(Path("a"), values, **how)
    assert len(str(found.value).splitlines()) == 1
    assert "checkpoint" in str(found.value)
    with suppress(InputError):  # to be used, a run needs but its best weights
        Run.load(Path("a"))


@pytest.mark.parametrize("size", [0, 4, 100, 5000, -1])
def test_a_cut_state_is_one_sentence(size: int) -> None:
    values, how = TRAININGS["vae"]
    stop_in(Path("a"), values, 3, **how)
    Path("a", STATE).write_bytes(Path("a", STATE).read_bytes()[:size])
    for use in (lambda: run_in(Path("a"), values, **how), lambda: Run.load(Path("a"))):
        with pytest.raises(DamagedRunError, match="is damaged"):
            use()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is damaged"),
        ("[]", "is damaged"),
        ("{}", "is damaged: KeyError 'threads'"),
        ('{"threads": 1e9}', "ValueError 1000000000.0 threads"),
        ('{"threads": 1}', "recipe was null"),
    ],
)
def test_a_damaged_config_is_one_sentence(text: str, message: str) -> None:
    values, how = TRAININGS["vae"]
    stop_in(Path("a"), values, 3, **how)
    Path("a/config.json").write_text(text)
    with pytest.raises(InputError, match=message):
        run_in(Path("a"), values, **how)
    with pytest.raises(InputError):
        Run.load(Path("a"))


def test_a_folder_that_is_no_run_is_left_alone() -> None:
    values, how = TRAININGS["vae"]
    Path("a").mkdir()
    with pytest.raises(InputError, match="is no unfinished run"):
        run_in(Path("a"), values, **how)
    assert list(Path("a").iterdir()) == []


def test_a_disk_that_fills_up_leaves_the_last_state(monkeypatch: pytest.MonkeyPatch) -> None:
    values, how = TRAININGS["vae"]
    stop_in(Path("a"), values, 3, **how)
    before = Path("a", STATE).read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(NoRoomError, match=r"^a cannot be written: No space left on device; free some"):
            run_in(Path("a"), values, **how)
    assert Path("a", STATE).read_bytes() == before
    assert [f.name for f in Path("a/checkpoint").iterdir()] == [STATE.name]


def test_writing_takes_a_small_part_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("narrows.training.checkpoint.time.monotonic", lambda: now[0])
    monkeypatch.setattr(
        "narrows.training.checkpoint.replace_file", lambda *_: now.__setitem__(0, now[0] + 3.0)
    )
    checkpoint = Checkpoint(Path("a"), 2.0)
    assert not checkpoint.due()
    now[0] = 2.0
    assert checkpoint.due()
    checkpoint.write({}, {})
    now[0] = 5.0 + 59.0
    assert not checkpoint.due()
    now[0] = 5.0 + 60.0
    assert checkpoint.due()


# ── the command line ─────────────────────────────────────────────────────────────────────────────

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
    assert "--resume" in narrows(capsys, *WORDS, "--out", run, code=2)[1]
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


def test_resume_in_what_is_no_run_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a").mkdir()
    Path("b").write_text("")
    for name in ("a", "b"):
        assert "is not a run folder" in narrows(capsys, *WORDS, "--resume", "--out", name, code=2)[1]
    assert list(Path("a").iterdir()) == []


SCRIPT = (
    "import resource, sys; from narrows.training.checkpoint import Checkpoint; from narrows.cli import main\n"
    "Checkpoint.__init__.__defaults__ = (0.0,)\n"
    "limit = int(sys.argv.pop(1))\n"
    "limit and resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))\n"
    "main()"
)


def process(*words: str, limit: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(limit), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "MPLCONFIGDIR": matplotlib.get_cachedir()},
    )


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
    out, err = (failed := process(*words, "--resume", limit=limit)).communicate()
    assert failed.returncode == 1, err
    sentence = "runs/iris-vae cannot be written: File too large; free some space and go on with --resume."
    assert (out, err) == ("", f"narrows: {sentence}\n")
    assert (Path("runs/iris-vae", STATE).read_bytes() == before) == (widths == "[64]")
    assert [f.name for f in Path("runs/iris-vae").rglob("*.part")] == []
    assert Run.load(Path("runs/iris-vae")).unfinished
    narrows(capsys, *words, "--resume")
    assert equal(Path("runs/iris-vae"), whole)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_a_killed_process_is_gone_on_from(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("fit", "iris", "--epochs", "60", "--recipe", "denoising-vae", "--quiet")
    narrows(capsys, *words)
    whole = Path("runs/iris-denoising-vae").rename("whole")
    folder = Path("runs/iris-denoising-vae")
    for wait in (0.0, 0.1):
        child = process(*words, "--resume") if folder.exists() else process(*words)
        deadline = time.monotonic() + 60
        while not (folder / STATE).exists() and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(wait)
        child.send_signal(signal.SIGKILL)
        child.communicate()
        assert Run.load(folder).unfinished
    narrows(capsys, *words, "--resume")
    assert equal(folder, whole)


def test_a_state_is_read_off_its_history() -> None:
    """The best value and the patience used up are not kept beside the history."""
    state = State.__new__(State)
    state.stage = Stage("whole", nn.Identity(), 9)
    totals = [(3.0, True), (2.0, True), (2.5, False), (2.1, False)]
    state.history = []
    assert state.standing() == (float("inf"), 0)
    state.history = [
        {"stage": "whole", "improved": improved, "validation": {"total": total}} for total, improved in totals
    ]
    assert state.standing() == (2.0, 2)
