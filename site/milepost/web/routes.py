"""Every URL on one screen. The hot ones are answered before they come here: see `doors.py`."""

from starlette.routing import Route

from milepost.web import health, media
from milepost.web.public import campaign, home, pledge, styles

ROUTES = [
    # public pages
    Route("/", home.front_page),
    # Route("/c/{slug}")            doors.py: the campaign page, from memory
    # Route("/c/{slug}.json")       doors.py: its public state
    # Route("/c/{slug}/live")       doors.py: the same as Server-Sent Events
    Route("/c/{slug}/card.png", campaign.share_picture),
    Route("/c/{slug}/pledge", pledge.start, methods=["POST"]),
    Route("/c/{slug}/pledge", pledge.form, methods=["GET"]),
    # the backer's own
    Route("/p/{key}", pledge.own_page),
    Route("/p/{key}/again", pledge.again),
    # what pages are made of
    Route("/brand/{name}.css", styles.brand),
    Route("/static/{path:path}", media.static),
    Route("/media/{path:path}", media.pictures),
    # the operator's
    # Route("/webhooks/stripe")     doors.py: Stripe's events
    Route("/healthz", health.alive),
    Route("/readyz", health.ready),
    Route("/metrics", health.metrics),
]
