"""What the package offers by name: no more and no less than is documented."""

from __future__ import annotations

import doctest
import inspect
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

import narrows

PUBLIC = [
    "AnomalyDetector",
    "Autoencoder",
    "DamagedRunError",
    "Denoiser",
    "InputError",
    "NarrowsError",
    "NoRoomError",
    "PretrainedClassifier",
    "SoftmaxRegression",
    "TrainingError",
    "__version__",
]


def test_the_names_of_the_package_are_these() -> None:
    assert sorted(narrows.__all__) == PUBLIC
    assert all(hasattr(narrows, name) for name in narrows.__all__)
    assert set(narrows.__all__) <= set(dir(narrows))
    with pytest.raises(AttributeError, match="no attribute 'PCA'"):
        narrows.PCA  # noqa: B018


def public_methods() -> Iterator[tuple[str, Any]]:
    for name in narrows.__all__:
        offered = getattr(narrows, name)
        if inspect.isclass(offered):
            ours = [base for base in offered.__mro__ if base.__module__.startswith("narrows.")]
            for attribute in sorted({attribute for base in ours for attribute in vars(base)}):
                if not attribute.startswith("_") and callable(getattr(offered, attribute, None)):
                    yield f"{name}.{attribute}", getattr(offered, attribute)


def test_every_class_has_an_example_that_shows_a_result() -> None:
    for name in narrows.__all__:
        offered = getattr(narrows, name)
        if inspect.isclass(offered) and not issubclass(offered, Exception):
            examples = doctest.DocTestParser().get_examples(inspect.getdoc(offered) or "")
            assert any(example.want for example in examples), name


@pytest.mark.parametrize(("name", "method"), [*public_methods()])
def test_every_method_says_what_it_takes_and_gives(name: str, method: Any) -> None:
    said = inspect.getdoc(method) or ""
    assert len(said) > 30, name
    given = [
        p for p in inspect.signature(method).parameters if p not in ("self", "cls", "y", "params", "deep")
    ]
    for parameter in given:
        assert f"`{parameter}" in said or f"{parameter}:" in said, f"{name} does not speak of {parameter}"
    annotation = inspect.signature(method).return_annotation
    if "Array" in str(annotation):
        assert "(n, " in said or "(n,)" in said or "same shape" in said, f"{name} tells no shape"


def test_every_constructor_documents_each_of_its_parameters() -> None:
    for name in narrows.__all__:
        offered = getattr(narrows, name)
        if inspect.isclass(offered) and not issubclass(offered, Exception):
            said = inspect.getdoc(offered) or ""
            for parameter in inspect.signature(offered).parameters:
                assert f"\n    {parameter}: " in said, f"{name} does not document {parameter}"


def test_waiting_threads_do_not_spin_from_before_torch_is_imported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The OpenMP library reads the variable once, when torch loads it; a value of the user's is kept."""
    script = "import os, sys, narrows; print('torch' in sys.modules, os.environ['OMP_WAIT_POLICY'])"
    for before, after in ((None, "passive"), ("active", "active")):
        monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
        if before:
            monkeypatch.setenv("OMP_WAIT_POLICY", before)
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        assert done.stdout == f"False {after}\n"
