from __future__ import annotations

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.readers import as_data
from narrows.data.reading import Reading
from narrows.data.unfit_options import refuse_columns, refuse_times


def test_options_of_other_data_are_refused() -> None:
    data = as_data(np.zeros((5, 4, 4)))
    with pytest.raises(InputError, match="--label names a column of a table's file, but data has none"):
        refuse_columns(Reading(label="y"), data)
    with pytest.raises(InputError, match="--window is an option of recordings over time"):
        refuse_times(Reading(window=3), data)
    assert refuse_columns(Reading(), data) is data
