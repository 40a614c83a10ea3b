from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save

from narrows.runs.evidence import PARTS, PLAIN, Evidence, StoredClassifier
from narrows.runs.folder import load_run
from tests.golden import HERE

RECORDS = [Evidence, StoredClassifier, *dict.fromkeys(kind for kind, _ in PARTS.values())]


def whole() -> Evidence:
    """Evidence in which every array is there, and no two are the same."""
    count = iter(range(1, 1000))

    def array() -> np.ndarray[Any, Any]:
        return np.full(next(count), 0.5, np.float32)

    parts = {name: kind(**{f.name: array() for f in fields(kind)}) for name, (kind, _) in PARTS.items()}
    classifier = StoredClassifier(("a", "ö"), {"network.layer.weight": array(), "bias": array()})
    plain = {name: array() for name in PLAIN}
    return Evidence(**plain, **parts, ids=("first", "zweite", "3"), classifier=classifier)


def test_every_array_has_its_own_name_and_comes_back() -> None:
    found = whole().arrays()
    lengths = [len(value) for name, value in found.items() if value.dtype == np.float32]
    assert len(set(lengths)) == len(lengths) == len(found) - 2
    again = Evidence.from_arrays(found)
    assert save(again.arrays()) == save(found)
    assert again.worst.reconstructions.shape == found["worst_reconstructions"].shape
    assert again.classifier is not None
    assert again.classifier.names == ("a", "ö")


def test_ids_come_back_as_words() -> None:
    assert Evidence.from_arrays(whole().arrays()).ids == ("first", "zweite", "3")
    assert Evidence.from_arrays({}).ids == ()


@pytest.mark.parametrize("name", [f.name for f in fields(Evidence)])
def test_what_is_absent_stays_absent(name: str) -> None:
    default = getattr(Evidence(), name)
    without = replace(whole(), **{name: default}).arrays()
    again = Evidence.from_arrays(without)
    assert again.arrays().keys() == without.keys()
    assert default is not None or getattr(again, name) is None


@pytest.mark.parametrize("record", RECORDS)
def test_every_field_is_described(record: type) -> None:
    described = (record.__doc__ or "").split("Attributes:")[-1]
    assert all(f"    {f.name}: " in described for f in fields(record))


@pytest.mark.parametrize("folder", sorted((HERE).glob("*/*/evidence.safetensors")))
def test_the_evidence_of_released_folders_is_written_again_byte_for_byte(folder: Any) -> None:
    run = load_run(folder.parent)
    assert save(run.evidence.arrays()) == folder.read_bytes()
    assert load_file(folder).keys() == run.evidence.arrays().keys()
    assert run.evidence.reference is None
