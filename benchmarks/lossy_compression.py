"""Bytes at a PSNR: the recipe `compression` beside JPEG and WebP mosaics and codes of PCA under the same coder.

    python benchmarks/lossy_compression.py [--sets mnist,fashion-mnist,bsd68] [--epochs N] [--runs FOLDER]
        [--psnr 28,32,36] [--without WebP] [--out FILE.json]

MNIST and Fashion-MNIST: a model of 24,000 of the training images, judged on the 10,000 test images. BSD68: a
model of 180×180 pictures in `denoise/train400.npz` by patches of 64×64, judged on all 2,380 whole patches of
BSD68. PCA has all components, and was fitted to the same images, of BSD68 to 6,000 patches.

A size is that of the whole file, with its header; of ours it is decoded, and compared. A model is fitted
unless FOLDER has one. The architecture was chosen on other images of the training parts.

The claim: at each PSNR and on each set fewer bytes than JPEG, WebP and codes of PCA. Exits with 1 if not.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from narrows.data.datasets import data_folder, load
from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.evaluation.lossy_codecs import CODECS, Encoded, PcaCodes, Pixels, by_codec
from narrows.fitting.fit import fit
from narrows.runs.folder import load_run, save_run
from narrows.runs.run import Run
from narrows.tasks.compression.container import from_bytes, to_bytes
from narrows.tasks.compression.coder import stacked_bytes
from narrows.tasks.compression.quantised import compress, decompress

TRAINED = 24_000
"""Training images of MNIST and Fashion-MNIST."""

SIDE = 64
"""Of a patch."""
