"""Every kind of mail, by name; `detail` holds what each docstring names."""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from milepost.domain.roles import role_sentence
from milepost.mailing import letters_of_loyalty as loyalty
from milepost.mailing import letters_of_money as money
from milepost.mailing import letters_of_orders as orders
from milepost.mailing import letters_of_subscriptions as subscribing
from milepost.mailing import letters_of_the_road as road
from milepost.mailing.about import About, Said
from milepost.services.posting import Pointless
from milepost.services.publishing import in_language
from milepost.wording.saying import say


def shipped(a: About) -> Said:
    """Something is on its way. `carrier`, `tracking` (number or address), the parcel's `url`."""
    _ = a.gettext
    said = _("What you pledged for in “%(title)s” is on its way to you.", title=a.title)
    carrier, tracking = (str(a.detail.get(name) or "") for name in ("carrier", "tracking"))
    facts = [(_("Carrier"), carrier), (_("Tracking"), tracking)]
    url = str(a.detail.get("url") or "") or (tracking if tracking.startswith("https://") else "")
    button = (_("Follow the parcel"), url) if url else (
        _("See your pledge"), a.pledge_url)  # fmt: skip
    return Said(
        subject=_("%(title)s is on its way to you", title=a.title),
        preview=said,
        title=_("On its way to you"),
        paragraphs=(said,),
        facts=tuple((name, fact) for name, fact in facts if fact and not fact.startswith("https:")),
        button=button,
    )


def sign_in(a: About) -> Said:
    """A link that signs in. `url`."""
    _ = a.gettext
    said = _("This link signs you in at %(store)s. It works once, within 15 minutes.",
             store=a.store_name)  # fmt: skip
    return Said(
        subject=_("Your link to %(store)s", store=a.store_name),
        preview=said,
        title=_("Sign in"),
        paragraphs=(said,),
        button=(_("Sign in"), str(a.detail["url"])),
        notes=(_("You did not ask for it? Then there is nothing to do: nobody is signed in."),),
    )


def studio_sign_in(a: About) -> Said:
    """A link that lets a creator into the studio. `url`."""
    _ = a.gettext
    said = _("This link signs you in at the studio. It works once, within 15 minutes.")
    return Said(
        subject=_("Your link to the studio"),
        preview=said,
        title=_("Sign in to the studio"),
        paragraphs=(said,),
        button=(_("Sign in to the studio"), str(a.detail["url"])),
        notes=(_("You did not ask for it? Then there is nothing to do: nobody is signed in."),),
    )


def hook_paused(a: About) -> Said:
    """An endpoint is dead or gone: nothing is sent there. `url`, `why`, `store`, `hook`."""
    _ = a.gettext
    where = urlsplit(str(a.detail["url"])).netloc
    here = f"{a.base_url}/studio/{a.detail['store']}/hooks/{a.detail['hook']}"
    said = _(
        "%(where)s has not taken what we sent for three days, so we have stopped.", where=where
    )
    if a.detail["why"] == "gone":
        said = _("%(where)s answered that it is gone for good, so we have stopped.", where=where)
    return Said(
        subject=_("Hooks to %(where)s are paused", where=where),
        preview=said,
        title=_("An endpoint is paused"),
        paragraphs=(
            said,
            _("Nothing is lost: what happens meanwhile waits, and is sent in its order once you let"
              " it go on."),
        ),
        button=(_("See the endpoint"), here),
    )  # fmt: skip


def invitation(a: About) -> Said:
    """Somebody is invited into a store. `url`, `store`, `by`, `role`."""
    _ = a.gettext
    role = say(role_sentence(str(a.detail["role"])), a.locale)
    said = _("%(by)s invites you to work on %(store)s, as %(role)s.", by=a.detail["by"],
             store=a.detail["store"], role=role)  # fmt: skip
    return Said(
        subject=_("You are invited to %(store)s", store=a.detail["store"]),
        preview=said,
        title=_("You are invited"),
        paragraphs=(said, _("The link is for you alone and works for 7 days.")),
        button=(_("See the invitation"), str(a.detail["url"])),
        notes=(_("You do not know them? Then there is nothing to do."),),
    )


def survey(a: About) -> Said:
    """The creator asks something (B9)."""
    _ = a.gettext
    said = _("The store needs your answers before it can make what you pledged for in “%(title)s”.",
             title=a.title)  # fmt: skip
    return Said(
        subject=_("A question about your pledge to %(title)s", title=a.title),
        preview=said,
        title=_("A question about your pledge"),
        paragraphs=(said,),
        button=(_("Answer the questions"), a.manage_url),
        notes=_locks(a),
    )


