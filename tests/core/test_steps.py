from __future__ import annotations

from narrows.core.steps import step, told_to


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
