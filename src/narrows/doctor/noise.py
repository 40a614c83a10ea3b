"""Which noise images have, and which recipe removes it."""

from __future__ import annotations

from narrows.core.findings import Finding
from narrows.doctor.case import DataCase
from narrows.evaluation.noise_advice import advise
from narrows.evaluation.noise_sample import SMALLEST


def check_noise(case: DataCase) -> Finding | None:
    """What the noise of images is like, and which recipe removes it; none of small or constant images."""
    schema = case.whole.schema
    if schema.spatial != 2 or min(schema.model_shape[1:]) < SMALLEST:
        return None
    if case.data.array.min() == case.data.array.max():
        return None
    return advise(case.whole).finding(case.recipe.lower(), {})
