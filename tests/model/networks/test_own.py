"""What people bring along: networks and data sets of torch, and images that come flat."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.base import clone
from torch import Tensor, nn

from narrows import Autoencoder
from narrows.core.errors import InputError
from narrows.runs.folder import load_run
from tests.commands import narrows
from tests.samples import curve

SHORT = {"epochs": 3}


IMAGES = (np.random.default_rng(0).random((90, 6, 5)) * 255).astype(np.uint8)


class Halving(nn.Module):
    """A network with a batch norm, whose statistics a careless trial would change."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(30, 15), nn.BatchNorm1d(15), nn.Tanh())

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)


def decoder() -> nn.Module:
    return nn.Sequential(nn.Linear(3, 30), nn.Unflatten(1, (1, 6, 5)))


def test_networks_of_ones_own_are_trained_and_left_as_they_were(tmp_path: Path) -> None:
    torch.manual_seed(0)
    mine = Halving(), decoder()
    before = [{k: v.clone() for k, v in module.state_dict().items()} for module in mine]
    ae = Autoencoder(3, encoder=mine[0], decoder=mine[1], training=SHORT).fit(IMAGES)
    for module, state in zip(mine, before, strict=True):
        assert all(torch.equal(v, state[k]) for k, v in module.state_dict().items())
    trained = ae.run_.model.state_dict()["encoder.module.layers.1.weight"]
    assert not torch.equal(trained, before[0]["layers.1.weight"])
    assert ae.reconstruct(IMAGES).shape == IMAGES.shape
    assert "Halving" in ae.report()

    folder = ae.save(tmp_path / "run")
    torch.manual_seed(1)
    again = Autoencoder.load(folder, encoder=Halving(), decoder=decoder())
    np.testing.assert_array_equal(again.transform(IMAGES), ae.transform(IMAGES))
    np.testing.assert_array_equal(clone(again).fit(IMAGES).run_.schema.shape, (6, 5))


def test_networks_that_are_made_when_they_are_first_used() -> None:
    lazy = nn.Sequential(nn.Flatten(), nn.LazyLinear(7), nn.ReLU())
    ae = Autoencoder(3, encoder=lazy, decoder=decoder(), training=SHORT).fit(IMAGES)
    assert ae.run_.model.encoder.out_shape == (7,)


def test_one_half_may_be_the_packages() -> None:
    x = curve(90)
    by_name = Autoencoder(2, encoder=nn.Linear(6, 4), decoder="mlp", training=SHORT).fit(x)
    assert by_name.transform(x).shape == (90, 2)
    assert Autoencoder(2, decoder=nn.Linear(2, 6), training=SHORT).fit(x).score(x) < 1


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"encoder": nn.Linear(6, 4)}, "wants a decoder of your own, but none was given: pass decoder="),
        (
            {"encoder": nn.Linear(7, 4), "decoder": "mlp"},
            "encoder of your own cannot take a batch of shape 2x6",
        ),
        ({"decoder": nn.Linear(2, 5)}, "makes examples of shape 5 of codes of shape 2, but the loss wants 6"),
        ({"encoder": nn.Flatten(0), "decoder": "mlp"}, "of shape 12 of a batch of 2 examples"),
        ({"encoder": nn.GRU(6, 3), "decoder": "mlp"}, "wanted is a tensor with one row"),
        ({"encoder": 3, "decoder": "mlp"}, "The encoder is a name or a dict of options"),
        ({"encoder": "own"}, "wants an encoder of your own, but none was given"),
    ],
)
def test_networks_that_do_not_fit_are_refused_in_a_sentence(parts: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Autoencoder(2, training=SHORT, **parts).fit(curve(60))


def test_a_run_asks_for_the_networks_it_was_fitted_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = Autoencoder(3, encoder=Halving(), decoder=decoder(), training=SHORT).fit(IMAGES)
    folder = own.save(tmp_path / "own")
    with pytest.raises(InputError, match="wants an encoder of your own, but none was given"):
        load_run(folder)
    with pytest.raises(InputError, match="the weight 'encoder\\.module\\.1\\.bias'"):
        Autoencoder.load(folder, encoder=nn.Sequential(nn.Flatten(), nn.Linear(30, 4)), decoder=decoder())
    plain = Autoencoder(3, training=SHORT).fit(IMAGES).save(tmp_path / "plain")
    with pytest.raises(InputError, match="The run's encoder is 'mlp', and none of your own"):
        Autoencoder.load(plain, encoder=Halving())
    np.save(tmp_path / "x.npy", IMAGES)
    said = narrows(capsys, "encode", folder, tmp_path / "x.npy", "-o", tmp_path / "z.npy", code=2)
    assert "wants an encoder of your own" in "".join(said)
