"""Recordings in files of their own: one, a folder, or a pattern."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from narrows.data.recordings.recording import Loaded
from narrows.data.recordings.ts import read_ts
from narrows.data.recordings.wav import read_wav

RECORDED: dict[str, Callable[[Path], Loaded]] = {"ts": read_ts, "wav": read_wav}
"""The readers of formats that hold nothing but recordings."""
