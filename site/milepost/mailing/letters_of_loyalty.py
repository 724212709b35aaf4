"""What the mails about programs say; `detail` names their grants, by milestone and beneficiary."""

from typing import Any

from milepost.domain.loyalty_rewards import say_reward
from milepost.mailing.about import About, Said
from milepost.services.own_rewards import why_given
from milepost.services.posting import Pointless
from milepost.services.programs import reward_of
from milepost.services.publishing import in_language
from milepost.wording.saying import say


def reward_earned(a: About) -> Said:
    """What somebody has just earned, each with its reason (R5)."""
    _ = a.gettext
    grants = _standing(a)
    said = [_said(a, grant) for grant in grants]
    code, facts = _codes(a, grants)
    first = said[0]
    subject = _("Yours at %(store)s: %(reward)s", store=a.store_name, reward=first)
    if len(said) > 1:
        subject = _("You have earned something at %(store)s", store=a.store_name)
    return Said(
        subject=subject,
        preview=_why(a, grants[0]),
        title=_capital(first) if len(said) == 1 else _("What you have earned"),
        paragraphs=tuple(
            _("%(reward)s. %(why)s", reward=_capital(one), why=_why(a, grant))
            for one, grant in zip(said, grants, strict=True)
        ),
        code=code,
        facts=facts,
        button=(_("See your rewards"), f"{a.base_url}/me/rewards"),
        notes=_notes(a, grants),
    )


def come_back(a: About) -> Said:
    """News: an invitation after a spell without orders, and what it comes with (S7)."""
    _ = a.gettext
    grants = _standing(a)
    code, facts = _codes(a, grants)
    if not a.customer["news"]:
        raise Pointless("its reader wants no news")
    said = _("It has been a while since your last order at %(store)s.", store=a.store_name)
    return Said(
        subject=_("From %(store)s, to come back to: %(reward)s", store=a.store_name,
                  reward=_said(a, grants[0])),
        preview=said,
        title=_("Come back to %(store)s", store=a.store_name),
        paragraphs=(
            said,
            *(_("%(reward)s. %(why)s", reward=_capital(_said(a, grant)),
                why=_why(a, grant)) for grant in grants),
        ),
        code=code,
        facts=facts,
        button=(_("See what is new"), a.base_url + ("/shop" if a.customer["store_has_shop"]
                                                   else "/")),
        notes=_notes(a, grants),
        is_news=True,
        unsubscribe=_("No more news from %(store)s", store=a.store_name),
    )  # fmt: skip


def reward_expiring(a: About) -> Said:
    """A code of somebody's own ends within a week, and is not used."""
    _ = a.gettext
    grant = next(iter(a.grants), None)
    if grant is None or grant["code"] is None or grant["withdrawn_at"] or grant["state"] != "owed":
        raise Pointless("it was taken back, or is used")
    if grant["used"] or grant["closes_at"] is None or grant["closes_at"] <= a.now:
        raise Pointless("it was used, or is over")
    day = a.shown.day(grant["closes_at"], grant["zone"], a.now)
    said = _("%(reward)s is yours until %(day)s.", reward=_capital(_said(a, grant)), day=day)
    return Said(
        subject=_("Your code at %(store)s ends on %(day)s", store=a.store_name, day=day),
        preview=said,
        title=_("Your code ends soon"),
        paragraphs=(said, _why(a, grant)),
        code=grant["code"],
        button=(_("See your rewards"), f"{a.base_url}/me/rewards"),
    )


def _standing(a: About) -> list[Any]:
    """What was given and not taken back meanwhile."""
    grants = [grant for grant in a.grants if grant["state"] != "void"]
    if not grants:
        raise Pointless("it was taken back")
    return grants


def _why(a: About, grant: Any) -> str:
    return say(why_given(grant, a.locale), a.locale)


def _said(a: About, grant: Any) -> str:
    """The reward in the middle of a sentence."""
    reward = reward_of(grant)
    titles = [
        in_language(a.products[id_], a.locale)("title")
        for id_ in reward.products
        if id_ in a.products
    ]
    return say(say_reward(reward, ", ".join(titles)), a.locale)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _codes(a: About, grants: list[Any]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The code, where there is one; of several, each beside what it takes off."""
    coded = [grant for grant in grants if grant["code"] is not None]
    if len(coded) == 1:
        return coded[0]["code"], ()
    return "", tuple((_capital(_said(a, grant)), grant["code"]) for grant in coded)


def _notes(a: About, grants: list[Any]) -> tuple[str, ...]:
    _ = a.gettext
    notes = []
    if any(grant["code"] is not None for grant in grants):
        notes.append(_("A code is for you alone and works once."))
    for grant in grants:
        if grant["closes_at"] is not None:
            day = a.shown.day(grant["closes_at"], grant["zone"], a.now)
            notes.append(_("%(code)s works until %(day)s.", code=grant["code"], day=day))
    if ripe := [grant for grant in grants if grant["ripe_at"] is not None]:
        day = a.shown.day(ripe[0]["ripe_at"], ripe[0]["zone"], a.now)
        notes.append(_("Points can be spent from %(day)s.", day=day))
    if any(grant["products"] for grant in grants):
        notes.append(_("A gift comes with your next order."))
    return tuple(notes)
