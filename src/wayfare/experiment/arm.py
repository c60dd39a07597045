"""The arm: who is treated and who is control, sticky by a hash and never redrawn."""

from __future__ import annotations

from typing import Literal, TypeAlias

from wayfare.ground.draw import draw

Arm: TypeAlias = Literal["treated", "control"]


def arm(tenant: str, journey: str, birth: str, holdout: float, global_holdout: float) -> Arm:
    """The arm of a person in a journey: control when the global or the journey's own draw falls into its holdout.

    `birth` is the profile that the enrollment is born with; shares are fractions between 0 and 1.
    """
    if global_holdout > 0 and draw("holdout", tenant, birth) < global_holdout:
        return "control"
    if holdout > 0 and draw("holdout", journey, birth) < holdout:
        return "control"
    return "treated"
