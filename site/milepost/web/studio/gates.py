"""What a store's plan does not have: said on the page, and refused (S21)."""

from starlette.requests import Request

from milepost.domain.errors import Conflict
from milepost.domain.messages import N_
from milepost.web.studio.desk import Desk
from milepost.wording.saying import say


def gate(request: Request, desk: Desk, feature: str) -> str:
    """Which plan has the feature, in a sentence; nothing where the store has it."""
    found = request.state.site.settings.plans.gate(desk.row["store_plan"], feature)
    return say(found, desk.locale) if found is not None else ""


def require(request: Request, desk: Desk, feature: str, about: str = "") -> None:
    """Raises Conflict where the store's plan does not have the feature."""
    if told := gate(request, desk, feature):
        raise Conflict(N_("Your plan does not have this. %(told)s"), about=about, told=told)


def ask_at(request: Request) -> str:
    """Where the operator wants to be asked for what is missing; nothing where they did not say."""
    return str(request.state.site.settings.plans.ask)
