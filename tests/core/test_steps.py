from __future__ import annotations

import pytest

from narrows.core import steps
from narrows.core.steps import step, stepped, told_to


def test_steps_are_told_to_the_innermost_listener_while_it_listens() -> None:
    outer: list[str] = []
    inner: list[str] = []
    step("before")
    with told_to(outer.append):
        step("a")
        with told_to(inner.append):
            step("b")
        step("c")
    step("after")
    assert (outer, inner) == (["a", "c"], ["b"])


def test_things_that_take_long_are_counted_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes 0.4 s: nothing is said in the first second, then something every five."""
    clock = iter(0.4 * i for i in range(100))
    monkeypatch.setattr(steps.time, "monotonic", lambda: next(clock))
    said: list[str] = []
    with told_to(said.append):
        assert list(stepped(iter("a" * 20), 40, "encoding", lambda thing: 2)) == ["a"] * 20
    assert said == ["encoding 4/40, 11 s left", "encoding 30/40, 2 s left"]


def test_nobody_is_told_of_short_things() -> None:
    said: list[str] = []
    with told_to(said.append):
        assert list(stepped(range(3), 3, "encoding")) == [0, 1, 2]
    assert said == []
