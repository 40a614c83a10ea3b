from __future__ import annotations

import pytest
import torch

from narrows.training.computing import FLOAT32, Computing
from narrows.training.devices import threads


def test_threads_and_products_are_afterwards_as_before() -> None:
    before = threads(), torch.get_float32_matmul_precision()
    with Computing("products", threads=before[0] + 1).entered():
        assert threads() == before[0] + 1
        assert torch.get_float32_matmul_precision() == "medium"
    assert before == (threads(), torch.get_float32_matmul_precision())


@pytest.mark.parametrize(
    "computing", [FLOAT32, Computing("bfloat16", channels_last=True), Computing("products", compiled=True)]
)
def test_a_config_holds_it(computing: Computing) -> None:
    assert Computing.of({"engine": {**computing.to_json(), "why": "measured"}}) == computing


def test_a_run_that_says_nothing_was_computed_in_float32() -> None:
    assert Computing.of({"threads": 3}) == Computing(threads=3)


@pytest.mark.parametrize("entry", [{"precision": "float8"}, {"compiled": 1}, {"channels_last": "yes"}])
def test_an_entry_that_is_no_choice_is_refused(entry: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no engine computes as"):
        Computing.of({"engine": entry})


def test_it_is_said_in_words() -> None:
    assert str(Computing("bfloat16", compiled=True, threads=1)) == "bfloat16, compiled, 1 thread"
    assert str(Computing(threads=4)) == "float32, 4 threads"
