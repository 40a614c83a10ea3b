from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from narrows.data.readers import as_data, read
from narrows.data.split import split
from narrows.data.summary import summarise
from narrows.doctor.case import DataCase


@pytest.mark.parametrize(
    ("values", "scaling", "loss", "why"),
    [
        (np.tile(np.arange(256, dtype="u1"), (4, 1)).reshape(4, 16, 16), "range", "bernoulli", "divided by 255"),
        (np.random.default_rng(0).integers(0, 256, (9, 6, 5, 3), dtype="u1"), "range", "squared", "colours"),
        (np.random.default_rng(0).random((9, 6, 5)) > 0.5, "range", "bernoulli", "two values"),
        (np.random.default_rng(0).uniform(-3, 900, (9, 6, 5)), "range", "bernoulli", "range of the training part"),
        (np.random.default_rng(0).poisson(1.5, (90, 6, 5)), "spread", "poisson", "counts"),
        (np.random.default_rng(0).standard_normal((50, 4)), "standard", "squared", "real numbers"),
        (np.random.default_rng(0).integers(0, 2, (50, 4)).astype(float), "none", "bernoulli", "0 or 1"),
        (np.random.default_rng(0).poisson(1.0, (500, 4)), "common", "squared", "share a unit (counts"),
        (np.random.default_rng(0).poisson([1.0, 99, 1, 1], (500, 4)), "spread", "poisson", "may have different"),
        (np.random.default_rng(0).standard_cauchy((500, 2)), "standard", "squared", "Heavy tails in x0, x1"),
        (np.c_[np.full(50, 0.1), np.random.default_rng(0).random(50)], "standard", "squared", "Constant: x0"),
    ],
)  # fmt: skip
def test_the_reader_chooses_and_says_why(
    values: np.ndarray[Any, Any], scaling: str, loss: str, why: str
) -> None:
    found = summarise(as_data(values))
    assert (found["scaling"], found["loss"]) == (scaling, loss)
    assert why in " ".join(found["why"])


def test_the_range_is_written_as_in_the_file() -> None:
    Path("a.csv").write_text("size;price\n" + "".join(f"{i},5;{1 + i % 8}.250,75 €\n" for i in range(1, 30)))
    assert summarise(read("a.csv"))["range_text"] == "1,5 to 8.251€"
    assert summarise(as_data(np.arange(20.0).reshape(5, 2, 2) - 3.5))["range_text"] == "-3.5 to 15.5"


def test_scaling_is_chosen_from_the_training_part_as_a_fit_does() -> None:
    """A heavy tail that lies in the held-out part does not decide it."""
    x = np.random.default_rng(3).standard_normal((200, 3))
    parts = split(200, seed=0)
    assert parts.held_out is not None
    for row, heavy in ((parts.held_out[0], False), (parts.train[0], True)):
        planted = x.copy()
        planted[row, 1] = 1e6
        data = as_data(planted)
        found, case = summarise(data), DataCase(data)
        assert ("arsinh" in " ".join(found["why"])) is heavy
        assert (found["scaling"], found["loss"]) == (case.choice.name, case.choice.losses["error"]["name"])
        assert found["why"] == [*case.choice.why]
    assert "from all rows" in summarise(as_data(x[:2]))["why"][0]
