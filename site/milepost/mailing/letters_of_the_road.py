"""What the mails about a campaign's road say: its end, its milestones, what they give."""

from milepost.domain.audience import reason
from milepost.mailing.about import About, Reward, Said
from milepost.services.posting import Pointless, Unspeakable
from milepost.services.publishing import in_language
from milepost.wording.prose import excerpt, mailed_picture
from milepost.wording.saying import say


def funded(a: About) -> Said:
    """The campaign closed at its goal or above."""
    _ = a.gettext
    said = _where_it_closed(a)
    return Said(
        subject=_("%(title)s is funded", title=a.title),
        preview=said,
        title=_("%(title)s is funded", title=a.title),
        paragraphs=(
            said,
            _("Your pledge of %(sum)s is part of it.", sum=a.sum),
            _("You hear from us again when something is on its way to you."),
        ),
        button=(_("See your pledge"), a.pledge_url),
        shows_road=True,
    )


def failed(a: About) -> Said:
    """The campaign closed below its goal: nothing is charged, or every pledge stands (P2)."""
    _ = a.gettext
    if a.campaign["funding_model"] == "all_or_nothing":
        outcome = _("The campaign closed below its goal. No card was charged.")
        more = _("Your pledge of %(sum)s is over, and so are the rewards that came with it.",
                 sum=a.sum)  # fmt: skip
        if a.pledge["credit"]:
            more += " " + _("Your store credit is yours again.")
    else:
        outcome = _("The campaign closed below its goal. Every pledge stands.")
        more = _("Your pledge of %(sum)s is paid, and what it earned stays yours.", sum=a.sum)
    return Said(
        subject=_("%(title)s closed below its goal", title=a.title),
        preview=outcome,
        title=_("%(title)s closed below its goal", title=a.title),
        paragraphs=(_where_it_closed(a), outcome, more),
        button=(_("See your pledge"), a.pledge_url),
        shows_road=True,
    )


def milestone(a: About) -> Said:
    """News: a milestone is open, and what that means for this reader (R2, R3, R5)."""
    _ = a.gettext
    _must_be_open(a)
    if not a.pledge["news"]:
        raise Pointless("its reader wants no news")
    if a.verdict is None:
        raise Pointless("the milestone is archived, or its reader backs the campaign no more")
    title = a.reward("title")
    because = reason(a.verdict.because, title, a.pledge["first_seq"], a.milestone["reached_seq"])
    mine = a.verdict.wanted in ("owed", "provisional")
    why = say(because, a.locale)
    if a.verdict.wanted == "provisional":
        why += " " + _("Yours if the campaign is funded.")
    target = a.amount(a.milestone["target"])
    notes = (_("Codes and all else that is for you alone stand on your pledge's page."),)
    return Said(
        subject=_("%(title)s reached %(target)s!", title=a.title, target=target),
        preview=title,
        title=title,
        paragraphs=(
            _("“%(title)s” reached %(target)s, and a milestone opened.", title=a.title,
              target=target),
        ),
        reward=Reward("", a.reward("text_after"), _picture(a), a.reward("image_alt")),
        why=why,
        button=(_("See your pledge"), a.pledge_url) if mine else (_("See the trail"),
                                                                  a.campaign_url),
        notes=notes if mine and a.milestone["kind"] == "reveal" else (),
        shows_road=True,
        is_news=True,
    )  # fmt: skip


def update(a: About) -> Said:
    """News: what the creator tells (B7); of an update for backers only to whoever still is one."""
    _ = a.gettext
    if a.update is None or a.update["withdrawn_at"] is not None:
        raise Pointless("the update was withdrawn")
    if not a.pledge["news"]:
        raise Pointless("its reader wants no news")
    if a.update["audience"] == "backers" and not a.update["live"]:
        raise Pointless("it is for backers, and its reader is none any more")
    text = in_language(a.update, a.locale)
    number = a.shown.number(a.update["number"])
    about = _("Update %(number)s of “%(title)s”", number=number, title=a.title)
    return Said(
        subject=_("%(title)s: %(update)s", title=a.title, update=text("title")),
        preview=excerpt(text("text"), 120),
        title=text("title"),
        paragraphs=(),
        body=text("text"),
        button=(_("Read it on the page"), f"{a.campaign_url}/updates/{a.update['number']}"),
        notes=(about,),
        is_news=True,
    )


def code(a: About) -> Said:
    """What a milestone gives to this backer alone: a code, or exclusive content (R2)."""
    _ = a.gettext
    _must_be_open(a)
    given, exclusive = a.milestone["code"], a.reward("exclusive")
    if not (given or exclusive):
        raise Pointless("it is not theirs at present, or holds nothing for them alone")
    title = a.reward("title")
    if given:
        subject = _("Your code from %(title)s", title=a.title)
        said = _("“%(reward)s” is yours. This is your code.", reward=title)
    else:
        subject = _("“%(reward)s” is yours", reward=title)
        said = _("“%(reward)s” is yours, and for its backers alone.", reward=title)
    return Said(
        subject=subject,
        preview=_("It comes from a milestone of “%(title)s”.", title=a.title),
        title=title,
        paragraphs=(said,),
        reward=Reward("", a.reward("text_after"), _picture(a), a.reward("image_alt")),
        code=given,
        exclusive=exclusive,
        button=(_("See your pledge"), a.pledge_url),
    )


def _where_it_closed(a: About) -> str:
    _ = a.gettext
    return _("“%(title)s” closed at %(total)s of %(goal)s.", title=a.title,
             total=a.amount(a.meter), goal=a.amount(a.campaign["goal"]))  # fmt: skip


def _must_be_open(a: About) -> None:
    """Nothing of a reveal goes out before it opens (R2, R3)."""
    if a.milestone is None:
        raise Unspeakable("it names no milestone")
    if a.milestone["revealed_at"] is None:
        raise Pointless("the milestone is not open")


def _picture(a: About) -> str:
    """The picture's address: the smaller one of two, as JPEG, which all mail programs show."""
    image = str(a.milestone["image"])
    return mailed_picture(image, a.base_url) if image.startswith("/") else ""
