from __future__ import annotations

from dataclasses import replace

import numpy as np

from narrows.evaluation.nmf import Beside, Nmf


def test_sums_of_signals_that_are_not_negative_are_found() -> None:
    rng = np.random.default_rng(0)
    signals, amounts = rng.random((3, 40)) ** 4, rng.random((300, 3)) ** 2
    x = amounts @ signals
    found = Nmf(x[:200], 3)
    assert (found.model.components_ >= 0).all()
    assert ((found.reconstruct(x[200:]) - x[200:]) ** 2).mean() < 1e-3 * x.var()
    assert ((Nmf(x[:200], 2).reconstruct(x[200:]) - x[200:]) ** 2).mean() > 1e-2 * x.var()


def test_there_are_no_more_components_than_rows_or_values() -> None:
    x = np.random.default_rng(0).random((5, 4))
    assert np.allclose(Nmf(x, 9).reconstruct(x), x, atol=0.05)


def test_what_is_measured_comes_back_and_is_said() -> None:
    found = Beside("NMF", 8, 5000, 400, False, 0.012, 0.011, 0.01)
    assert Beside.from_json(found.to_json()) == found
    assert found.sentence == (
        "NMF, 8 components, fitted to 5,000 training rows, has the error 0.012 on 400 of the held-out rows, "
        "where PCA has 0.011 and this model 0.01."
    )
    assert "on the same held-out rows" in replace(found, complete=True).sentence
