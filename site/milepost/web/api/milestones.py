"""`/api/v1/campaigns/{slug}/milestones`: made, changed and opened by the rules of a promise."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import Query, Response

from milepost.domain.audience import Audience
from milepost.domain.errors import Conflict, Invalid, NotFound, Refusal
from milepost.domain.scopes import EDIT_CAMPAIGNS
from milepost.domain.whatif import Seen
from milepost.services import milestones as making
from milepost.services.amending import amend_milestone
from milepost.services.milestone_steps import REACHED
from milepost.services.milestone_wishes import NewMilestone, NotSeen
from milepost.storage import api_milestones, ledger, studio_milestones
from milepost.storage.database import Connection, reading, unit
from milepost.storage.milestones import audience_of
from milepost.web.api.campaigns import Editing, Seeing
from milepost.web.api.etags import IfMatch, etag_of, expect
from milepost.web.api.fields import Page, Paging, PathId, Slug
from milepost.web.api.gate import Call
from milepost.web.api.milestone_fields import (
    CodePool,
    Milestone,
    MilestoneEdit,
    MilestoneNew,
    MilestoneTotals,
    MoreCodes,
    RewardSent,
    standing,
    told,
)
from milepost.web.api.operations import operations
from milepost.web.api.parts import campaign_of
from milepost.web.api.rewards import reward_sent

router = operations("Milestones")
NO_MILESTONE = "There is no such milestone in this campaign."
AUDIENCE = ("audience", "include_crossing", "exclude_late", "per", "tiers", "cap")
LOCKED = ("target", *AUDIENCE, "reveal", "mystery")  # once it is reached (A11)
STATES = ("provisional", "owed", "held", "fulfilled", "void")


@router.get("/campaigns/{slug}/milestones")
async def list_milestones(
    call: Seeing,
    slug: Slug,
    paging: Annotated[Paging, Query()],
    archived: bool | None = None,
) -> Page[Milestone]:
    """A campaign’s milestones, oldest first."""
    (after,) = paging.place()
    async with reading(call.database) as db:
        campaign = await campaign_of(db, call, slug)
        rows = await api_milestones.milestones(
            db,
            campaign["id"],
            after,
            paging.limit + 1,
            may_edit=EDIT_CAMPAIGNS in call.scopes,
            archived=archived,
        )
    return paging.page(rows, [told(row, call) for row in rows], "id")


@router.get("/campaigns/{slug}/milestones/{milestone}")
async def get_milestone(
    call: Seeing, slug: Slug, milestone: PathId, response: Response
) -> Milestone:
    """One milestone, with its `ETag`."""
    async with reading(call.database) as db:
        campaign = await campaign_of(db, call, slug)
        found = told(await found_in(db, call, campaign, milestone), call)
    response.headers["etag"] = etag_of(standing(found))
    return found


@router.get("/campaigns/{slug}/milestones/{milestone}/totals")
async def get_milestone_totals(call: Seeing, slug: Slug, milestone: PathId) -> MilestoneTotals:
    """What came of a milestone: how far it is, its grants by their state, its pool of codes."""
    async with reading(call.database) as db:
        campaign = await campaign_of(db, call, slug)
        row = await found_in(db, call, campaign, milestone)
        granted = await studio_milestones.grants(db, milestone)
        pool = await studio_milestones.pool(db, milestone)
    live = [said for state, said in granted.items() if state != "void"]
    is_ahead = row["reached_seq"] is None
    return MilestoneTotals(
        left=max(0, row["target"] - campaign["total"]) if is_ahead else 0,
        **{state: granted[state]["grants"] if state in granted else 0 for state in STATES},
        pieces=sum(said["pieces"] for said in live),
        backordered=sum(said["waiting"] for said in live),
        flagged=sum(said["flagged"] for said in granted.values()),
        pool=CodePool(codes=pool["codes"], free=pool["free"]),
    )


@router.post("/campaigns/{slug}/milestones", status_code=201)
async def add_milestone(
    call: Editing, slug: Slug, sent: MilestoneNew, response: Response
) -> Milestone:
    """Add a milestone to a campaign.

    At or below the present total it is reached at once: look first at what that grants
    (`…/foresight`), and send its `seen`.
    """
    async with unit(call.database) as db:
        campaign = await campaign_of(db, call, slug)
        await ledger.lock_campaign(db, campaign["id"])
        with _placed():
            reward = await reward_sent(db, call, campaign, sent.reward, None)
            if sent.codes and reward.code_kind != "pool":
                raise Invalid("Only a pool has codes. Send its `code_kind`.", about="codes")
            new = NewMilestone(
                target=sent.target,
                reward=reward,
                audience=_audience({name: getattr(sent, name) for name in AUDIENCE}),
                reveal=sent.reveal,
                mystery=sent.mystery,
                codes=tuple(sent.codes),
            )
            made = await making.add_milestone(
                call.database, campaign["id"], new, call.author.email, call.now,
                creator_id=call.author.creator_id, ask=True, seen=Seen.read(sent.seen or ""),
            )  # fmt: skip
        found = told(await found_in(db, call, campaign, made), call)
    response.headers["etag"] = etag_of(standing(found))
    response.headers["location"] = f"/api/v1/campaigns/{slug}/milestones/{made}"
    return found


@router.patch("/campaigns/{slug}/milestones/{milestone}")
async def edit_milestone(
    call: Editing,
    slug: Slug,
    milestone: PathId,
    sent: MilestoneEdit,
    response: Response,
    if_match: IfMatch = None,
) -> Milestone:
    """Change a milestone; each change of what it promises is kept.

    What would be reached or change for those who have it at once must have been looked at
    (`…/foresight`, `…/reissue`): send its `seen`.
    """
    async with unit(call.database) as db:
        campaign = await campaign_of(db, call, slug)
        await ledger.lock_campaign(db, campaign["id"])
        row = await found_in(db, call, campaign, milestone)
        present = told(row, call)
        expect(if_match, standing(present))
        wanted = {name: getattr(sent, name) for name in LOCKED if name in sent.model_fields_set}
        _check_locked(present, wanted)
        values = {name: row[name] for name in LOCKED} | wanted
        is_reached = row["reached_seq"] is not None
        with _placed():
            reward = sent.reward if "reward" in sent.model_fields_set else RewardSent()
            amended = NewMilestone(
                target=values["target"],
                reward=await reward_sent(db, call, campaign, reward, row),
                audience=_audience(values) if wanted else audience_of(row),
                reveal=values["reveal"],
                mystery=values["mystery"],
            )
            await amend_milestone(
                call.database, milestone, amended, call.author.email, call.now,
                creator_id=call.author.creator_id,
                also_granted=sent.also_granted and is_reached,
                seen=Seen.read(sent.seen or ""),
            )  # fmt: skip
        found = told(await found_in(db, call, campaign, milestone), call)
    response.headers["etag"] = etag_of(standing(found))
    return found


@router.post("/campaigns/{slug}/milestones/{milestone}/codes")
async def add_codes(call: Editing, slug: Slug, milestone: PathId, sent: MoreCodes) -> CodePool:
    """Add codes to a milestone’s pool; whoever waits for one gets it."""
    async with unit(call.database) as db:
        campaign = await campaign_of(db, call, slug)
        await found_in(db, call, campaign, milestone)
        await making.add_codes(
            call.database, milestone, sent.codes, call.author.email, call.now,
            creator_id=call.author.creator_id,
        )  # fmt: skip
        pool = await studio_milestones.pool(db, milestone)
    return CodePool(codes=pool["codes"], free=pool["free"])


@router.post("/campaigns/{slug}/milestones/{milestone}/reveal")
async def reveal_milestone(
    call: Editing, slug: Slug, milestone: PathId, response: Response
) -> Milestone:
    """Open a reached milestone on every page; its mails go out. A second time does nothing."""
    return await _done(call, slug, milestone, response, making.reveal_milestone)


@router.post("/campaigns/{slug}/milestones/{milestone}/archive")
async def archive_milestone(
    call: Editing, slug: Slug, milestone: PathId, response: Response
) -> Milestone:
    """Take a milestone off the trail; what it has granted stands."""
    return await _done(call, slug, milestone, response, making.archive_milestone)


async def _done(
    call: Call, slug: str, milestone_id: int, response: Response, act: Any
) -> Milestone:
    async with unit(call.database) as db:
        campaign = await campaign_of(db, call, slug)
        await found_in(db, call, campaign, milestone_id)
        author = call.author
        await act(call.database, milestone_id, author.email, call.now, creator_id=author.creator_id)
        found = told(await found_in(db, call, campaign, milestone_id), call)
    response.headers["etag"] = etag_of(standing(found))
    return found


async def found_in(db: Connection, call: Call, campaign: Any, milestone_id: int) -> Any:
    """The campaign's milestone, its secrets for a token that may edit. Raises NotFound."""
    may_edit = EDIT_CAMPAIGNS in call.scopes
    row = await api_milestones.milestone(db, campaign["id"], milestone_id, may_edit=may_edit)
    if row is None:
        raise NotFound(NO_MILESTONE)
    return row


@contextmanager
def _placed() -> Iterator[None]:
    """Refusals say where in what was sent something is wrong."""
    try:
        yield
    except NotSeen as refusal:
        refusal.about = "seen"
        raise
    except Refusal as refusal:
        if refusal.about in RewardSent.model_fields:
            refusal.about = f"reward/{refusal.about}"
        raise


def _check_locked(present: Milestone, wanted: dict[str, Any]) -> None:
    """Raises Conflict where a reached milestone is to promise something else (A11)."""
    if present.reached_seq is None:
        return
    for name, value in wanted.items():
        stands = getattr(present, name)
        if value != stands and not (name == "tiers" and set(value) == set(stands)):
            raise Conflict(REACHED, about=name)


def _audience(values: dict[str, Any]) -> Audience:
    """Whom it is for; only new backers can include the crossing pledge."""
    return Audience(
        kind=values["audience"],
        include_crossing=values["include_crossing"] and values["audience"] == "new_backers",
        exclude_late=values["exclude_late"],
        per=values["per"],
        tiers=frozenset(values["tiers"]),
        cap=values["cap"],
    )
