"""What a creator and their backers say to each other: how long, how often, shown when (B7)."""

from enum import StrEnum

from milepost.domain.messages import N_

LONGEST_TITLE = 120  # characters
LONGEST_UPDATE = 20_000
LONGEST_QUESTION = 200
LONGEST_ANSWER = 2_000
MOST_FAQS = 30
LONGEST_NAME = 40
LONGEST_COMMENT = 2_000
MOST_COMMENTS = 6  # of one person in an hour
MOST_REPORTS = 10  # from one network in an hour


class Readers(StrEnum):
    """Who may read an update."""

    EVERYBODY = "everybody"
    BACKERS = "backers"


class Setting(StrEnum):
    """Whose comments are shown when."""

    AT_ONCE = "at_once"
    AFTER_FIRST = "after_first"
    AFTER_EACH = "after_each"
    CLOSED = "closed"


# Why a comment is hidden. Only such a word is kept in the log, which can never be erased.
REASONS = {
    "spam": N_("It is advertising."),
    "insult": N_("It insults somebody."),
    "off_topic": N_("It is about something else."),
    "private": N_("It tells what is private."),
    "other": N_("Another reason."),
}


def is_shown_at_once(setting: Setting, trusted: bool) -> bool:
    """True when a new comment needs no approval; `trusted` is whose first was approved."""
    return setting is Setting.AT_ONCE or (setting is Setting.AFTER_FIRST and trusted)
