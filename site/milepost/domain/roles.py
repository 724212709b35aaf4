"""Who may what in a store: one table, which everything that asks reads (B18)."""

from enum import StrEnum

from milepost.domain.messages import N_, Sentence


class Role(StrEnum):
    """What a member is in a store, from the most rights to the fewest."""

    OWNER = "owner"
    EDITOR = "editor"
    FULFILLER = "fulfiller"
    VIEWER = "viewer"


class Deed(StrEnum):
    """Something that a page of the studio lets somebody do."""

    MIND_ACCOUNT = "mind_account"  # belongs to no store: whoever is signed in, for themselves
    SEE_STORE = "see_store"
    SEE_PEOPLE = "see_people"
    MIND_PEOPLE = "mind_people"
    SEE_LOG = "see_log"
    SEE_CAMPAIGN = "see_campaign"
    EDIT_CAMPAIGN = "edit_campaign"  # its page, its milestones, what is said in its name
    SEE_PLEDGES = "see_pledges"  # who backed, and where it is sent
    MIND_PLEDGES = "mind_pledges"  # money back, cancels, releases, disputes
    FULFIL = "fulfil"


_NAMES = {
    Role.OWNER: N_("owner"),
    Role.EDITOR: N_("editor"),
    Role.FULFILLER: N_("fulfiller"),
    Role.VIEWER: N_("viewer"),
}
ALL = frozenset(Role)
EDITORS = frozenset({Role.OWNER, Role.EDITOR})
FULFILLERS = EDITORS | {Role.FULFILLER}
MAY: dict[Deed, frozenset[Role]] = {
    Deed.MIND_ACCOUNT: ALL,
    Deed.SEE_STORE: ALL,
    Deed.SEE_PEOPLE: ALL,
    Deed.MIND_PEOPLE: frozenset({Role.OWNER}),
    Deed.SEE_LOG: EDITORS,
    Deed.SEE_CAMPAIGN: ALL,
    Deed.EDIT_CAMPAIGN: EDITORS,
    Deed.SEE_PLEDGES: FULFILLERS,
    Deed.MIND_PLEDGES: EDITORS,
    Deed.FULFIL: FULFILLERS,
}


def may(role: Role, deed: Deed) -> bool:
    """True when a member with this role has the right."""
    return role in MAY[deed]


def role_sentence(role: str) -> Sentence:
    """What the role is called, in the middle of a sentence."""
    return Sentence(_NAMES[Role(role)])
