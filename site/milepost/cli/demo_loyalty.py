"""The demo's programs: regulars, a journey, subscribers who stay, and an invitation back."""

from datetime import datetime

from milepost.domain.loyalty_rewards import REWARDS, LoyaltyReward
from milepost.domain.program_plans import ProgramPlan, Step
from milepost.services.author import Author
from milepost.services.loyalty_settings import Settings, save_settings
from milepost.services.programs import create_program, turn_on
from milepost.storage.database import Database

CURRENCY = "USD"
SETTINGS = Settings(
    earns={"USD": (1, 100), "EUR": (1, 100)},  # a point for each dollar and euro
    buys={"USD": (20, 100), "EUR": (20, 100)},  # twenty are worth one of them
)


async def open_programs(database: Database, owner: Author, now: datetime) -> None:
    """A point for each unit of money, and four programs that are on."""
    await save_settings(database, owner, SETTINGS, now)
    for plan in _plans(now):
        program_id = await create_program(database, owner, plan, now)
        await turn_on(database, owner, program_id, now)


def _plans(now: datetime) -> tuple[ProgramPlan, ...]:
    return (
        ProgramPlan(
            "orders",
            "Regulars",
            (
                Step("orders", 2, _gives("points", 200)),
                Step("orders", 5, _gives("percent", 1000)),
                Step("orders", 10, _gives("credit", 1500)),
            ),
            now,
            currency=CURRENCY,
            names={"de": "Stammgäste"},
        ),
        ProgramPlan(
            "mixed",
            "The long way round",
            (
                _said("orders", 1, _gives("points", 50), "Come along.", "Komm mit."),
                _said("reviews", 1, _gives("points", 100), "Say how it is.", "Sag, wie es ist."),
                _said("referrals", 1, _gives("credit", 1000), "Bring a friend.", "Bring jemanden."),
                _said(
                    "spend", 20_000, _gives("shipping", None), "Stay a while.", "Bleib ein wenig."
                ),
            ),
            now,
            currency=CURRENCY,
            names={"de": "Der lange Weg"},
        ),
        ProgramPlan(
            "cycles",
            "Up before the sun",
            (
                Step("cycles", 2, _gives("points", 150)),
                Step("cycles", 8, _gives("percent", 1500)),
            ),
            now,
            currency=CURRENCY,
        ),
        ProgramPlan(
            "inactivity",
            "The gate is open",
            (Step("months", 3, _gives("points", 100)),),
            now,
            currency=CURRENCY,
            names={"de": "Das Tor steht offen"},
        ),
    )


def _said(measure: str, target: int, gives: LoyaltyReward, text: str, german: str) -> Step:
    """A step of the journey, in both languages."""
    return Step(measure, target, gives, text, texts={"de": german})


def _gives(kind: str, asked: int | None) -> LoyaltyReward:
    return REWARDS[kind].make(asked, CURRENCY)
