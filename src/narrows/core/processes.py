"""The processes that do one piece of work together, by PyTorch's own `torch.distributed`.

They run the same program on the same data, and divide examples among them. The first one (rank 0) decides,
prints and writes. The first to fail prints its message, and all end.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

from narrows.core.errors import InputError, TrainingError, reason
from narrows.core.launch import Launch, launched

T = TypeVar("T")


class Store(Protocol):
    """What all processes of a job reach; PyTorch's."""

    def add(self, key: str, amount: int) -> int: ...


PATIENCE = timedelta(days=1)
"""How long a process waits for the others, which may read a large file meanwhile; one that ends is noticed
at once."""

FAILED = "narrows/failed"
"""The key of the number of processes that failed, in the store of the job."""

LOST = (
    "Another process ended before the work was done; start all of them again, a fit with --resume, so that "
    "it goes on from its checkpoint."
)


@dataclass(frozen=True, slots=True)
class Processes:
    """The processes that work together, seen from one of them; by default it is alone.

    Attributes:
        rank: the number of this one, from 0.
        size: how many they are.
    """

    rank: int = 0
    size: int = 1

    @property
    def first(self) -> bool:
        """Whether this one decides, prints and writes."""
        return self.rank == 0

    @property
    def alone(self) -> bool:
        """Whether there is no other one."""
        return self.size == 1

    def share(self, n: int) -> slice:
        """The part of `n` things in order that belongs to this process; parts differ by one at the most.

        >>> [Processes(rank, 3).share(10) for rank in range(3)]
        [slice(0, 3, None), slice(3, 6, None), slice(6, 10, None)]
        """
        return slice(n * self.rank // self.size, n * (self.rank + 1) // self.size)

    def told(self, make: Callable[[], T]) -> T:
        """What `make` returns in the first process, in all of them; the others do not call it."""
        if self.alone:
            return make()
        message = [make() if self.first else None]
        with noticed():
            dist.broadcast_object_list(message)
        return message[0]  # type: ignore[return-value]

    def each(self, thing: T) -> list[T]:
        """What each process has, in their order."""
        if self.alone:
            return [thing]
        things: list[Any] = [None] * self.size
        with noticed():
            dist.all_gather_object(things, thing)
        return things

    def sum(self, values: Tensor) -> Tensor:
        """`values` summed over all processes, in place; the result is the same in all of them."""
        if not self.alone:
            with noticed():
                dist.all_reduce(values)
        return values

    def wait(self) -> None:
        """Go on when all processes are here."""
        self.each(None)

    def check_same(self, found: Mapping[str, str], then: str) -> None:
        """Refuse to work together on what is not the same in all processes.

        Args:
            found: what this one has, by the name of what it is.
            then: what to do where another one has something else.

        Raises:
            InputError: with the first difference, in all processes.
        """
        first, *others = self.each(found)
        for rank, other in enumerate(others, 1):
            for name in first:
                if other[name] != first[name]:
                    raise InputError(
                        f"Process {rank} has {name} {other[name]}, but the first process has {first[name]}; "
                        f"{then}."
                    )

    @contextmanager
    def alike(self) -> Iterator[None]:
        """Draw the same random numbers in all processes inside, and afterwards others in each.

        All follow from the generator of the first process, so that its state is enough to resume from.
        """
        if self.alone:
            yield
            return
        seed = self.told(lambda: int(torch.randint(2**62, ())))
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            yield
        if not self.first:
            torch.manual_seed(seed + self.rank)

    def leave(self) -> None:
        """End this process, unless it is the first: what follows is done once, by that one alone."""
        if self.alone:
            return
        dist.destroy_process_group()
        if not self.first:
            raise SystemExit(0)


ALONE = Processes()
"""One process."""

TOGETHER: ContextVar[Processes] = ContextVar("together", default=ALONE)


def together() -> Processes:
    """The processes that `joined` has joined."""
    return TOGETHER.get()


@contextmanager
def noticed() -> Iterator[None]:
    """Turn the error of a connection that another process has closed into a sentence.

    Raises:
        TrainingError: when another process has ended.
    """
    try:
        yield
    except RuntimeError as error:
        raise TrainingError(LOST) from error


@contextmanager
def joined() -> Iterator[None]:
    """Join the processes that were started with this one, as `launched` tells; inside, `together` has them.

    On CPUs they talk by gloo, on CUDA devices by NCCL. An error inside is raised by the first process that
    fails; the others end without a message.

    Raises:
        InputError: when they cannot find each other.
    """
    launch = launched()
    if launch.size == 1:
        yield
        return
    store = connect(launch)
    token = TOGETHER.set(Processes(launch.rank, launch.size))
    try:
        yield
    except KeyboardInterrupt:
        if launch.first:
            raise
        raise SystemExit(1) from None
    except Exception as error:
        if fails_first(store):
            raise
        raise SystemExit(getattr(error, "exit_code", 1)) from None
    finally:
        TOGETHER.reset(token)


def connect(launch: Launch) -> Store:
    """Join the group of processes; its store, which all of them reach."""
    if launch.local_rank < torch.cuda.device_count():
        torch.cuda.set_device(launch.local_rank)
    from torch.distributed.rendezvous import rendezvous

    try:
        store, rank, size = next(rendezvous("env://", timeout=timedelta(minutes=10)))
        dist.init_process_group(store=store, rank=rank, world_size=size, timeout=PATIENCE)
    except (RuntimeError, ValueError) as error:
        where = f"{os.environ['MASTER_ADDR']}:{os.environ['MASTER_PORT']}"
        raise InputError(
            f"The {launch.size} processes did not find each other at {where} ({reason(error)}); check "
            f"that every machine reaches that address."
        ) from error
    return store


def fails_first(store: Store) -> bool:
    """Whether no other process has failed before; also false where the store is gone with the first one."""
    try:
        return store.add(FAILED, 1) == 1
    except RuntimeError:
        return False


def check_devices(launch: Launch, device: torch.device) -> None:
    """Refuse devices that the processes on this machine cannot compute on together.

    Raises:
        InputError: with what to do.
    """
    if launch.size == 1 or device.type == "cpu":
        return
    if device.type != "cuda":
        raise InputError(
            f"Several processes compute on CPUs or CUDA devices, not on {device.type}; give --device cpu."
        )
    if launch.local_size > torch.cuda.device_count():
        raise InputError(
            f"{launch.local_size} processes on this machine would share {torch.cuda.device_count()} CUDA "
            f"devices; start as many processes as devices, or give --device cpu."
        )
