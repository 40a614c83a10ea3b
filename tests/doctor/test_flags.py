from __future__ import annotations

from narrows.doctor.flags import halved, longer, network, one_of, slower, weaker
from tests.doctor.made import case


def test_flags_are_a_choice() -> None:
    assert one_of("", "--a 1", "", "--b 2", "--c 3") == "--a 1, --b 2 or --c 3"
    assert one_of("--a 1") == "--a 1"


def test_a_network_is_widened_and_narrowed() -> None:
    assert network(case(), 2) == "--set encoder.widths=[128,64]"
    assert network(case(spec={"encoder": {"name": "mlp"}}), 0.5) == "--set encoder.widths=[256,128]"
    assert network(case(spec={"encoder": {"name": "mlp", "widths": [3]}}), 0.5) == "--set encoder.widths=[2]"
    assert network(case(spec={"encoder": {"name": "conv"}}), 2) == "--set encoder.channels=64"
    assert network(case(spec={"encoder": {"name": "tcn", "width": 10}}), 2) == "--set encoder.width=20"
    assert network(case(spec={"encoder": {"name": "linear"}}), 2) == ""
    assert network(case(spec={"encoder": {"name": "own"}}), 2) == ""


def test_training_is_made_longer_and_slower() -> None:
    assert longer(case()) == "--epochs 30"
    assert slower(case()) == "--set training.learning_rate=0.001"


def test_a_code_is_halved_down_to_one() -> None:
    assert (halved(9), halved(2), halved(1)) == ("--latent-dim 4", "--latent-dim 1", "")


def test_a_divergence_is_made_weaker_where_there_is_one() -> None:
    four = case(spec={"bottleneck": {"name": "gaussian", "beta": 4.0}})
    assert weaker(four, 10) == "--set bottleneck.beta=0.4"
    unsaid = case(spec={"bottleneck": {"name": "gaussian"}})
    assert (weaker(unsaid, 10), weaker(unsaid, 10, default=1.0)) == ("", "--set bottleneck.beta=0.1")
    assert weaker(case(spec={"bottleneck": {"name": "gaussian", "beta": 0.0}}), 10, default=1.0) == ""
