"""What people bring along: networks and data sets of torch, and images that come flat."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.base import clone
from torch import Tensor, nn
from torch.utils.data import Dataset, IterableDataset, TensorDataset

from narrows import Autoencoder, InputError
from narrows.runs.run import Run
from tests.commands import narrows
from tests.conftest import curve

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
        ({"encoder": nn.Linear(6, 4)}, "wants a decoder of your own, but none is there: pass decoder="),
        (
            {"encoder": nn.Linear(7, 4), "decoder": "mlp"},
            "encoder of your own cannot take a batch of shape 2x6",
        ),
        ({"decoder": nn.Linear(2, 5)}, "makes examples of shape 5 of codes of shape 2, but the loss wants 6"),
        ({"encoder": nn.Flatten(0), "decoder": "mlp"}, "of shape 12 of a batch of 2 examples"),
        ({"encoder": nn.GRU(6, 3), "decoder": "mlp"}, "wanted is a tensor with one row"),
        ({"encoder": 3, "decoder": "mlp"}, "The encoder is a name or a dict of options"),
        ({"encoder": "own"}, "wants an encoder of your own, but none is there"),
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
    with pytest.raises(InputError, match="wants an encoder of your own, but none is there"):
        Run.load(folder)
    with pytest.raises(InputError, match="the weight 'encoder\\.module\\.1\\.bias'"):
        Autoencoder.load(folder, encoder=nn.Sequential(nn.Flatten(), nn.Linear(30, 4)), decoder=decoder())
    plain = Autoencoder(3, training=SHORT).fit(IMAGES).save(tmp_path / "plain")
    with pytest.raises(InputError, match="The run's encoder is 'mlp', and none of your own"):
        Autoencoder.load(plain, encoder=Halving())
    np.save(tmp_path / "x.npy", IMAGES)
    said = narrows(capsys, "encode", folder, tmp_path / "x.npy", "-o", tmp_path / "z.npy", code=2)
    assert "wants an encoder of your own" in "".join(said)


class Pairs(Dataset[Any]):
    def __init__(self, shapes: tuple[tuple[int, ...], ...]) -> None:
        self.shapes = shapes

    def __len__(self) -> int:
        return len(self.shapes)

    def __getitem__(self, i: int) -> Any:
        return np.full(self.shapes[i], i, dtype=np.float32), "even" if i % 2 == 0 else "odd"


def test_a_data_set_is_the_array_of_its_examples() -> None:
    x = curve(80).astype(np.float32)
    labels = torch.arange(80) % 3
    ours = Autoencoder(2, training=SHORT).fit(TensorDataset(torch.as_tensor(x), labels))
    theirs = Autoencoder(2, training=SHORT).fit(x)
    np.testing.assert_array_equal(ours.transform(x), theirs.transform(torch.as_tensor(x)))
    np.testing.assert_array_equal(ours.transform(TensorDataset(torch.as_tensor(x))), ours.transform(x))
    assert set(ours.run_.evidence["labels"]) == {0, 1, 2}


def test_words_of_a_data_set_become_labels() -> None:
    ae = Autoencoder(1, training=SHORT).fit(Pairs(((4, 4),) * 40))
    assert ae.run_.config["label_names"] == ["even", "odd"]
    assert ae.run_.schema.shape == (4, 4)


class Endless(IterableDataset[Any]):
    def __iter__(self) -> Any:
        return iter(())


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        (Endless(), "The data set has no length"),
        (Pairs(()), "has no examples"),
        (Pairs(((2, 2), (2, 3))), "Example 1 of the data set has shape 2x3, but the first has 2x2"),
    ],
)
def test_data_sets_that_cannot_be_an_array_are_refused(dataset: Dataset[Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Autoencoder().fit(dataset)


def test_labels_colour_pictures_and_change_nothing_else() -> None:
    x, y = curve(80), np.array(["a", "b"] * 40)
    coloured, plain = (Autoencoder(2, training=SHORT).fit(x, labels) for labels in (y, None))
    np.testing.assert_array_equal(coloured.transform(x), plain.transform(x))
    assert coloured.run_.config["label_names"] == ["a", "b"]
    assert "labels" not in plain.run_.evidence
    assert "labels" not in Autoencoder(2, training=SHORT).fit(x, np.full(80, np.nan)).run_.evidence


def test_flat_images_are_images(tmp_path: Path) -> None:
    flat = IMAGES.reshape(90, 30)
    ours = Autoencoder(3, image_shape=(6, 5), encoder="conv", training=SHORT).fit(flat)
    square = Autoencoder(3, encoder="conv", training=SHORT).fit(IMAGES)
    np.testing.assert_array_equal(ours.transform(flat), square.transform(IMAGES))
    np.testing.assert_array_equal(ours.reconstruct(flat), square.reconstruct(IMAGES).reshape(90, 30))
    assert ours.n_features_in_ == 30
    assert ours.sample(2).shape == ours.inverse_transform(ours.transform(flat[:2])).shape == (2, 30)
    again = Autoencoder.load(ours.save(tmp_path / "run"))
    np.testing.assert_array_equal(again.transform(flat), ours.transform(flat))
    with pytest.raises(InputError, match="Images of shape 7x5 have 35 values, but a row of X has 30"):
        Autoencoder(image_shape=(7, 5)).fit(flat)
    with pytest.raises(ValueError, match="4 features"):
        ours.transform(flat[:, :4])
