"""Networks: an encoder and its mirror decoder, one file each."""

from __future__ import annotations

from narrows.model.networks.base import Decoder, Encoder, Field, Network
from narrows.model.networks.block import BlockDecoder, BlockEncoder
from narrows.model.networks.conv import ConvDecoder, ConvEncoder
from narrows.model.networks.gcn import GcnDecoder, GcnEncoder
from narrows.model.networks.gin import GinDecoder, GinEncoder
from narrows.model.networks.gru import GruDecoder, GruEncoder
from narrows.model.networks.layers import LayersDecoder, LayersEncoder
from narrows.model.networks.linear import LinearDecoder, LinearEncoder
from narrows.model.networks.mlp import MlpDecoder, MlpEncoder
from narrows.model.networks.sgc import SgcDecoder, SgcEncoder
from narrows.model.networks.tcn import TcnDecoder, TcnEncoder
from narrows.model.networks.unet import UnetDecoder, UnetEncoder

__all__ = ["NETWORKS", "Decoder", "Encoder", "Field", "Network"]

NETWORKS: dict[str, Network] = {
    "linear": Network(LinearEncoder, LinearDecoder),
    "mlp": Network(MlpEncoder, MlpDecoder),
    "conv": Network(ConvEncoder, ConvDecoder),
    "block": Network(BlockEncoder, BlockDecoder),
    "layers": Network(LayersEncoder, LayersDecoder),
    "unet": Network(UnetEncoder, UnetDecoder),
    "gru": Network(GruEncoder, GruDecoder),
    "tcn": Network(TcnEncoder, TcnDecoder),
    "gcn": Network(GcnEncoder, GcnDecoder, linked=True),
    "sgc": Network(SgcEncoder, SgcDecoder, linked=True),
    "gin": Network(GinEncoder, GinDecoder, slotted=True),
}
