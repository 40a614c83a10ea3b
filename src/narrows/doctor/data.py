"""What `narrows doctor` reports of data before anything is trained."""

from __future__ import annotations

from collections.abc import Callable

from narrows.core.findings import Finding
from narrows.data.examples import Data
from narrows.doctor import graphs
from narrows.doctor.case import DataCase
from narrows.doctor.columns import check_alike, check_dominance, check_missing, check_outliers
from narrows.doctor.noise import check_noise
from narrows.doctor.resources import check_memory, check_time
from narrows.doctor.rows import (
    check_copies,
    check_identifiers,
    check_ids,
    check_order,
    check_repeated,
    check_rows,
)
from narrows.doctor.values import check_constant, check_reading, check_scaling


def examine(data: Data, recipe: str = "autoencoder") -> list[Finding]:
    """The findings in `data` for a fit of `recipe`, in the order of the checks, up to the first error."""
    case, found = DataCase(data, recipe), []
    for check in CHECKS_OF[data.schema.judged_by].values():
        finding = check(case)
        if finding is not None:
            found.append(finding)
            if finding.severity == "error":
                break
    return found


Check = Callable[[DataCase], Finding | None]

CHECKS: dict[str, Check] = {
    "what was read": check_reading,
    "noise": check_noise,
    "number of rows": check_rows,
    "missing cells": check_missing,
    "constant values": check_constant,
    "identifiers": check_identifiers,
    "repeated ids": check_ids,
    "repeated rows": check_repeated,
    "one column dominates": check_dominance,
    "repeated columns": check_alike,
    "scaling": check_scaling,
    "outliers": check_outliers,
    "near-copies": check_copies,
    "order": check_order,
    "memory needed": check_memory,
    "training time": check_time,
}
"""Every check by the name of its finding; each may rely on those before it having found no error."""

GRAPH_CHECKS: dict[str, Check] = {
    "what was read": check_reading,
    "number of edges": graphs.check_edges,
    "isolated nodes": graphs.check_isolated,
    "components": graphs.check_components,
    "repeated ids": check_ids,
    "repeated nodes": graphs.check_repeated,
    "constant values": graphs.check_constant,
    "features tell edges": graphs.check_degree,
    "scaling": check_scaling,
    "memory needed": graphs.check_memory,
}
"""Those of one graph."""

CHECKS_OF = {"values": CHECKS, "edges": GRAPH_CHECKS}
"""By `Schema.judged_by`."""
