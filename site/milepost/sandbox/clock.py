"""The sandbox's own time, which may be stopped and moved forward."""

import time


class Clock:
    """Unix time in seconds: real until frozen or advanced."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """The real time, running."""
        self.ahead = 0.0
        self.frozen_at: float | None = None

    def now(self) -> int:
        """Whole seconds, as Stripe's timestamps are."""
        return int(self.exact())

    def exact(self) -> float:
        """Seconds with their fraction."""
        return self.frozen_at if self.frozen_at is not None else time.time() + self.ahead

    def freeze(self, at: float | None = None) -> None:
        """Time stands still, at a given instant or at this one."""
        self.frozen_at = self.exact() if at is None else at

    def advance(self, seconds: float) -> None:
        """Time is `seconds` later than it was, frozen or not."""
        if self.frozen_at is None:
            self.ahead += seconds
        else:
            self.frozen_at += seconds

    def resume(self) -> None:
        """Time runs on from where it stands."""
        if self.frozen_at is not None:
            self.ahead = self.frozen_at - time.time()
            self.frozen_at = None

    def state(self) -> dict[str, float | None]:
        """What a restart needs."""
        return {"ahead": self.ahead, "frozen_at": self.frozen_at}

    def restore(self, state: dict[str, float | None]) -> None:
        """Carry on from a kept `state`."""
        self.ahead = state["ahead"] or 0.0
        self.frozen_at = state["frozen_at"]
