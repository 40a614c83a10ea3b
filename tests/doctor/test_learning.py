from __future__ import annotations

import numpy as np
import pytest

from narrows.doctor.learning import (
    check_dead_units,
    check_overfitting,
    check_underfitting,
    check_yardstick,
    rise,
)
from narrows.evaluation.symptoms import Gap, Layer
from narrows.runs.evidence import Evidence
from tests.doctor.made import case, epochs


def test_a_model_behind_pca_on_its_training_rows_underfits() -> None:
    assert check_underfitting(case(train_mse=0.54)) is None
    found = check_underfitting(case(train_mse=0.56))
    assert found is not None
    assert found.evidence == (
        "The error on training rows is 0.56 after 3 epochs, that of PCA with as many components 0.5, that of "
        "their mean 1."
    )


@pytest.mark.parametrize(
    "excuse",
    [
        {"spec": {"penalties": [{"name": "l1"}]}},
        {"train_pca_mse": 9e-7},
        {"train_pca_mse": None},
    ],
)
def test_being_behind_pca_has_excuses_but_learning_nothing_has_none(excuse: dict[str, object]) -> None:
    assert check_underfitting(case(**{"train_mse": 0.89, **excuse})) is None
    assert check_underfitting(case(**{"train_mse": 0.9, **excuse})) is not None


def test_without_pca_and_mean_no_model_underfits() -> None:
    assert check_underfitting(case(train_mse=9.0, train_pca_mse=None, mean_mse=None)) is None


def test_a_model_surely_behind_its_yardstick_is_reported_whatever_the_reason() -> None:
    twice = {"mse": 1.0, "pca_mse": 0.5, "ratio_ci95": (1.7, 2.3)}
    found = check_yardstick(case(**twice))
    assert found is not None
    assert found.evidence == "The error on held-out rows is 2.00 times that of PCA: 1 and 0.5."
    assert found.advice.endswith("--epochs 30, --set encoder.widths=[128,64] or --recipe linear.")
    prior = case(**twice, spec={"bottleneck": {"name": "gaussian", "beta": 4.0}})
    found = check_yardstick(prior)
    assert found is not None
    assert found.advice.endswith("try --set bottleneck.beta=1, --epochs 30 or --recipe autoencoder.")


def test_twice_the_error_of_pca_is_reported_of_regularised_models_too() -> None:
    penalised = {"spec": {"penalties": [{"name": "l1"}]}, "pca_mse": 0.5, "ratio_ci95": (1.3, 2.9)}
    assert check_yardstick(case(mse=0.99, **penalised)) is None
    assert check_yardstick(case(mse=1.0, **penalised)) is not None


@pytest.mark.parametrize(
    "excuse",
    [
        {"ratio_ci95": (1.05, 3.0)},
        {"pca_mse": None},
        {"groups": 19},
        {"pca_mse": 9e-7},
        {"mse": 0.8, "ratio_ci95": (1.5, 1.7), "spec": {"penalties": [{"name": "l1"}]}},
    ],
)
def test_who_may_not_be_behind_is_not_reported(excuse: dict[str, object]) -> None:
    assert check_yardstick(case(**{"mse": 1.0, "ratio_ci95": (1.7, 2.3), **excuse})) is None


def test_the_rise_is_a_share_of_the_fall() -> None:
    assert rise(epochs(5.0, 1.0, 2.0)) == pytest.approx(0.25)
    assert rise(epochs(5.0, 1.0, 2.0, kept=1)) == 0
    earlier = [{**epoch, "stage": "layer 1"} for epoch in epochs(0.1, 9.0)]
    assert rise([*earlier, *epochs(5.0, 1.0, 2.0)]) == pytest.approx(0.25)


WIDE = Gap(4.0, 3.0)


def test_overfitting_takes_a_gap_and_a_loss() -> None:
    """The held-out error is far above the training error, and it does harm."""
    risen = epochs(5.0, 1.0, 2.0)
    assert check_overfitting(case(gap=WIDE, mse=0.4)) is None
    assert check_overfitting(case(gap=WIDE, mse=0.6)) is not None
    assert check_overfitting(case(gap=WIDE, mse=0.4, history=risen)) is not None
    assert check_overfitting(case(gap=Gap(4.0, 2.4), mse=0.6, history=risen)) is None
    assert check_overfitting(case(gap=WIDE, mse=0.6, groups=19)) is None
    assert check_overfitting(case(gap=WIDE, mse=0.6, pca_mse=None)) is None


def test_overfitting_is_told_with_its_numbers() -> None:
    found = check_overfitting(
        case(gap=WIDE, mse=0.6, history=epochs(5.0, 1.0, 2.0), training={"keep": "last"})
    )
    assert found is not None
    assert "4.0 times that on training rows (at least 3.0 times, with 95 % confidence)" in found.evidence
    assert "That of PCA on held-out rows is 0.5." in found.evidence
    assert "Before the kept epoch the validation loss rose by 25 % of its fall." in found.evidence
    assert "--set training.keep=best" in found.advice


def test_dead_units_are_counted_by_layer() -> None:
    found = check_dead_units(case(dead=(Layer(2, 8), Layer(1, 8), Layer(4, 4))))
    assert found is not None
    assert found.evidence == (
        "Units that do not change with the input: 2 of 8 in layer 1 of the encoder, 4 of 4 in the code."
    )
    assert check_dead_units(case(dead=(Layer(1, 8), Layer(0, 4)))) is None


def test_a_code_that_is_chosen_from_a_table_may_be_constant() -> None:
    chosen = Evidence(used=np.array([3, 0]))
    assert check_dead_units(case(dead=(Layer(0, 8), Layer(4, 4)), evidence=chosen)) is None
    assert check_dead_units(case(dead=(Layer(8, 8), Layer(4, 4)), evidence=chosen)) is not None


def test_another_activation_is_advised_where_it_is_not_the_default() -> None:
    relu = {"encoder": {"name": "mlp", "activation": "relu"}}
    for spec, advised in ((relu, True), ({}, False), ({"encoder": {"name": "linear"}}, False)):
        found = check_dead_units(case(dead=(Layer(8, 8), Layer(0, 4)), spec=spec))
        assert found is not None
        assert ("activation=silu" in found.advice) == advised
