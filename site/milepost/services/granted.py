"""Why a backer has a grant of a campaign: the rule that decides, as it decides now (R5)."""

from milepost.domain.audience import reason
from milepost.domain.messages import Sentence
from milepost.domain.money import Money
from milepost.domain.settlement import Backer, verdicts
from milepost.services.settling import standing_of
from milepost.storage import api_fulfilment, ledger, milestones
from milepost.storage.database import Connection


async def why_granted(
    db: Connection, store_id: int, milestone_id: int, beneficiary: int
) -> tuple[str, Sentence] | None:
    """The rule's name and its sentence, as its owner reads it; None for a program's grant."""
    row = await api_fulfilment.to_explain(db, store_id, milestone_id, beneficiary)
    if row is None:
        return None
    customer_id = row["customer_id"]
    found = await ledger.other_pledges_of(db, row["campaign_id"], [customer_id], [])
    backer = Backer(customer_id, row["first_seq"], sorted(found, key=lambda pledge: pledge.id))
    track = await milestones.promised_on(db, row["track_id"])
    milestone = next((each for each in track if each.id == milestone_id), None)
    if milestone is None:
        return None
    verdict = dict(verdicts(standing_of(row), milestone, backer)).get(beneficiary)
    if verdict is None:
        return None
    money = row["basis"] == "money"
    name = Money(row["target"], row["currency"]) if money else row["target"]
    said = reason(verdict.because, row["title"] or name, row["first_seq"], row["reached_seq"])
    return verdict.because, said
