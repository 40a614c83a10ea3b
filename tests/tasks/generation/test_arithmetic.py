from __future__ import annotations

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.runs.run import Run
from narrows.tasks.generation.arithmetic import arithmetic
from narrows.tasks.generation.code_space import CodeSpace
from tests.samples import DIGITS


def test_one_more_added_than_subtracted_is_the_sum_of_the_codes(vae_run: Run) -> None:
    a, b, c = vae_run.encode(DIGITS[:3])
    found = arithmetic(vae_run, DIGITS[[0, 2]], DIGITS[[1]])
    np.testing.assert_allclose(found.code[0], a - b + c, atol=1e-5)
    np.testing.assert_allclose(found.value, vae_run.decode(found.code))
    assert "emptier than around" in found.sentence


def test_adding_and_subtracting_the_same_leads_to_the_mean(vae_run: Run) -> None:
    nothing = arithmetic(vae_run, DIGITS[:2], DIGITS[:2]).code[0]
    np.testing.assert_allclose(nothing, CodeSpace(vae_run).centre, atol=1e-5)
    np.testing.assert_allclose(
        arithmetic(vae_run, DIGITS[:1], DIGITS[:0]).code[0], vae_run.encode(DIGITS[:1])[0], atol=1e-6
    )
    with pytest.raises(InputError, match="at least one"):
        arithmetic(vae_run, DIGITS[:0], DIGITS[:1])