def survey_reminder(a: About) -> Said:
    """The answers are still missing (B9)."""
    _ = a.gettext
    said = _("Your answers for “%(title)s” are still missing.", title=a.title)
    return Said(
        subject=_("Your answers for %(title)s are still missing", title=a.title),
        preview=said,
        title=_("Your answers are still missing"),
        paragraphs=(said, _("The store can't make what you pledged for without them.")),
        button=(_("Answer the questions"), a.manage_url),
        notes=_locks(a),
    )


def locks_soon(a: About) -> Said:
    """Addresses and answers can soon not be changed (B5). `at`: the instant."""
    _ = a.gettext
    at = a.detail.get("at") or a.campaign["locks_at"]
    moment = a.moment(at)
    said = _("You can change your address and your answers until %(moment)s.", moment=moment)
    return Said(
        subject=_("%(title)s: check your address by %(day)s", title=a.title, day=a.day(at)),
        preview=said,
        title=_("Check your address"),
        paragraphs=(
            said,
            _("After that, “%(title)s” is sent to the address that is there then.", title=a.title),
        ),
        button=(_("Check your address"), a.manage_url),
    )


def follow(a: About) -> Said:
    """Somebody wants to hear of a launch, and confirms it. `campaign`, `url`."""
    _ = a.gettext
    said = _("Confirm that you want a mail when “%(title)s” opens.", title=a.title)
    return Said(
        subject=_("Confirm: a mail when %(title)s opens", title=a.title),
        preview=said,
        title=_("Confirm your address"),
        paragraphs=(said, _("You get that one mail and no other.")),
        button=(_("Confirm my address"), str(a.detail["url"])),
        notes=(_("You did not ask for it? Then there is nothing to do: you get no mail."),),
    )


def launch(a: About) -> Said:
    """A campaign that its reader follows has opened. `campaign`, `follower`."""
    _ = a.gettext
    if a.now >= a.campaign["closes_at"]:
        raise Pointless("the campaign has closed")
    said = _("“%(title)s” takes pledges from now on, until %(moment)s.", title=a.title,
             moment=a.moment(a.campaign["closes_at"]))  # fmt: skip
    blurb = str(in_language(a.campaign, a.locale)("blurb"))
    return Said(
        subject=_("%(title)s is open", title=a.title),
        preview=said,
        title=_("%(title)s is open", title=a.title),
        paragraphs=(blurb, said) if blurb else (said,),
        button=(_("See the campaign"), a.campaign_url),
        notes=(_("You asked for this mail. It is the only one."),),
        is_news=True,
        unsubscribe=_("Forget my address"),
    )


def _locks(a: About) -> tuple[str, ...]:
    if a.campaign["locks_at"] is None:
        return ()
    moment = a.moment(a.campaign["locks_at"])
    return (a.gettext("You can change your answers until %(moment)s.", moment=moment),)


LETTERS: Mapping[str, Callable[[About], Said]] = {
    "receipt": money.receipt,
    "charged": money.charged,
    "changed": money.changed,
    "cancelled": money.cancelled,
    "refunded": money.refunded,
    "charge_due": money.charge_due,
    "charge_failed": money.charge_failed,
    "dropped": money.dropped,
    "funded": road.funded,
    "failed": road.failed,
    "update": road.update,
    "milestone": road.milestone,
    "code": road.code,
    "shipped": shipped,
    "sign_in": sign_in,
    "studio_sign_in": studio_sign_in,
    "invitation": invitation,
    "hook_paused": hook_paused,
    "order": orders.order,
    "gift_cards": orders.gift_cards,
    "order_shipped": orders.order_shipped,
    "order_refunded": orders.order_refunded,
    "reward_earned": loyalty.reward_earned,
    "come_back": loyalty.come_back,
    "reward_expiring": loyalty.reward_expiring,
    "subscribed": subscribing.subscribed,
    "cycle_failed": subscribing.cycle_failed,
    "subscription_cancelled": subscribing.subscription_cancelled,
    "subscription_ended": subscribing.subscription_ended,
    "survey": survey,
    "survey_reminder": survey_reminder,
    "locks_soon": locks_soon,
    "follow": follow,
    "launch": launch,
}
