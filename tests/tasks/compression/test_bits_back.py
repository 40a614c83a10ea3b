"""Codes take their bits from what was coded before, and give them back."""

from __future__ import annotations

import numpy as np
import pytest

from narrows.data.readers import as_data
from narrows.fitting.fit import fit
from narrows.tasks.compression import bits_back
from narrows.tasks.compression.bits_back import compressed, decompressed, initial_words
from narrows.tasks.compression.exact import exactly
from narrows.tasks.compression.symbols import GridSymbols

pytest.importorskip("constriction")
RNG = np.random.default_rng(0)
IMAGES = np.clip(np.cumsum(RNG.normal(0, 9, (60, 5, 4)), axis=2) + 128, 0, 255).astype(np.uint8)
RUN = fit(as_data(IMAGES), recipe="lossless", overrides={"training": {"epochs": 1}, "loss": {"radius": 1}})


def test_the_initial_bits_are_left_at_the_end() -> None:
    symbols, found = GridSymbols.of(RUN, IMAGES), {}
    numbers = symbols.numbers(IMAGES)
    with exactly(RUN) as model:
        coded = compressed(model, [(symbols, numbers[:50]), (symbols, numbers[50:])])
        left = decompressed(model, [symbols] * 2, coded, lambda i, j, some: found.update({(i, j): some}))
    assert [sum(sizes) for sizes in coded.sizes] == [50, 10]
    assert np.array_equal(np.concatenate([found[place] for place in sorted(found)]), numbers)
    assert np.array_equal(left, initial_words(coded.initial_bits))


def test_chunks_grow_and_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bits_back, "CHUNK", 20)
    many = np.resize(IMAGES, (200, 5, 4))
    symbols, done = GridSymbols.of(RUN, many), []
    with exactly(RUN) as model:
        (sizes,) = compressed(model, [(symbols, symbols.numbers(many))], done.append).sizes
    assert sizes[0] < sizes[1] < max(sizes) == 20
    assert done == list(np.cumsum(sizes))


def test_initial_words_are_always_the_same() -> None:
    assert len(initial_words(0)) == 0
    assert len(initial_words(33)) == 2
    assert np.array_equal(initial_words(640), initial_words(640))
    assert initial_words(640).all()
