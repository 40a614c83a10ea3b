from __future__ import annotations

import numpy as np
import pytest
import torch

from narrows.core import memory
from narrows.data.datasets import load
from narrows.data.readers import as_data
from narrows.fitting.fit import fit
from narrows.runs.run import Run
from narrows.tasks.export import EncoderGraph
from tests.samples import curve


def test_a_batch_is_encoded_like_its_rows(digits_run: Run) -> None:
    values = load("digits").array[:30]
    one_by_one = np.concatenate([digits_run.encode(values[i : i + 1]) for i in range(30)])
    np.testing.assert_allclose(digits_run.encode(values), one_by_one, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("height", "width", "channels"), [(7, 5, None), (33, 47, 3), (1, 40, None), (5, 5, 2)]
)
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "bool"])
@pytest.mark.parametrize("network", ["mlp", "conv"])
def test_images_of_any_size_and_type_come_back(
    height: int, width: int, channels: int | None, dtype: str, network: str
) -> None:
    shape = (25, height, width) if channels is None else (25, height, width, channels)
    top = {"bool": 1, "uint8": 255, "uint16": 60_000, "float32": 9.5}[dtype]
    values = (
        (np.random.default_rng(0).random(shape) * top).round(2 if dtype == "float32" else 0).astype(dtype)
    )
    run = fit(as_data(values), latent_dim=2, overrides={"encoder": network, "training": {"epochs": 1}})
    again = run.reconstruct(values)
    assert (again.shape, again.dtype) == (values.shape, values.dtype)
    assert again.min() >= values.min() - 1e-3 * top
    assert again.max() <= values.max() * 1.001 or dtype == "uint8"
    decoded = run.decode(run.encode(values))
    assert (decoded.shape, decoded.dtype) == (values.shape, values.dtype)
    np.testing.assert_allclose(decoded.astype(float), again.astype(float), atol=0.002 * top + 1)


def test_a_column_that_was_constant_does_not_move_codes() -> None:
    """Nothing was learned of how it varies; the same in the exported graph."""
    rows = np.hstack([curve(200), np.full((200, 1), 7.0)])
    run = fit(as_data(rows), latent_dim=2, overrides={"training": {"epochs": 3}})
    changed = rows.copy()
    changed[:, -1] = 2024.0
    np.testing.assert_array_equal(run.encode(changed), run.encode(rows))
    np.testing.assert_array_equal(run.reconstruct(changed), run.reconstruct(rows))
    assert (run.scaled(changed) != run.scaled(rows)).any(), "but a detector sees that it changed"
    graph = EncoderGraph(run).eval()
    with torch.inference_mode():
        np.testing.assert_array_equal(graph(torch.as_tensor(changed)), graph(torch.as_tensor(rows)))


def test_large_examples_are_computed_a_few_at_a_time(
    digits_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With room for three digits, three at the most pass the model at a time, with the same results."""
    values = load("digits").array[:20]
    uses = (digits_run.encode, digits_run.reconstruct, lambda x: digits_run.decode(digits_run.encode(x)))
    expected = [use(values) for use in uses]
    monkeypatch.setattr(memory, "VALUES_AT_ONCE", 3 * 64 + 1)
    sizes: list[int] = []

    def note(module: object, inputs: tuple[torch.Tensor, ...], output: object) -> None:
        sizes.append(len(inputs[0]))

    halves = (digits_run.model.encoder, digits_run.model.decoder)
    hooks = [half.register_forward_hook(note) for half in halves]
    made = [use(values) for use in uses]
    for hook in hooks:
        hook.remove()
    for now, before in zip(made, expected, strict=True):
        np.testing.assert_allclose(now, before, rtol=1e-4, atol=1e-4)
    assert sizes.count(3) == 5 * 6
    assert max(sizes) == 3


def test_ends_of_floats_are_numbers_of_the_type_that_is_computed_in() -> None:
    images = np.random.default_rng(0).random((40, 6, 5))
    run = fit(as_data(images), overrides={"training": {"epochs": 1}})
    for dtype in (np.float32, np.float64):
        low, high = run.ends(run.scaled(images).astype(dtype).reshape(-1, *run.schema.model_shape))
        with np.errstate(over="raise"):
            assert np.isfinite(np.array([low, high]).astype(dtype)).all()
        assert low < -1e30
        assert high > 1e30
