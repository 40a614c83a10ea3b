"""The recipes named after lectures are the lectures' networks, weight for weight."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from narrows.core.errors import InputError
from narrows.core.records import Batch, Domain
from narrows.model.build import Model, build
from narrows.model.lecture_recipes import LECTURES

MNIST = Domain((1, 28, 28))


def built(recipe: str) -> Model:
    torch.manual_seed(0)
    spec = LECTURES[recipe]["spec"]
    return build({**spec, "bottleneck": {"latent_dim": 4, **spec["bottleneck"]}}, MNIST).model.eval()


# As they stand on the slides.
P1 = (
    nn.Sequential(
        nn.Conv2d(1, 16, 3, stride=2, padding=1), nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(32, 64, 7),
    ),
    nn.Sequential(
        nn.ConvTranspose2d(64, 32, 7), nn.ReLU(),
        nn.ConvTranspose2d(32, 16, 3, stride=2, padding=1, output_padding=1), nn.ReLU(),
        nn.ConvTranspose2d(16, 1, 3, stride=2, padding=1, output_padding=1), nn.Sigmoid(),
    ),
)  # fmt: skip
Y1 = (
    nn.Sequential(
        nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 12),
        nn.ReLU(), nn.Linear(12, 3),
    ),
    nn.Sequential(
        nn.Linear(3, 12), nn.ReLU(), nn.Linear(12, 64), nn.ReLU(), nn.Linear(64, 128), nn.ReLU(),
        nn.Linear(128, 784), nn.Tanh(), nn.Unflatten(1, (1, 28, 28)),
    ),
)  # fmt: skip
Y2 = (
    nn.Sequential(
        nn.Conv2d(1, 16, 3, stride=3, padding=1), nn.ReLU(), nn.MaxPool2d(2, stride=2),
        nn.Conv2d(16, 8, 3, stride=2, padding=1), nn.ReLU(), nn.MaxPool2d(2, stride=1),
    ),
    nn.Sequential(
        nn.ConvTranspose2d(8, 16, 3, stride=2), nn.ReLU(), nn.ConvTranspose2d(16, 8, 5, stride=3, padding=1),
        nn.ReLU(), nn.ConvTranspose2d(8, 1, 2, stride=2, padding=1), nn.Tanh(),
    ),
)  # fmt: skip
C1 = (
    nn.Sequential(
        nn.Conv2d(1, 8, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(8, 16, 3, stride=2, padding=1),
        nn.BatchNorm2d(16), nn.ReLU(), nn.Conv2d(16, 32, 3, stride=2, padding=0), nn.ReLU(), nn.Flatten(),
        nn.Linear(3 * 3 * 32, 128), nn.ReLU(), nn.Linear(128, 4),
    ),
    nn.Sequential(
        nn.Linear(4, 128), nn.ReLU(), nn.Linear(128, 3 * 3 * 32), nn.ReLU(), nn.Unflatten(1, (32, 3, 3)),
        nn.ConvTranspose2d(32, 16, 3, stride=2, output_padding=0), nn.BatchNorm2d(16), nn.ReLU(),
        nn.ConvTranspose2d(16, 8, 3, stride=2, padding=1, output_padding=1), nn.BatchNorm2d(8), nn.ReLU(),
        nn.ConvTranspose2d(8, 1, 3, stride=2, padding=1, output_padding=1), nn.Sigmoid(),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("recipe", "halves", "weights"),
    [("p1", P1, 210_369), ("p2", P1, 210_369), ("y1", Y1, 219_891), ("y2", Y2, 5_729), ("c1", C1, 87_125)],
)
def test_a_lectures_network_is_built_exactly(
    recipe: str, halves: tuple[nn.Sequential, nn.Sequential], weights: int
) -> None:
    """Given the weights of the slide's network in order, ours gives its codes and its images."""
    model = built(recipe)
    theirs = [p for half in halves for p in half.parameters()]
    ours = [*model.encoder.parameters(), *model.bottleneck.parameters(), *model.decoder.parameters()]
    assert [p.shape for p in ours] == [p.shape for p in theirs]
    assert sum(p.numel() for p in ours) == weights
    with torch.no_grad():
        for mine, slide in zip(ours, theirs, strict=True):
            mine.copy_(slide)
    x = torch.rand(5, 1, 28, 28)
    encoder, decoder = (half.eval() for half in halves)
    torch.testing.assert_close(model.encode(Batch(x)), encoder(x).flatten(1))
    torch.testing.assert_close(model.reconstruct(Batch(x)), decoder(encoder(x)))


def test_the_variational_networks_have_the_slides_weights() -> None:
    """Two heads of the slide are one layer here, twice as wide."""
    p3 = 1 * 32 * 9 + 32 + 32 * 64 * 9 + 64 + 3136 * 256 + 256 + 2 * (256 * 32 + 32)
    p3 += 32 * 3136 + 3136 + 64 * 32 * 9 + 32 + 32 * 9 + 1
    y5 = 784 * 400 + 400 + 2 * (400 * 20 + 20) + 20 * 400 + 400 + 400 * 784 + 784
    for recipe, count in (("p3", p3), ("p4", p3), ("y5", y5), ("y5-mse", y5)):
        assert sum(p.numel() for p in built(recipe).parameters()) == count, recipe


def test_no_activation_follows_the_dense_layer_before_the_heads_of_p3() -> None:
    h = built("p3").encoder(torch.rand(50, 1, 28, 28), {}).h
    assert (h < 0).any()


def test_what_the_slides_train_with() -> None:
    for name in LECTURES:
        how = LECTURES[name]["training"]
        assert how["epochs"] == 10 or name in ("y6", "s5")
        assert how["keep"] == "last"
    assert {LECTURES[name]["training"]["weight_decay"] for name in ("y1", "y2", "c1")} == {1e-5}
    assert LECTURES["c1"]["spec"]["corruption"]["target"] == "noisy"
    assert "target" not in LECTURES["c1-corrected"]["spec"]["corruption"]


def test_a_pooled_code_has_the_size_it_has() -> None:
    spec = LECTURES["y2"]["spec"]
    with pytest.raises(InputError, match="32 features, so latent_dim cannot be 8"):
        build({**spec, "bottleneck": {**spec["bottleneck"], "latent_dim": 8}}, MNIST)


def test_c1_as_written_is_compared_with_what_it_saw() -> None:
    """The cost against the noisy target is what the loss gives for the image that was shown."""
    x = torch.rand(6, 1, 28, 28)
    for recipe, noisy in (("c1", True), ("c1-corrected", False)):
        objective = build(LECTURES[recipe]["spec"], MNIST).eval()
        _, trace = objective.traced(Batch(x))
        assert torch.equal(trace.x, trace.seen) == noisy
        assert torch.equal(trace.x, x) != noisy
