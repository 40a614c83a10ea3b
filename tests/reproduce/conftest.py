from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from narrows.data.examples import Data
from narrows.reproduce.lab import Lab
from narrows.runs.run import Run


class Brief(Lab):
    """A lab of few digits, in which nothing is trained for more than three epochs."""

    def __init__(self) -> None:
        super().__init__(quick=True)
        data = super().digits
        assert data.test is not None
        self.few = replace(self.first(data, 400), test=self.first(data.test, 120))

    @property
    def digits(self) -> Data:
        return self.few

    def fit(self, *args: Any, **options: Any) -> Run:
        return super().fit(*args, **{**options, "epochs": 3})


@pytest.fixture(scope="module")
def lab() -> Lab:
    return Brief()


@pytest.fixture(scope="module")
def full_lab() -> Lab:
    """A lab with all digits."""
    return Lab(quick=True)
