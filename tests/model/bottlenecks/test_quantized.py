from __future__ import annotations

import pytest
import torch

from narrows.core.errors import InputError
from narrows.core.records import Features
from narrows.model.bottlenecks.quantized import Quantized


def quantized(**options: float) -> Quantized:
    torch.manual_seed(0)
    return Quantized((6,), 4, entries=5, width=2, **options)  # type: ignore[arg-type]


def test_words_are_the_nearest_entries() -> None:
    bottleneck, h = quantized().eval(), torch.randn(50, 6)
    code = bottleneck(Features(h), {}, sample=False)
    said = bottleneck.project(h).reshape(50, 2, 2)
    distances = torch.cdist(said, bottleneck.codebook.expand(50, 5, 2))
    assert code.index is not None
    assert torch.equal(code.index, distances.argmin(2))
    torch.testing.assert_close(code.z[0], bottleneck.codebook[code.index].flatten(1))
    expected = 1.25 * distances.min(2).values.square().sum(1)
    torch.testing.assert_close(code.costs["quantization"].value[0], expected)


def test_gradients_pass_the_choice_of_words_and_each_term_moves_its_side() -> None:
    bottleneck = quantized(commitment=0.5).eval()
    h = torch.randn(8, 6)
    code = bottleneck(Features(h), {}, sample=True)
    weights = torch.randn(4)
    (through,) = torch.autograd.grad((code.z[0] @ weights).sum(), bottleneck.project.bias, retain_graph=True)
    torch.testing.assert_close(through, 8 * weights)
    cost = code.costs["quantization"].value.sum()
    book, bias = torch.autograd.grad(cost, [bottleneck.codebook, bottleneck.project.bias])
    assert code.index is not None
    said = bottleneck.project(h).reshape(8, 2, 2)
    gap = (said - bottleneck.codebook[code.index]).detach()
    torch.testing.assert_close(bias, 0.5 * 2 * gap.sum(0).flatten())
    by_hand = torch.zeros(5, 2).index_add(0, code.index.flatten(), -2 * gap.flatten(0, 1))
    torch.testing.assert_close(book, by_hand)


def test_entries_that_are_never_chosen_are_replaced_by_words_that_occur() -> None:
    bottleneck = quantized().train()
    with torch.no_grad():
        bottleneck.codebook[1:] += 1000  # far from anything that is ever said
    h = torch.randn(64, 6)
    for _ in range(500):
        bottleneck(Features(h), {}, sample=True)
    used = bottleneck(Features(h), {}, sample=False).index
    assert used is not None
    assert len(used.unique()) == 5
    before = bottleneck.codebook.clone(), bottleneck.used.clone()
    bottleneck.eval()(Features(h + 100), {}, sample=True)
    assert torch.equal(bottleneck.codebook, before[0])  # evaluation never trains
    assert torch.equal(bottleneck.used, before[1])


def test_words_divide_a_code() -> None:
    assert [Quantized((6,), d).width for d in (1, 2, 3, 8, 9, 10)] == [1, 2, 3, 4, 3, 2]
    with pytest.raises(InputError, match="A code of 5 dimensions cannot be divided into vectors of 2"):
        Quantized((6,), 5, width=2)
