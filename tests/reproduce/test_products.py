"""A minibatch by loops and by one product."""

from __future__ import annotations

import numpy as np
import pytest

from narrows.reproduce.lab import Lab
from narrows.reproduce.products import FORMS, REPEATS, SOFTMAX, minibatch, row_wise_softmax, timed, vectorised


def test_the_forms_are_one_function() -> None:
    x, w, b = minibatch(0)
    wanted = x.astype(np.float64) @ w + b
    for form in FORMS.values():
        np.testing.assert_allclose(form(x, w, b), wanted, atol=1e-5)


def test_softmax_is_computed_row_by_row() -> None:
    o = np.array([[0.0, np.log(3)], [100.0, 100.0]])
    np.testing.assert_allclose(row_wise_softmax(o), [[0.25, 0.75], [0.5, 0.5]])


def test_every_form_is_timed(lab: Lab) -> None:
    times = timed(*minibatch(0))
    assert times.keys() == {*FORMS, SOFTMAX}
    assert all(each.shape == (REPEATS,) and (each > 0).all() for each in times.values())
    found = vectorised(lab)
    assert found.checks[0].outcome is True
    assert [check.bound for check in found.checks[1:]] == pytest.approx([1, 1, 0.5])
