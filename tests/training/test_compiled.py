from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from narrows.training.compiled import Compiled
from tests.training.setting import setting


def test_a_batch_of_another_size_is_computed_eagerly(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def compiler(objective: Callable[..., Any], **options: Any) -> Callable[..., Any]:
        return lambda batch: (sizes.append(batch.n), objective(batch))[1]

    monkeypatch.setattr(torch, "compile", compiler)
    objective, rows = setting()
    compiled = Compiled(objective)
    for n in (16, 16, 8):
        batch = rows.batch(torch.arange(n))
        assert torch.equal(compiled(batch).total, objective(batch).total)
    assert sizes == [16, 16]


def test_a_compiler_that_fails_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def fails(batch: Any) -> Any:
        asked.append(batch.n)
        raise RuntimeError("no C++ compiler")

    monkeypatch.setattr(torch, "compile", lambda objective, **options: fails)
    objective, rows = setting()
    compiled = Compiled(objective)
    batch = rows.batch(torch.arange(16))
    assert torch.equal(compiled(batch).total, objective(batch).total)
    assert torch.equal(compiled(batch).total, objective(batch).total)
    assert asked == [16]
    assert compiled.failed
