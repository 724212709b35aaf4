"""What a creator wants a milestone to be, and what they must have seen before it is (A10, A12)."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from milepost.domain.audience import Audience
from milepost.domain.errors import Conflict, Invalid
from milepost.domain.messages import N_
from milepost.domain.rewards import CodeKind, Reveal, RewardKind
from milepost.domain.whatif import Foresight, Reissue, Seen
from milepost.services.foreseeing import Wish
from milepost.services.preparing import NewProduct, create_product
from milepost.storage import milestones, tiers, whatif
from milepost.storage.database import Connection


@dataclass(frozen=True, slots=True)
class NewReward:
    """What a milestone gives: a product of the store (R1), or a reveal (R2).

    `cost` is what one piece costs the creator, in minor units of the campaign's currency; None
    where they have not said it.
    """

    title: str
    product_id: int | None = None
    image: str = ""
    image_alt: str = ""
    text_before: str = ""
    text_after: str = ""
    exclusive: str = ""
    code_kind: CodeKind = "none"
    shared_code: str = ""
    cost: int | None = None
    translations: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def kind(self) -> RewardKind:
        """What it is."""
        return "reveal" if self.product_id is None else "product"

    @property
    def columns(self) -> dict[str, Any]:
        """Its row."""
        return {"kind": self.kind, **asdict(self)}


@dataclass(frozen=True, slots=True)
class NewMilestone:
    """A target in the campaign's basis, an audience, one reward, and how it opens (R3).

    With `product` the reward is a product that is made with the milestone (R1).
    """

    target: int
    reward: NewReward
    audience: Audience = field(default_factory=Audience)
    reveal: Reveal = "automatic"
    mystery: bool = False
    codes: tuple[str, ...] = ()
    product: NewProduct | None = None

    def wish(self, milestone_id: int | None = None) -> Wish:
        """The same, for whoever foresees what it would do."""
        return Wish(
            target=self.target,
            audience=self.audience,
            milestone_id=milestone_id,
            product_id=self.reward.product_id,
            stock=self.product.stock if self.product is not None else None,
            from_pool=self.reward.code_kind == "pool",
            new_codes=len(self.codes),
            cost=self.reward.cost,
        )


class NotSeen(Conflict):
    """What this would do at once has not been seen, or is not what was seen (A10, A12)."""

    def __init__(self, answer: Foresight | Reissue, was_seen: bool) -> None:
        self.answer = answer
        super().__init__(
            N_("The campaign has moved meanwhile: this would do something else now. Look again.")
            if was_seen
            else N_("This takes effect at once. Look at what it would do, then save it.")
        )


def wish_of(row: Any, reward: Any, target: int | None = None) -> Wish:
    """A milestone as it stands, or with another target, for whoever foresees what it would do."""
    return Wish(
        target=target or row["target"],
        audience=milestones.audience_of(row),
        milestone_id=row["id"],
        product_id=reward["product_id"],
        from_pool=reward["code_kind"] == "pool",
        cost=reward["cost"],
    )


async def check_parts(db: Connection, campaign: Any, new: NewMilestone) -> None:
    """Raises Invalid where it names a product or a tier that is not of this store or campaign."""
    product_id, wanted = new.reward.product_id, new.audience.tiers
    if product_id and await whatif.stock(db, campaign["store_id"], product_id) is None:
        raise Invalid(
            N_("That product is not in the store any more. Choose another one."), about="product"
        )
    if len(await tiers.chosen(db, campaign["id"], wanted)) < len(wanted):
        raise Invalid(
            N_("One of the rewards that qualify is gone. Choose them again."), about="tiers"
        )


async def with_product(db: Connection, campaign: Any, new: NewMilestone) -> NewReward:
    """The reward, its product made where it is a new one."""
    if new.product is None:
        return new.reward
    made = await create_product(db, campaign["store_id"], new.product)
    return replace(new.reward, product_id=made)


def must_be_seen(answer: Foresight | Reissue, seen: Seen | None) -> None:
    if seen is None or not seen.holds(answer.seen):
        raise NotSeen(answer, seen is not None)
