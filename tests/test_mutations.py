"""Broken files: refused in one sentence, or read as what they now are; nothing else."""

from __future__ import annotations

import random
import shutil
import warnings
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.mutations import SOURCES, make_sources, mutated, outcome


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    make_sources(folder)
    return folder


@pytest.mark.parametrize("name", SOURCES)
def test_an_untouched_source_is_the_same(name: str, sources: Path) -> None:
    assert outcome(sources / name, sources / name) == "the same"


@pytest.mark.parametrize("name", SOURCES)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_a_broken_source_is_refused_or_right(
    name: str, seed: int, sources: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("broken") / name
    mutated(sources / name, place, random.Random(seed))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # libraries' remarks on broken images
        outcome(sources / name, place)


def test_a_run_whose_weights_changed_by_one_bit_is_refused(sources: Path, tmp_path: Path) -> None:
    place = tmp_path / "run"
    shutil.copytree(sources / "run", place)
    weights = bytearray((place / "model.safetensors").read_bytes())
    weights[-5] ^= 1
    (place / "model.safetensors").write_bytes(weights)
    assert outcome(sources / "run", place) == "refused"
