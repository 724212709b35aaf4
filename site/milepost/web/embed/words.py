"""What `<milepost-campaign>` says, in the languages that a cart speaks on other sites."""

from functools import cache

from milepost.domain.messages import N_, NN_, Sentence
from milepost.wording.format import written_in
from milepost.wording.languages import translator
from milepost.wording.saying import say

AWAY = N_("The campaign can’t be reached just now.")
UNKNOWN = N_("There is no campaign at this address. It may have moved, or is not published yet.")
WORDS = {
    "of": N_("of %(goal)s pledged"),
    "to-go": N_("%(left)s to go"),
    "raised": N_("%(sum)s pledged"),
    "progress": N_("Progress of %(title)s"),
    "value": N_("%(total)s of %(goal)s pledged, %(percent)s."),
    "value-next": N_(
        "%(total)s of %(goal)s pledged, %(percent)s. %(left)s to go to the next milestone."
    ),
    "at": N_("At"),
    "goal": N_("The goal"),
    "reached": N_("Reached"),
    "will-reveal": N_("Reached. The creator will reveal it."),
    "waiting": N_("Something is waiting here"),
    "announce": N_("Milestone reached: %(title)s!"),
    "announce-goal": N_("The goal is reached!"),
    "funded": N_("Goal reached"),
    "opens": N_("Opens %(when)s"),
    "closes": N_("Closes %(when)s"),
    "closed": N_("Closed on %(date)s"),
    "choose": N_("Choose a reward"),
    "notify": N_("Get a mail when it opens"),
    "see": N_("See the campaign"),
}
COUNTED = {
    "backers": NN_("%(count)s backer", "%(count)s backers"),
    "all": NN_("The whole trail: %(count)s milestone", "The whole trail: %(count)s milestones"),
}
_FIELDS = ("count", "date", "goal", "left", "percent", "sum", "title", "total", "when")
_BRACES = {name: f"{{{name}}}" for name in _FIELDS}


@cache
def campaign_words(locale: str) -> dict[str, str]:
    """Each sentence by its name, and each form of a counted one by its name and its CLDR category.

    Their fields stay in them as `{field}`, for the element to fill in.
    """
    said = {name: say(Sentence(words, _BRACES), locale) for name, words in WORDS.items()}
    translated = translator(locale)
    for category, number in written_in(locale).plural_samples().items():
        for name, forms in COUNTED.items():
            said[f"{name}-{category}"] = translated.ngettext(*forms, number) % _BRACES
    return said
