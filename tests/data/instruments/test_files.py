from __future__ import annotations

import sys
from pathlib import Path

import pytest

from narrows.core.errors import InputError
from narrows.data.formats import FORMATS
from narrows.data.instruments.files import STORED
from narrows.data.readers import read

PACKAGES = {"hdf5": "h5py", "zarr": "zarr", "mrc": "mrcfile", "microscope": "rsciio"}


@pytest.mark.parametrize("name", STORED)
def test_a_missing_package_is_named_with_its_extra(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, PACKAGES[name], None)
    file = Path(f"a{FORMATS[name].endings[0]}")
    file.write_bytes(b"x")
    with pytest.raises(InputError, match=rf"needs the extra '{FORMATS[name].extra}': pip install 'narrows\["):
        read(file)
