"""What the mails about a pledge's money say; `detail` holds what each docstring names."""

from milepost.mailing.about import About, Said
from milepost.services.posting import Pointless
from milepost.wording.saying import card_sentence, credit_sentence


def receipt(a: About) -> Said:
    """A pledge was made. Keep-it-all and late ones are paid; else the card is saved (P2, P8)."""
    _ = a.gettext
    saved = a.campaign["funding_model"] == "all_or_nothing" and not a.pledge["late"]
    if saved:
        title = _("Your pledge is confirmed")
        subject = _("Your pledge to %(title)s is confirmed", title=a.title)
        paragraphs = [
            _("You pledged %(sum)s to “%(title)s”. Thank you for walking along.", sum=a.sum,
              title=a.title),
            (credit_sentence if a.is_covered else card_sentence)(
                {**a.campaign, "state": "live"}, a.locale
            ),
        ]  # fmt: skip
    else:
        title = _("Your pledge is paid")
        subject = _("Your pledge to %(title)s is paid", title=a.title)
        paragraphs = [
            _("You pledged %(sum)s to “%(title)s”, and it is paid. Thank you for walking along.",
              sum=a.sum, title=a.title),
        ]  # fmt: skip
    if a.credit:
        words = (
            _("%(sum)s of your store credit is set aside for it.")
            if saved
            else _("%(sum)s of it was paid with your store credit.")
        )
        paragraphs.append(words % {"sum": a.money(a.credit)})
    if a.pledge["held"]:
        paragraphs.append(
            _("The store reviews large pledges first. Yours counts on the trail once it is"
              " released.")
        )  # fmt: skip
    return Said(
        subject=subject,
        preview=paragraphs[0],
        title=title,
        paragraphs=tuple(paragraphs),
        button=(_("See your pledge"), a.pledge_url),
        notes=(_("You can change or cancel it until %(moment)s.", moment=_closes(a)),)
        if saved
        else (),
        shows_lines=True,
        shows_road=True,
    )


def charged(a: About) -> Said:
    """The card of an all-or-nothing pledge was charged at the close."""
    _ = a.gettext
    said = _("“%(title)s” is funded, and your pledge of %(sum)s is paid with your store credit.",
             title=a.title, sum=a.sum)  # fmt: skip
    if not a.is_covered:
        said = _("“%(title)s” is funded, and your card was charged %(sum)s.", title=a.title,
                 sum=a.card_sum)  # fmt: skip
    return Said(
        subject=_("%(sum)s paid for %(title)s", title=a.title, sum=a.sum),
        preview=said,
        title=_("Your pledge is paid"),
        paragraphs=(said, _("You hear from us again when something is on its way to you.")),
        button=(_("See your pledge"), a.pledge_url),
        shows_lines=True,
    )


def changed(a: About) -> Said:
    """The pledge holds something else now."""
    _ = a.gettext
    said = _("This is what your pledge to “%(title)s” holds now.", title=a.title)
    return Said(
        subject=_("Your pledge to %(title)s has changed", title=a.title),
        preview=said,
        title=_("Your pledge has changed"),
        paragraphs=(said, *([_rule(a)] if _is_saved(a) else [])),
        button=(_("See your pledge"), a.pledge_url),
        shows_lines=True,
    )


def cancelled(a: About) -> Said:
    """The backer, or the store, cancelled the pledge."""
    _ = a.gettext
    said = _("Your pledge of %(sum)s to “%(title)s” is cancelled.", sum=a.sum, title=a.title)
    charge = _("Your card is not charged.")
    if a.pledge["paid"]:
        charge = _("What you paid goes back to your card; we write to you when it does.")
    elif a.pledge["credit"]:
        charge += " " + _("Your store credit is yours again.")
    return Said(
        subject=_("Your pledge to %(title)s is cancelled", title=a.title),
        preview=said,
        title=_("Your pledge is cancelled"),
        paragraphs=(said, charge, _("The rewards that came with it are no longer yours.")),
        button=(_("See the campaign"), a.campaign_url),
    )


def refunded(a: About) -> Said:
    """Money goes back. `amount`: minor units."""
    _ = a.gettext
    back = a.money(int(a.detail["amount"]))
    said = _("%(sum)s of your pledge to “%(title)s” goes back to your card.", sum=back,
             title=a.title)  # fmt: skip
    how = _("Your bank may take 5 to 10 working days to show it.")
    if a.detail.get("credit"):
        said = _("%(sum)s of your pledge to “%(title)s” is store credit again.", sum=back,
                 title=a.title)  # fmt: skip
        how = _("You can spend it now, in the shop or in another pledge.")
    return Said(
        subject=_("%(sum)s goes back to you", sum=back),
        preview=said,
        title=_("%(sum)s goes back to you", sum=back),
        paragraphs=(said, how),
        button=(_("See your pledge"), a.pledge_url),
    )


