from __future__ import annotations

import pytest
import torch

from narrows.core.errors import InputError
from narrows.core.records import Batch, Domain
from narrows.model.bottlenecks import BOTTLENECKS
from narrows.model.build import build
from narrows.model.penalties import PENALTIES
from narrows.training.stages import plan

SPEC = {
    "encoder": {"name": "mlp", "widths": [16]},
    "bottleneck": {"name": "plain", "latent_dim": 2},
    "loss": {"name": "squared"},
}


def test_a_bare_objective_runs_on_other_data() -> None:
    objective = build(SPEC, Domain((3,)))
    assert objective(Batch(torch.randn(4, 3))).total.dim() == 0


def test_a_decoder_mirrors_its_encoder_unless_told_otherwise() -> None:
    spec = {
        "encoder": {"name": "mlp", "widths": [20, 10], "activation": "tanh"},
        "bottleneck": {"name": "plain", "latent_dim": 2},
        "loss": {"name": "squared"},
    }
    decoder = build(spec, Domain((6,))).model.decoder
    assert [m.out_features for m in decoder.modules() if isinstance(m, torch.nn.Linear)] == [10, 20, 6]
    assert [m for m in decoder.modules() if isinstance(m, torch.nn.Tanh)]
    wide = build({**spec, "decoder": {"name": "mlp", "widths": [30]}}, Domain((6,))).model.decoder
    assert [m.out_features for m in wide.modules() if isinstance(m, torch.nn.Linear)] == [30, 6]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"encoder": {"name": "convv"}}, "Did you mean 'conv'"),
        ({"encoder": {"name": "mlp", "width": [3]}}, "Did you mean 'widths'"),
        ({"encoder": {"name": "mlp", "widths": "many"}}, "must be a list of whole numbers"),
        ({"encoder": {"name": "mlp", "activation": "rely"}}, "must be one of 'relu'"),
        ({"encoder": {"name": "conv"}}, "is for images"),
        ({"bottleneck": {"name": "gaussian", "latent_dim": 2, "beta": -1.0}}, "at least 0"),
        ({"bottleneck": {"name": "gaussian", "latent_dim": 2, "beta": "big"}}, "must be a finite number"),
        ({"penalties": [{"name": "l1"}, {"name": "l1"}]}, "named twice"),
        ({"penalty": []}, "Did you mean 'penalties'"),
    ],
)
def test_a_wrong_spec_is_answered_in_one_sentence(change: dict[str, object], message: str) -> None:
    spec = {
        "encoder": {"name": "mlp"},
        "bottleneck": {"name": "plain", "latent_dim": 2},
        "loss": {"name": "squared"},
    }
    with pytest.raises(InputError, match=message):
        build({**spec, **change}, Domain((6,)))


def test_several_samples_are_decoded_each() -> None:
    """A bottleneck may draw several codes per example; the model keeps the axis."""
    spec = {
        "encoder": {"name": "mlp"},
        "bottleneck": {"name": "plain", "latent_dim": 2},
        "loss": {"name": "squared"},
    }
    objective = build(spec, Domain((6,)))
    plain = objective.model.bottleneck.forward
    objective.model.bottleneck.forward = lambda *a, **k: type(plain(*a, **k))(
        plain(*a, **k).z.repeat(3, 1, 1)
    )  # type: ignore[method-assign]
    costs, trace = objective.traced(Batch(torch.randn(5, 6)))
    assert trace.y.shape == (3, 5, 6)
    assert costs.parts["reconstruction"].value.shape == (3, 5)


IMAGE_NETWORKS = ("linear", "mlp", "block", "conv", "layers", "unet")


@pytest.mark.parametrize("network", IMAGE_NETWORKS)
@pytest.mark.parametrize("bottleneck", BOTTLENECKS)
def test_every_bottleneck_and_network_of_images_takes_a_pose(bottleneck: str, network: str) -> None:
    """All weights learn, outputs lie as the images do, and codes have the size that they had without."""
    torch.manual_seed(0)
    spec = {
        "encoder": {"name": network},
        "bottleneck": {"name": bottleneck, "latent_dim": 4},
        "loss": {"name": "gaussian", "variance": "predicted"},
        "pose": {"name": "found", "shift": True, "scale": True},
    }
    objective, batch = build(spec, Domain((2, 9, 9))).train(), Batch(torch.rand(6, 2, 9, 9))
    objective(batch).total.backward()
    still = [n for n, p in objective.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    assert still == []
    model = objective.eval().model
    assert model.reconstruct(batch).shape == batch.x.shape
    assert model.poses(batch).shape == (6, 4)
    z = model.encode(batch)
    assert z.shape == (6, model.code_size) == (6, 4)
    assert model.bypassed or model.decode(z).shape == batch.x.shape


def test_a_spec_without_a_pose_has_the_weights_that_it_had() -> None:
    plain = build({**SPEC, "pose": {"name": "none"}}, Domain((1, 4, 4))).state_dict()
    assert plain.keys() == build(SPEC, Domain((1, 4, 4))).state_dict().keys()
    assert not any("found" in name for name in plain)


def test_the_scores_of_poses_learn_and_are_no_cost() -> None:
    """The total is that of the model with the pose that was best, and history names no other cost."""
    torch.manual_seed(0)
    objective = build({**SPEC, "pose": {"name": "found"}}, Domain((1, 9, 9))).train()
    costs = objective(Batch(torch.rand(6, 1, 9, 9)))
    assert costs.parts.keys() == {"reconstruction"}
    torch.testing.assert_close(costs.total, costs.parts["reconstruction"].value.mean())


def test_a_model_with_a_pose_is_compared_by_all_its_numbers() -> None:
    posed = {**SPEC, "pose": {"name": "found", "shift": True}}
    assert build(SPEC, Domain((1, 9, 9))).model.numbers == 2
    assert build(posed, Domain((1, 9, 9))).model.numbers == 5


@pytest.mark.parametrize("penalty", PENALTIES)
def test_every_penalty_takes_a_pose(penalty: str) -> None:
    """Also the contractive one, which is the derivative through the turned image."""
    torch.manual_seed(0)
    encoder = {"name": "mlp", "widths": [16], "activation": "sigmoid"}
    spec = {**SPEC, "encoder": encoder, "pose": {"name": "found"}, "penalties": [{"name": penalty}]}
    objective = build(spec, Domain((1, 9, 9))).train()
    costs = objective(Batch(torch.rand(6, 1, 9, 9)))
    costs.total.backward()
    assert costs.parts[penalty].value.isfinite().all()


def test_layers_are_not_pretrained_one_by_one_with_a_pose() -> None:
    objective = build({**SPEC, "pose": {"name": "found"}}, Domain((1, 9, 9)))
    with pytest.raises(InputError, match="images as they lie"):
        plan(objective, 10, 0.5)
