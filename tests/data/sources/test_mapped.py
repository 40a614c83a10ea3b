from __future__ import annotations

from pathlib import Path

import numpy as np

from narrows.data.sources.mapped import Mapped


def test_values_are_those_of_the_file(tmp_path: Path) -> None:
    values = np.arange(24, dtype=">f4").reshape(2, 3, 4)
    (tmp_path / "a.raw").write_bytes(b"head" + values.tobytes())
    found = Mapped(tmp_path / "a.raw", (2, 3, 4), values.dtype, 4)
    np.testing.assert_array_equal(found[1:, :, 2:], values[1:, :, 2:])
    assert not isinstance(found[0], np.memmap)
    assert isinstance(found.map(), np.memmap)
