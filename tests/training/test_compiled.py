from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch

from narrows.training.compiled import Compiled
from tests.training.setting import SPEC, setting


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


def test_every_objective_of_a_process_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    graphs: list[torch.fx.GraphModule] = []

    def backend(graph: torch.fx.GraphModule, inputs: Any) -> Callable[..., Any]:
        graphs.append(graph)
        return graph.forward

    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend=backend))
    trainings = 10
    for width in range(3, 3 + trainings):
        objective, rows = setting(spec={**SPEC, "encoder": {"name": "mlp", "widths": [width]}})
        compiled = Compiled(objective)
        for _ in range(2):
            compiled(rows.batch(torch.arange(16)))
        assert not compiled.failed
    assert len(graphs) == trainings
