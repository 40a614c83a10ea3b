"""Parts, their options and the seed as parameters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from torch import nn

from narrows import Autoencoder
from narrows.core.errors import InputError
from narrows.estimators.parameters import nested, seed_of, training_of, with_option

SHORT = {"epochs": 2}


def test_a_module_has_no_options() -> None:
    with pytest.raises(InputError, match="The encoder is a torch module, which has no option 'widths'"):
        with_option("encoder", nn.Linear(3, 2), "widths", [4])
    assert nested({"encoder": nn.Linear(3, 2), "loss": "absolute", "training": None}) == {}


def test_options_of_the_training_are_parameters_of_their_own() -> None:
    x = load_digits().images[:200]
    found = Autoencoder(2, epochs=2, batch_size=50, learning_rate=0.01, training={"clip": 1.0}).fit(x)
    same = Autoencoder(2, training={"epochs": 2, "batch_size": 50, "learning_rate": 0.01, "clip": 1.0}).fit(x)
    assert found.run_.config["training"] == same.run_.config["training"]
    assert (found.transform(x) == same.transform(x)).all()
    assert clone(found).get_params()["epochs"] == 2
    assert len(clone(found).set_params(epochs=1).fit(x).run_.history) == 1


def test_an_option_that_is_given_twice() -> None:
    assert training_of({"epochs": 2}, {"epochs": 2}) == {"epochs": 2}
    assert training_of(None, {"epochs": None}) is None
    with pytest.raises(InputError, match=r"'epochs' is given twice, as epochs=3 and in the training as 2;"):
        training_of({"epochs": 2}, {"epochs": 3})
    with pytest.raises(InputError, match="The training is a dict of options"):
        Autoencoder(2, epochs=1, training="adam").fit(load_digits().images[:50])  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"'epochs'.*a whole number"):
        Autoencoder(2, epochs="many").fit(load_digits().images[:50])  # type: ignore[arg-type]


def test_a_seed_is_the_number_or_drawn() -> None:
    assert seed_of(7) == seed_of(np.int64(7)) == 7
    assert seed_of(np.random.RandomState(3)) == seed_of(np.random.RandomState(3)) != seed_of(None)
    state = np.random.RandomState(3)
    assert seed_of(state) != seed_of(state)


def test_options_of_parts_are_parameters() -> None:
    ae = Autoencoder(bottleneck={"name": "gaussian", "beta": 2.0})
    assert ae.get_params()["bottleneck__beta"] == 2.0
    assert ae.set_params(bottleneck__beta=3.0, training__epochs=5).bottleneck == {
        "name": "gaussian",
        "beta": 3.0,
    }
    assert ae.training == {"epochs": 5}
    assert Autoencoder(encoder="mlp").set_params(encoder__widths=[4]).encoder == {
        "name": "mlp",
        "widths": [4],
    }
    assert Autoencoder().set_params(bottleneck__beta=3.0, bottleneck="gaussian").bottleneck == {
        "name": "gaussian",
        "beta": 3.0,
    }
    with pytest.raises(InputError, match="Did you mean 'bottleneck'"):
        ae.set_params(botleneck__beta=3)


def test_parts_can_be_given_as_names_and_dicts() -> None:
    X = load_digits().images[:200]
    ae = Autoencoder(
        2,
        corruption={"name": "gaussian", "std": 0.3},
        encoder="conv",
        loss="absolute",
        training={"epochs": 1},
    ).fit(X)
    spec = ae.run_.config["spec"]
    assert spec["corruption"] == {"name": "gaussian", "std": 0.3}
    assert spec["encoder"]["name"] == spec["decoder"]["name"] == "conv"
    with pytest.raises(ValueError, match="Did you mean 'gaussian'"):
        Autoencoder(corruption="gausian").fit(X)


def test_numbers_of_numpy_are_taken_as_those_of_python(tmp_path: Path) -> None:
    X = np.random.default_rng(0).random((40, 3))
    how = {"epochs": np.int64(1), "learning_rate": np.float32(0.25)}
    ae = Autoencoder(np.int64(2), training=how, random_state=np.int64(1)).fit(X)
    again = Autoencoder.load(ae.save(tmp_path / "a"))
    plain = Autoencoder(2, training={"epochs": 1, "learning_rate": 0.25}, random_state=1).fit(X)
    np.testing.assert_array_equal(again.transform(X), plain.transform(X))


def test_a_random_state_is_drawn_from() -> None:
    X, how = np.random.default_rng(0).random((40, 3)), {"epochs": 1}
    first, second, drawn, again = (
        Autoencoder(2, training=how, random_state=state).fit(X).run_.config["seed"]
        for state in (None, None, np.random.RandomState(0), np.random.RandomState(0))
    )
    assert first != second
    assert drawn == again


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"encoder": 5}, "The encoder is a name or a dict of options, but got 5"),
        ({"loss": []}, r"The loss is a name or a dict of options, but got \[\]"),
        ({"training": "fast"}, "The training is a dict of options, but got 'fast'"),
        ({"device": []}, r"There is no device \[\] here"),
        ({"penalties": "l1"}, "Penalties are a list of parts, .* but got 'l1'"),
        ({"penalties": ["l1"]}, r"Penalties are a list of parts, .* but got \['l1'\]"),
    ],
)
def test_parts_of_a_wrong_type_are_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Autoencoder(2, **wrong).fit(np.random.default_rng(0).random((40, 3)))  # type: ignore[arg-type]
