"""What `<milepost-campaign>` shows besides the state: words, colours, picture, whose it is."""

from datetime import datetime
from typing import Any

from milepost.services.publishing import Published, in_language
from milepost.web.embed.words import campaign_words
from milepost.web.public.view import picture_view
from milepost.wording.colour import brand_css
from milepost.wording.format import direction, written_in
from milepost.wording.languages import LOCALES


def dress(published: Published, locale: str, now: datetime, base_url: str) -> dict[str, Any]:
    """All that the element needs to begin; its addresses are whole, for it stands anywhere.

    A campaign is written in one of `LOCALES`; around it the element also speaks others.
    """
    row = published.campaign
    spoken = locale if locale in LOCALES else LOCALES[0]
    text = in_language(row, spoken)
    return {
        "lang": locale,
        "dir": direction(locale),
        "dates": written_in(locale).dates_tag,
        "zone": row["zone"],
        "url": f"{base_url}/c/{row['slug']}",
        "live": f"/c/{row['slug']}/live?lang={spoken}",
        "store": in_language(row, spoken, "store_")("name"),
        "blurb": text("blurb"),
        "picture": _whole(picture_view(row["image"], text("image_alt")), base_url)
        if row["image"]
        else None,
        "words": campaign_words(locale),
        "css": brand_css(row["store_brand"], ":host"),
        "state": published.state(spoken, now),
    }


def _whole(picture: dict[str, Any], base_url: str) -> dict[str, Any]:
    """The attributes of the picture, as they hold on any site."""
    srcset = ", ".join(base_url + one for one in picture["srcset"].split(", ") if one)
    whole = picture | {"src": base_url + picture["src"]}
    return (
        whole | {"srcset": srcset} if srcset else {k: v for k, v in whole.items() if k != "srcset"}
    )
