"""Every URL on one screen. The hot ones are answered before they come here: see `doors.py`.

What comes here all the same is a campaign that does not exist, or a method that is not theirs.
"""

from starlette.routing import Route

from milepost.web import dev, health, media
from milepost.web.public import campaign, home, pledge, styles, unsubscribe

ROUTES = [
    # public pages
    Route("/", home.front_page),
    Route("/c/{slug}", campaign.unknown),  # doors.py: the campaign page, from memory
    Route("/c/{slug}.json", campaign.unknown),  # doors.py: its public state
    Route("/c/{slug}/live", campaign.unknown),  # doors.py: the same as Server-Sent Events
    Route("/c/{slug}/card.png", campaign.share_picture),
    Route("/c/{slug}/pledge", pledge.form_or_start, methods=["GET", "POST"]),
    # the backer's own
    Route("/p/{key}", pledge.own_page),
    Route("/p/{key}/again", pledge.again),
    Route("/unsubscribe/{token}", unsubscribe.unsubscribe, methods=["GET", "POST"]),
    # what pages are made of
    Route("/brand/{name}.css", styles.brand),
    Route("/static/{path:path}", media.static),
    Route("/media/{path:path}", media.pictures),
    # the operator's
    Route("/webhooks/stripe", campaign.unknown, methods=["POST"]),  # doors.py: Stripe's events
    Route("/healthz", health.alive),
    Route("/readyz", health.ready),
    Route("/metrics", health.metrics),
    # the demo's alone
    Route("/dev/mail", dev.all_mails),
    Route("/dev/mail/{mail_id}", dev.one_mail),
    Route("/dev/mail/{mail_id}/html", dev.html_of_mail),
]
