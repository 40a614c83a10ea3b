"""Values that were pushed are popped, and take about as many bits as their information."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.model.distributions import Alphabet, Binned, Distribution, Listed, Uniform, logistic, on_grid
from narrows.tasks.compression.coder import Coder

pytest.importorskip("constriction")
RNG = np.random.default_rng(0)
N = 2000


def mixture(levels: int) -> Binned:
    means, rates = on_grid(RNG.random((N, 1)), 256), on_grid(RNG.uniform(5, 50, (N, 1)), 16)
    return Binned(
        Alphabet(levels, lambda v: (v - 0.5) / levels), logistic(), means, rates, np.full((N, 1), 4096)
    )


CASES: list[tuple[Distribution, int]] = [
    (Uniform(N, 5), 5),
    (Uniform(N, 1), 1),
    (Listed(np.array([30, 1, 9, 4]), N), 4),
    (Listed(RNG.integers(1, 50, (N, 11))), 11),
    (mixture(2), 2),
    (mixture(256), 256),
    (mixture(65_536), 65_536),
]


@pytest.mark.parametrize(("distribution", "levels"), CASES)
def test_pushed_values_are_popped(distribution: Distribution, levels: int) -> None:
    values = RNG.integers(0, levels, N)
    coder = Coder()
    coder.push(values, distribution)
    assert (Coder(coder.words).pop(distribution) == values).all()


@pytest.mark.parametrize(("distribution", "levels"), CASES[2:])
def test_the_length_is_the_information(distribution: Distribution, levels: int) -> None:
    uniform = Coder(RNG.integers(1, 2**32, 4 * N, dtype=np.uint64).astype(np.uint32))
    before = uniform.bits
    values = uniform.pop(distribution)  # a sample of the distribution
    whole = distribution.below(np.full(N, levels))
    p = (distribution.below(values + 1) - distribution.below(values)) / whole
    assert before - uniform.bits == pytest.approx(-np.log2(p).sum(), rel=0.002, abs=64)


def test_popping_and_pushing_restores_the_content() -> None:
    """Bits-back coding: what is drawn from the content goes back into it."""
    words = RNG.integers(1, 2**32, 3 * N, dtype=np.uint64).astype(np.uint32)
    coder = Coder(words)
    drawn = [coder.pop(distribution) for distribution, _ in CASES]
    for values, (distribution, _) in zip(reversed(drawn), reversed(CASES), strict=True):
        coder.push(values, distribution)
    assert (coder.words == words).all()


def test_without_the_package_the_command_to_install_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "constriction", None)
    with pytest.raises(InputError, match=r"pip install 'narrows\[compress\]'"):
        Coder()
