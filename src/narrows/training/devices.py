"""Devices: which one to train on, its generators of random numbers, and modules moved there and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from narrows.core.errors import InputError
from narrows.core.memory import machine_memory

KINDS = ("cpu", "cuda", "mps", "xpu")
"""The kinds of device that are trained on."""


def pick_device(device: str, precision: torch.dtype) -> torch.device:
    """The device called `device`; for "auto" the accelerator, if there is one that computes in `precision`.

    Raises:
        InputError: for a device that is not here, or of a kind that is not trained on.
    """
    if device == "auto":
        found = torch.accelerator.current_accelerator(check_available=True) or torch.device("cpu")
        lacks = found.type == "mps" and precision == torch.float64
        return torch.device("cpu") if lacks else found
    try:
        kind = torch.device(device).type
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, TypeError, NotImplementedError) as error:
        raise InputError(f"There is no device {device!r} here; use cpu or auto.") from error
    if kind not in KINDS:
        raise InputError(f"Narrows does not train on the device {device!r}; use cpu or auto.")
    return torch.device(device)


def memory_of(device: torch.device) -> float:
    """The memory in bytes that a training on `device` can take: its own, or that of the machine."""
    if device.type in ("cuda", "xpu"):
        return float(torch.get_device_module(device).get_device_properties(device).total_memory)
    return machine_memory()


def threads() -> int:
    """The number of threads that computing on the CPU uses."""
    return torch.get_num_threads()


def use_threads(n: int | None) -> None:
    """Compute with `n` threads on the CPU from now on; None changes nothing. Sums depend on the number."""
    if n is not None:
        torch.set_num_threads(n)


@contextmanager
def placed(device: torch.device, *modules: nn.Module) -> Iterator[None]:
    """Move `modules` to `device`, and back to the CPU at the end."""
    try:
        for module in modules:
            module.to(device)
        yield
    finally:
        for module in modules:
            module.to("cpu")


def random_states(device: torch.device) -> dict[str, Tensor]:
    """Copies of the states of the generators that a training on `device` draws from, by kind of device."""
    states = {"cpu": torch.get_rng_state()}
    if device.type != "cpu":
        states[device.type] = torch.get_device_module(device).get_rng_state(*index_of(device))
    return states


def set_random_states(states: Mapping[str, Tensor], device: torch.device) -> None:
    """Set the generators to `states`, as `random_states` gave them."""
    torch.set_rng_state(states["cpu"])
    if device.type != "cpu":
        torch.get_device_module(device).set_rng_state(states[device.type], *index_of(device))


def index_of(device: torch.device) -> tuple[torch.device, ...]:
    """The argument that says which of several devices; Apple's have but one and take none."""
    return () if device.type == "mps" else (device,)


@contextmanager
def seeded(seed: int, device: torch.device) -> Iterator[None]:
    """Draw from `seed`, and leave the generators of the CPU and of a CUDA `device` as they were."""
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield
