"""What `narrows data` says: the data as the reader sees them, and what would be chosen for them."""

from __future__ import annotations

from typing import Any

import numpy as np

from narrows.data.kinds import Data
from narrows.data.scaling import choose


def summarise(data: Data) -> dict[str, Any]:
    """Kind, size, range, missing cells, and the scaling and loss with the reasons for them."""
    values = data.values
    choice = choose(data.schema.arrange(values), data.schema)
    return {
        "name": data.name,
        "kind": data.schema.kind,
        "n": len(data) + (len(data.test) if data.test is not None else 0),
        "shape": list(data.schema.shape),
        "dtype": data.schema.dtype,
        "range": [float(np.nanmin(values)), float(np.nanmax(values))],
        "missing": int(np.isnan(values).sum()) if values.dtype.kind == "f" else 0,
        "scaling": choice.name,
        "loss": choice.losses["error"]["name"],
        "why": [*data.notes, *choice.why],
    }
