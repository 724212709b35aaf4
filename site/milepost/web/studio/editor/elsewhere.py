"""`…/elsewhere`: how the campaign comes to stand on other sites, with a true preview (B13)."""

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.roles import Deed
from milepost.web.studio.desk import Desk, behind, shown

ELEMENT = (
    '<script type="module" src="{base}/embed/campaign.js"></script>\n'
    '<milepost-campaign slug="{slug}"{more}>\n'
    '  <a href="{base}/c/{slug}">{title}</a>\n'
    "</milepost-campaign>"
)
FRAME = (
    '<iframe src="{base}/embed/c/{slug}" title="{title}" width="640" height="840"'
    ' loading="lazy"></iframe>'
)


@behind(Deed.EDIT_CAMPAIGN)
async def elsewhere(request: Request, desk: Desk) -> Response:
    """The snippets with the campaign's own addresses; the preview once anybody may see it."""
    site = request.state.site
    campaign = desk.campaign(site.clock())
    told = {
        "base": site.settings.base_url,
        "slug": campaign["slug"],
        "title": campaign["title"],
    }
    return shown(
        request,
        "studio/edit/elsewhere.html",
        desk,
        is_public=await site.shelf.get(campaign["slug"]) is not None,
        snippets={
            "element": str(Markup(ELEMENT).format(more="", **told)),
            "compact": str(Markup(ELEMENT).format(more=" compact", **told)),
            "frame": str(Markup(FRAME).format(**told)),
        },
        tab_part="elsewhere",
    )
