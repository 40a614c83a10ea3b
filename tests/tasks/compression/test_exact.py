"""The model is computed the same at each thread count, and files of other models are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from narrows.core.errors import InputError
from narrows.data.readers import as_data
from narrows.fitting.fit import fit
from narrows.runs.run import Run
from narrows.tasks.compression.exact import check_digest, check_stamp, digest, exactly, identity, stamp

pytest.importorskip("constriction")
RNG = np.random.default_rng(0)
IMAGES = (RNG.random((60, 6, 5)) * 255).astype(np.uint8)


def fitted(seed: int = 0) -> Run:
    return fit(as_data(IMAGES), recipe="vae", seed=seed, overrides={"training": {"epochs": 1}})


RUN = fitted()


def test_the_model_is_computed_in_float64_on_one_thread() -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with exactly(RUN) as model:
            assert torch.get_num_threads() == 1
            assert {p.dtype for p in model.parameters()} == {torch.float64}
            assert not model.training
        assert torch.get_num_threads() == 2
        assert {p.dtype for p in RUN.model.parameters()} == {torch.float32}
    finally:
        torch.set_num_threads(threads)


def test_an_identity_is_that_of_the_weights() -> None:
    assert identity(RUN) == identity(fitted())
    assert identity(RUN) != identity(fitted(seed=1))


def test_another_model_and_another_coder_are_refused() -> None:
    header: dict[str, Any] = stamp(RUN)
    check_stamp(header, RUN, "x.nrw")
    with pytest.raises(InputError, match="another model"):
        check_stamp({**header, "model": "0"}, RUN, "x.nrw")
    other = {**header, "versions": {**header["versions"], "constriction": "0.4.2"}}
    with pytest.raises(InputError, match=r"constriction 0\.4"):
        check_stamp(other, RUN, "x.nrw")


def test_a_digest_is_that_of_values_shape_and_type() -> None:
    x = np.arange(6, dtype=np.int16)
    assert digest(x) == digest(x.astype(">i2")) == digest(np.stack([x, x])[0])
    assert digest(np.array([0.0, np.nan])) == digest(np.array([-0.0, -np.nan]))
    assert len({digest(each) for each in (x, x + 1, x[:5], x.reshape(2, 3), x.astype(np.int32))}) == 5


def test_other_values_are_refused_with_the_versions_that_made_them() -> None:
    header = stamp(RUN)
    check_digest(IMAGES, digest(IMAGES), header, "x.nrw")
    with pytest.raises(InputError, match=r"other values here .* constriction 0\."):
        check_digest(IMAGES[1:], digest(IMAGES), header, "x.nrw")
