"""A training that was stopped ends as if it had not been, and its folder is whole at every moment."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from narrows import Autoencoder
from narrows.core.errors import DamagedRunError, InputError, NoRoomError
from narrows.data.readers import as_data
from narrows.fitting.fit import fit
from narrows.report import render
from narrows.runs.folder import FILES, finish_run, load_run, save_run
from narrows.tasks.generation.sample import sample
from narrows.training.checkpoint import Checkpoint, check_threads, digest
from narrows.training.computing import Computing
from narrows.training.engine_choice import EngineChoice
from narrows.training.engines.plain import Plain
from tests.stopping import STATE, TRAININGS, ctrl_c_at, equal, run_in, stop_in


def test_an_unfinished_run_can_be_used_with_its_best_weights() -> None:
    values, how = TRAININGS["plain"]
    stop_in(Path("a"), values, 3, **how)
    run = load_run(Path("a"))
    assert (len(run.history), run.metrics, len(run.evidence.rows)) == (2, {}, 0)
    assert run.unfinished.startswith("a has not finished training, epoch 2 of 4 is done; go on with: ")
    two = fit(as_data(values), on_epoch=ctrl_c_at(2), **how)
    assert (run.encode(values) == two.encode(values)).all()
    assert (run.reconstruct(values) == two.reconstruct(values)).all()
    torch.testing.assert_close(run.density.factors[0], torch.eye(run.model.code_size))
    for use in (
        lambda: sample(run, 3),
        lambda: render(run),
        lambda: save_run(run, Path("b")),
        lambda: Autoencoder.load("a").sample(3),
    ):
        with pytest.raises(InputError, match="has not finished training, epoch 2 of 4"):
            use()
    assert (Autoencoder.load("a").transform(values) == run.encode(values)).all()
    assert Autoencoder.load("a").verdict_ == run.unfinished


def test_a_model_with_a_prior_is_sampled_before_it_is_finished() -> None:
    values, how = TRAININGS["vae"]
    stop_in(Path("a"), values, 3, **how)
    assert sample(load_run(Path("a")), 3)[0].shape == (3, values.shape[1])


def test_a_run_without_a_checkpoint_says_so() -> None:
    values, how = TRAININGS["plain"]
    with Checkpoint(Path("a")) as checkpoint:
        fit(as_data(values), on_epoch=ctrl_c_at(4), checkpoint=checkpoint, **how)
    with pytest.raises(InputError, match=r"a has no checkpoint yet, .* narrows fit DATA --out a --resume"):
        load_run(Path("a"))
    run_in(Path("b"), values, **how)
    run_in(Path("a"), values, **how)
    assert equal(Path("a"), Path("b"))


def test_ctrl_c_ends_a_training_and_finishes_its_run() -> None:
    values, how = TRAININGS["plain"]
    with Checkpoint(Path("a"), 0.0) as checkpoint:
        run = fit(as_data(values), on_epoch=ctrl_c_at(3), checkpoint=checkpoint, **how)
        finish_run(run, checkpoint, {})
    run = load_run(Path("a"))
    assert run.interrupted
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
    assert not load_run(Path("a")).unfinished


def test_two_processes_do_not_train_the_same_run() -> None:
    values, how = TRAININGS["plain"]
    stop_in(Path("a"), values, 3, **how)
    with Checkpoint(Path("a")) as first:
        first.begin(json.loads(Path("a/config.json").read_text()))
        with pytest.raises(InputError, match="a is being trained by another process"):
            run_in(Path("a"), values, **how)
    run_in(Path("a"), values, **how)


def test_the_folder_of_a_run_holds_no_lock_when_its_training_has_ended() -> None:
    values, how = TRAININGS["plain"]
    stop_in(Path("a"), values, 3, **how)
    assert {f.name for f in Path("a").iterdir()} == {"config.json", "checkpoint"}
    run_in(Path("a"), values, **how)
    assert {f.name for f in Path("a").iterdir()} == set(FILES)
    stop_in(Path("b"), values, 1, **how)  # before there is anything to resume
    assert not Path("b").exists()


@pytest.mark.parametrize("threads", [0, -1, True, 1.0, "1", None, 10**6])
def test_what_is_no_number_of_threads_is_refused(threads: object) -> None:
    with pytest.raises(ValueError, match="threads"):
        check_threads(threads)


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
    with pytest.raises(InputError, match="the values of the data are not the same"):
        run_in(Path("a"), other, **how)


def test_the_threads_of_a_run_are_kept_when_it_is_resumed(monkeypatch: pytest.MonkeyPatch) -> None:
    values, how = TRAININGS["vae"]
    before = torch.get_num_threads()
    used: list[int] = []
    step = Plain.step
    monkeypatch.setattr(Plain, "step", lambda *given: (used.append(torch.get_num_threads()), step(*given))[1])
    try:
        torch.set_num_threads(1)
        stop_in(Path("a"), values, 3, **how)
        torch.set_num_threads(2)
        run_in(Path("a"), values, **how)
        assert set(used) == {1}
        assert torch.get_num_threads() == 2
        assert json.loads(Path("a/config.json").read_text())["threads"] == 1
    finally:
        torch.set_num_threads(before)


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
        load_run(Path("a"))


@pytest.mark.parametrize("size", [0, 4, 100, 5000, -1])
def test_a_cut_state_is_one_sentence(size: int) -> None:
    values, how = TRAININGS["vae"]
    stop_in(Path("a"), values, 3, **how)
    Path("a", STATE).write_bytes(Path("a", STATE).read_bytes()[:size])
    for use in (lambda: run_in(Path("a"), values, **how), lambda: load_run(Path("a"))):
        with pytest.raises(DamagedRunError, match="is damaged"):
            use()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is damaged: JSONDecodeError"),
        ("[]", "is damaged: KeyError"),
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
    with pytest.raises(DamagedRunError, match="a is damaged"):
        load_run(Path("a"))


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


@pytest.mark.parametrize("precision", ["products", "bfloat16"])
def test_a_run_is_resumed_as_it_was_computed(precision: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the same bytes at the end, and without being measured again."""
    values, how = TRAININGS["vae"]
    choice = EngineChoice(Computing(precision, threads=1), "measured")
    monkeypatch.setattr("narrows.fitting.fit.choose_engine", lambda *_: choice)
    run_in(Path("whole"), values, **how)
    stop_in(Path("a"), values, 3, **how)
    monkeypatch.setattr("narrows.fitting.fit.choose_engine", lambda *_: pytest.fail("measured again"))
    run_in(Path("a"), values, **how)
    assert equal(Path("a"), Path("whole"))
