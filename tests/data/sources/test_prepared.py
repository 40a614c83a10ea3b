from __future__ import annotations

import numpy as np
import pytest

from narrows.data.calibration import Axis
from narrows.data.preparation import Preparation
from narrows.data.sources.on_disk import OnDisk
from narrows.data.sources.prepared import Prepared
from narrows.data.stored import Stored

SPECTRA = np.random.default_rng(0).integers(0, 9, (40, 30)).astype(np.uint16)
SIGNAL = (Axis("E", 30),)


@pytest.mark.parametrize("how", [Preparation(bin=4), Preparation(crop=(2, 20), counts="anscombe")])
def test_signals_are_prepared_when_they_are_read(how: Preparation) -> None:
    source = Prepared(OnDisk(Stored(SPECTRA, "a")), how, SIGNAL)
    whole = how(SPECTRA, SIGNAL)
    assert not source.in_memory
    assert (source.shape, source.dtype) == (whole.shape, whole.dtype)
    assert source.take(np.array([7, 3])).tolist() == whole[[7, 3]].tolist()
    assert source.all().tolist() == whole.tolist()
