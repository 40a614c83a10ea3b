from __future__ import annotations

import numpy as np

from narrows.data.instruments.signals import from_signal, is_signal
from narrows.data.readers import as_data
from tests.signals import PATTERNS, SPECTRA, as_signal


def test_a_signal_has_its_axes_in_the_order_of_the_array() -> None:
    found = from_signal(as_signal(PATTERNS))
    assert [axis.letter for axis in found.axes or ()] == ["Y", "X", "Ky", "Kx"]
    assert is_signal(as_signal(PATTERNS))
    assert not is_signal(PATTERNS)


def test_signals_are_data() -> None:
    for values, kind in ((SPECTRA, "spectra"), (PATTERNS, "images")):
        data = as_data(as_signal(values))
        assert data.schema.kind == kind
        assert data.scan is not None
        np.testing.assert_array_equal(data.scan.picture(data.array), values)
