from __future__ import annotations

from typing import Literal

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from narrows.core.errors import InputError
from narrows.core.records import Batch, Domain
from narrows.model.build import Model, build
from narrows.model.networks.conv import ConvDecoder, ConvEncoder
from narrows.model.networks.layers import LayersDecoder, LayersEncoder
from narrows.model.networks.mlp import MlpEncoder


@settings(max_examples=40, deadline=None)
@given(
    channels=st.integers(1, 4),
    height=st.integers(1, 50),
    width=st.integers(1, 50),
    upsample=st.sampled_from(["transposed", "nearest"]),
    hidden=st.sampled_from([0, 8]),
)
def test_conv_gives_any_size_back(
    channels: int, height: int, width: int, upsample: Literal["transposed", "nearest"], hidden: int
) -> None:
    shape = (channels, height, width)
    encoder = ConvEncoder(shape, channels=2, hidden=hidden)
    features = encoder(torch.randn(2, *shape), {})
    assert features.h.shape[1:] == encoder.out_shape
    decoder = ConvDecoder((3,), shape, channels=2, hidden=hidden, upsample=upsample)
    assert decoder(torch.randn(2, 3), (), {}).shape == (2, *shape)


def test_depth_can_be_chosen() -> None:
    encoder = ConvEncoder((1, 28, 28), depth=4, hidden=0)
    assert encoder.out_shape == (256, 2, 2)


def test_upsampling_uses_no_transposed_convolution() -> None:
    decoder = ConvDecoder((3,), (1, 28, 28), upsample="nearest")
    assert not [m for m in decoder.modules() if isinstance(m, torch.nn.ConvTranspose2d)]


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
    costs = objective(Batch(torch.randn(5, 6)))
    assert costs.trace.y.shape == (3, 5, 6)
    assert costs.parts["reconstruction"].value.shape == (3, 5)


def test_layers_are_read_as_written() -> None:
    encoder = LayersEncoder(
        (3, 9, 9), down="conv 4 k3 s2 p1, batchnorm, relu, maxpool k2 s2, flatten, linear 7, tanh"
    )
    kinds = [nn.Conv2d, nn.BatchNorm2d, nn.ReLU, nn.MaxPool2d, nn.Flatten, nn.Linear, nn.Tanh]
    assert [type(layer) for layer in encoder.layers] == kinds
    features = encoder(torch.randn(2, 3, 9, 9), {})
    assert features.h.shape == (2, 7)
    assert [h.shape for h in features.hidden] == [(2, 4, 5, 5), (2, 7)]


@settings(max_examples=40, deadline=None)
@given(
    height=st.integers(1, 60),
    width=st.integers(1, 60),
    up=st.sampled_from(
        [
            "spread 4, transposed 3 k3 s2 p1 o1, relu, transposed * k3 s2 p1 o1",
            "spread 4, upsample s2, conv * k3 p1",
            "spread 2, transposed 3 k5 s3 p1, relu, transposed * k2 s2 p1",
            "linear 9, relu, linear *",
        ]
    ),
)
def test_layers_give_any_size_back(height: int, width: int, up: str) -> None:
    decoder = LayersDecoder((3,), (2, height, width), up=up)
    assert decoder(torch.randn(2, 3), (), {}).shape == (2, 2, height, width)


def test_what_is_spread_is_the_smallest_map_that_grows_large_enough() -> None:
    decoder = LayersDecoder(
        (3,), (1, 28, 20), up="spread 8, transposed 4 k3 s2 p1 o1, transposed * k3 s2 p1 o1"
    )
    assert decoder.layers[0](torch.randn(1, 3)).shape == (1, 8, 7, 5)


@pytest.mark.parametrize(
    ("down", "message"),
    [
        ("convolution 16", "No layer is called 'convolution'"),
        ("conv", "has no number of channels, as in 'conv 16'"),
        ("conv 16 q3", "has a setting 'q3'; known: k3, s2, p1, o1"),
        ("linear 4, conv 3 k3", "The layer 'conv' is for images, not for values of shape 4"),
        ("spread 4", "'spread' is for decoders of images"),
        ("conv 4 k0", "has a setting 'k0'"),
    ],
)
def test_layers_that_cannot_be_are_refused_in_a_sentence(down: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        LayersEncoder((1, 8, 8), down=down)


def test_a_decoder_has_to_end_in_the_datas_shape() -> None:
    with pytest.raises(InputError, match=r"give 5, not 1x8x8; end them with '\*'"):
        LayersDecoder((3,), (1, 8, 8), up="linear 5")


def mlp(**decoder: object) -> Model:
    torch.manual_seed(0)
    spec = {
        "encoder": {"name": "mlp", "widths": [9, 5]},
        "bottleneck": {"name": "plain", "latent_dim": 2},
        "decoder": {"name": "mlp", **decoder},
        "loss": {"name": "squared"},
    }
    return build(spec, Domain((7,))).model


def test_tied_weights_are_the_encoders_transposed() -> None:
    model, free = mlp(tied=True), mlp()
    matrices = 7 * 9 + 9 * 5 + 5 * 2
    assert sum(p.numel() for p in model.parameters()) == sum(p.numel() for p in free.parameters()) - matrices
    assert not [name for name in model.state_dict() if name.startswith("decoder") and name.endswith("weight")]
    x = torch.randn(4, 7)
    first = model.reconstruct(x)
    with torch.no_grad():
        model.encoder.layers[0][0].weight.mul_(2)  # type: ignore[index, union-attr, operator]
    z = model.encode(x)
    w = [layer[0].weight for layer in model.encoder.layers]  # type: ignore[union-attr, index]
    act = nn.SiLU()
    by_hand = act(act(z @ model.bottleneck.project.weight) @ w[1]) @ w[0]  # type: ignore[operator]
    torch.testing.assert_close(model.reconstruct(x), by_hand)
    assert not torch.allclose(first, by_hand)


def test_tied_weights_need_a_mirror() -> None:
    with pytest.raises(InputError, match="mirrors the encoder layer by layer"):
        mlp(tied=True, widths=[4])


def test_residual_layers_add_to_their_input() -> None:
    encoder = MlpEncoder((4,), widths=(6, 6), residual=True)
    with torch.no_grad():
        for p in encoder.layers[1].parameters():
            p.zero_()
    features = encoder(torch.randn(3, 4), {})
    torch.testing.assert_close(features.hidden[0], features.h)