def charge_due(a: About) -> Said:
    """The campaign closed funded, and the saved card is charged now (P2)."""
    _ = a.gettext
    if a.is_covered:
        raise Pointless("store credit pays all of it, and the mail that it is paid follows")
    said = _("“%(title)s” closed at %(total)s of %(goal)s: it is funded.", title=a.title,
             total=a.amount(a.meter), goal=a.amount(a.campaign["goal"]))  # fmt: skip
    return Said(
        subject=_("%(title)s is funded: your card is charged now", title=a.title),
        preview=said,
        title=_("%(sum)s is charged now", sum=a.card_sum),
        paragraphs=(
            said,
            _("As you agreed, your card is charged %(sum)s now. There is nothing for you to do.",
              sum=a.card_sum),
            _("Should it not work, you get a mail with a link to mend it."),
        ),
        button=(_("See your pledge"), a.pledge_url),
        shows_lines=True,
        shows_road=True,
    )  # fmt: skip


def charge_failed(a: About) -> Said:
    """The charge failed (P5). `code`: Stripe's; `next_at`: the next try or null; `drop_at`."""
    _ = a.gettext
    code, url = str(a.detail.get("code") or ""), f"{a.manage_url}/pay"
    confirm = code == "authentication_required"
    if confirm:
        said = _("Your bank wants you to confirm the payment of %(sum)s for “%(title)s”.",
                 sum=a.card_sum, title=a.title)  # fmt: skip
    else:
        said = _("Your card could not be charged %(sum)s for “%(title)s”.", sum=a.card_sum,
                 title=a.title)  # fmt: skip
    paragraphs = [said]
    if reason := _declined(a, code):
        paragraphs.append(reason)
    if a.detail.get("next_at") and not confirm:
        day = a.day(a.detail["next_at"])
        paragraphs.append(_("It is tried again on %(day)s, by itself.", day=day))
    notes = []
    if a.detail.get("drop_at"):
        day = a.day(a.detail["drop_at"])
        notes.append(
            _("If nothing has worked by %(day)s, the pledge is dropped, with its rewards.", day=day)
        )
    title = _("Your bank wants a confirmation") if confirm else _("Your card did not work")
    subject = _("Confirm your payment for %(title)s", title=a.title) if confirm else _(
        "Your card did not work for %(title)s", title=a.title)  # fmt: skip
    label = _("Confirm the payment") if confirm else _("Pay %(sum)s", sum=a.card_sum)
    return Said(
        subject=subject,
        preview=said,
        title=title,
        paragraphs=tuple(paragraphs),
        button=(label, url),
        notes=tuple(notes),
    )


def dropped(a: About) -> Said:
    """The charge was given up (P5)."""
    _ = a.gettext
    said = _("Your card could not be charged, so your pledge of %(sum)s to “%(title)s” was"
             " dropped.", sum=a.sum, title=a.title)  # fmt: skip
    return Said(
        subject=_("Your pledge to %(title)s was dropped", title=a.title),
        preview=said,
        title=_("Your pledge was dropped"),
        paragraphs=(
            said,
            _("Nothing was charged, and the rewards that came with it are no longer yours."),
            *([_("Your store credit is yours again.")] if a.pledge["credit"] else []),
        ),
        button=(_("See the campaign"), a.campaign_url),
    )


def _closes(a: About) -> str:
    return a.moment(a.campaign["closes_at"])


def _is_saved(a: About) -> bool:
    """True while the card is saved and not charged (P2)."""
    return a.pledge["state"] in ("confirmed", "past_due") and not a.pledge["late"]


def _rule(a: About) -> str:
    """When the saved card is charged, and on which condition."""
    _ = a.gettext
    if a.is_covered:
        return credit_sentence(a.campaign, a.locale)
    day, goal = a.day(a.campaign["closes_at"]), a.amount(a.campaign["goal"])
    if a.campaign["basis"] == "units":
        return _("Your card is charged on %(day)s only if the campaign reaches %(goal)s units.",
                 day=day, goal=goal)  # fmt: skip
    return _("Your card is charged on %(day)s only if the campaign reaches %(goal)s.", day=day,
             goal=goal)  # fmt: skip


def _declined(a: About, code: str) -> str:
    """What the bank says, where one can act on it. Source: Stripe, "Decline codes"."""
    _ = a.gettext
    if code == "expired_card":
        return _("The card has expired. Use another one.")
    if code == "insufficient_funds":
        return _("The account holds less than that at the moment.")
    if code in ("lost_card", "stolen_card", "pickup_card"):
        return _("Your bank does not accept this card. Use another one.")
    if code in ("card_declined", "generic_decline", "do_not_honor"):
        return _("Your bank gave no reason. Ask it, or use another card.")
    return ""
