from __future__ import annotations

import pytest
import torch
from torch import nn

from narrows.core.errors import InputError
from narrows.training.devices import (
    pick_device,
    placed,
    random_states,
    seeded,
    set_random_states,
    use_threads,
)

CPU = torch.device("cpu")


@pytest.mark.parametrize("name", ["nonsense", "cuda:99", "meta"])
def test_a_device_that_cannot_train_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=f"{name}.*use cpu or auto"):
        pick_device(name, torch.float32)


def test_the_accelerator_is_taken_unless_it_lacks_the_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda **_: torch.device("mps"))
    assert pick_device("auto", torch.float32).type == "mps"
    assert pick_device("auto", torch.float64) == CPU
    monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda **_: None)
    assert pick_device("auto", torch.float32) == pick_device("cpu", torch.float32) == CPU


def test_random_states_are_copies_that_can_be_set_again() -> None:
    states = random_states(CPU)
    first = torch.rand(5)
    set_random_states(states, CPU)
    assert torch.equal(torch.rand(5), first)


def test_a_seed_gives_the_same_and_leaves_the_generator_alone() -> None:
    before = torch.get_rng_state()
    with seeded(3, CPU):
        first = torch.rand(5)
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(2)
    with seeded(3, CPU):
        assert torch.equal(torch.rand(5), first)


class Travelling(nn.Module):
    """Remembers where it was moved."""

    def __init__(self) -> None:
        super().__init__()
        self.places: list[str] = []

    def to(self, place: object) -> Travelling:  # type: ignore[override]
        self.places.append(str(place))
        return self


def test_modules_come_back_whatever_happens() -> None:
    modules = Travelling(), Travelling()
    with pytest.raises(KeyError), placed(torch.device("cuda", 1), *modules):
        raise KeyError
    assert [module.places for module in modules] == [["cuda:1", "cpu"]] * 2


def test_no_number_of_threads_changes_nothing() -> None:
    before = torch.get_num_threads()
    try:
        use_threads(2)
        use_threads(None)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
