from __future__ import annotations

from narrows.core.records import Domain
from narrows.model.poses.base import Unposed


def test_examples_as_they_are_have_no_pose() -> None:
    domain = Domain((3,))
    assert Unposed(domain).within(domain) is domain
    assert Unposed(domain).names == ()
