"""The entries about what autoencoders are used for, without restoration."""

from __future__ import annotations

from narrows.reproduce.anomaly_detection import U4
from narrows.reproduce.code_arithmetic import U6
from narrows.reproduce.compression import U2
from narrows.reproduce.dimension_reduction import U1
from narrows.reproduce.few_labels import U8
from narrows.reproduce.lab import Entry
from narrows.reproduce.latent_plane import U7
from narrows.reproduce.preprocessing import U12
from narrows.reproduce.samples_by_epoch import U5

ENTRIES: tuple[Entry, ...] = (U1, U2, U4, U5, U6, U7, U8, U12)
