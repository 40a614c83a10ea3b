"""How a training computes on its device: precision, compilation, threads, the order of images in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, Literal, get_args

import torch

from narrows.training.channels_last import ChannelsLast
from narrows.training.devices import threads, use_threads

Precision = Literal["float32", "products", "bfloat16"]
"""What is rounded to bfloat16, with sums in float32: nothing; factors inside a product, where the machine
gains by it; the inputs and outputs of products and convolutions. Weights, codes and costs are never."""


@dataclass(frozen=True)
class Computing:
    """How a training computes; the same choice gives the same bytes on the same machine.

    Attributes:
        precision: what is rounded.
        compiled: whether torch compiles the objective.
        channels_last: whether images are convolved with their channels side by side in memory.
        threads: on the CPU; None are those that torch has.
    """

    precision: Precision = "float32"
    compiled: bool = False
    channels_last: bool = False
    threads: int | None = None

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Compute with these threads and products, and afterwards as before."""
        before, products = threads(), torch.get_float32_matmul_precision()
        try:
            use_threads(self.threads)
            if self.precision == "products":
                torch.set_float32_matmul_precision("medium")
            yield
        finally:
            use_threads(before)
            torch.set_float32_matmul_precision(products)

    @contextmanager
    def forward(self, device: torch.device) -> Iterator[None]:
        """Compute a pass in this precision and order; its gradients follow it."""
        bfloat16 = self.precision == "bfloat16"
        with (
            torch.autocast(device.type, torch.bfloat16) if bfloat16 else nullcontext(),
            ChannelsLast() if self.channels_last else nullcontext(),
        ):
            yield

    def to_json(self) -> dict[str, Any]:
        """All but the threads, which a config has in an entry of their own."""
        return {
            "precision": self.precision,
            "compiled": self.compiled,
            "channels_last": self.channels_last,
        }

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Computing:
        """What the config of a run says; runs that say nothing were computed in float32.

        Raises:
            ValueError: for what is no such choice.
        """
        stored = config.get("engine", {})
        found = cls(
            **{key: stored[key] for key in ("precision", "compiled", "channels_last") if key in stored},
            threads=config.get("threads"),
        )
        flags = (found.compiled, found.channels_last)
        if found.precision not in get_args(Precision) or not all(isinstance(flag, bool) for flag in flags):
            raise ValueError(f"no engine computes as {stored!r}")
        return found

    def __str__(self) -> str:
        count = threads() if self.threads is None else self.threads
        words = [
            {"float32": "float32", "products": "products by oneDNN", "bfloat16": "bfloat16"}[self.precision],
            *(["compiled"] if self.compiled else []),
            *(["channels last"] if self.channels_last else []),
            f"{count} thread{'s' * (count != 1)}",
        ]
        return ", ".join(words)


FLOAT32 = Computing()
"""Eager computation in float32 with the threads that torch has."""
