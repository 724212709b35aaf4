"""Every URL, the studio's in `studio/routes.py`. The hot ones never come here: see `doors.py`.

What comes here all the same is a campaign that does not exist, or a method that is not theirs.
"""

from starlette.routing import Mount, Route

from milepost.web import dev, health, media
from milepost.web.api.app import make_api
from milepost.web.embed import framed, oembed, script
from milepost.web.me import address, answers, changing, gift_card, own, pledges, points, signing
from milepost.web.me import orders as my_orders
from milepost.web.me import rewards as my_rewards
from milepost.web.me import subscriptions as my_subscriptions
from milepost.web.public import (
    campaign,
    cart_seen,
    checkout,
    comments,
    feed,
    follow,
    history,
    home,
    order,
    pledge,
    preview,
    referral,
    styles,
    subscription,
    unsubscribe,
    updates,
)
from milepost.web.shop import cart, listing, reviews, shelves, subscribe
from milepost.web.studio import routes as studio

ROUTES = [
    # public pages
    Route("/", home.front_page),
    Route("/c/{slug}", campaign.unknown),  # doors.py: the campaign page, from memory
    Route("/c/{slug}.json", campaign.unknown),  # doors.py: its public state
    Route("/c/{slug}/live", campaign.unknown),  # doors.py: the same as Server-Sent Events
    Route("/c/{slug}/card.png", campaign.share_picture),
    Route("/c/{slug}/feed.atom", feed.feed),
    Route("/c/{slug}/history", history.page),
    Route("/c/{slug}/history.json", history.machine_readable),
    Route("/c/{slug}/updates", updates.updates_page),
    Route("/c/{slug}/updates/{number}", updates.update_page),
    Route("/c/{slug}/comments", comments.comments_page, methods=["GET", "POST"]),
    Route("/c/{slug}/comments/{comment}/withdraw", comments.withdraw, methods=["GET", "POST"]),
    Route("/c/{slug}/comments/{comment}/report", comments.report, methods=["GET", "POST"]),
    Route("/c/{slug}/pledge", pledge.form_or_start, methods=["GET", "POST"]),
    Route("/c/{slug}/follow", follow.follow, methods=["GET", "POST"]),
    Route("/follow/{token}", follow.confirmed, methods=["GET", "POST"]),
    Route("/preview/{key}", preview.page),
    Route("/unsubscribe/{token}", unsubscribe.unsubscribe, methods=["GET", "POST"]),
    Route("/r/{code}", referral.come),
    # the shop
    Route("/shop", shelves.shop_page),
    Route("/shop/in/{collection}", shelves.collection_page),
    Route("/shop/{slug}", listing.listing_page),
    Route("/shop/{slug}/reviews", reviews.reviews_page, methods=["GET", "POST"]),
    Route("/shop/{slug}/subscribe", subscribe.subscribe_page, methods=["GET", "POST"]),
    Route("/s/{key}", subscription.own_page),
    # the shop's cart
    Route("/cart", cart.cart_page),
    Route("/cart/drawer", cart.drawer),
    Route("/cart/seen", cart_seen.seen, methods=["POST"]),
    Route("/cart/change", cart.change, methods=["GET", "POST"]),
    Route("/cart/take", cart.take, methods=["GET", "POST"]),
    # on other sites
    Route("/embed/cart.js", script.cart),
    Route("/embed/campaign.js", script.campaign),
    Route("/embed/c/{slug}.json", framed.state),
    Route("/embed/c/{slug}", framed.frame),
    Route("/oembed", oembed.oembed),
    # for programs of a store's own
    Mount("/api/v1", app=make_api()),
    # the backer's own
    Route("/p/{key}", pledge.own_page),
    Route("/p/{key}/again", pledge.again),
    # a shopper's
    Route("/checkout", checkout.check_out_or_back, methods=["GET", "POST"]),
    Route("/o/{key}", order.own_page),
    # the same, for whoever is signed in by a mailed link
    Route("/me", pledges.all_of_them),
    Route("/me/sign-in", signing.sign_in, methods=["GET", "POST"]),
    Route("/me/sign-in/for/{key}", signing.for_pledge, methods=["GET", "POST"]),
    Route("/me/sign-in/{token}", signing.link, methods=["GET", "POST"]),
    Route("/me/sign-out", signing.out, methods=["GET", "POST"]),
    Route("/me/sign-out/everywhere", signing.out_everywhere, methods=["GET", "POST"]),
    Route("/me/pledges/{key}", pledges.one),
    Route("/me/pledges/{key}/receipt", pledges.receipt),
    Route("/me/pledges/{key}/address", address.address, methods=["GET", "POST"]),
    Route("/me/pledges/{key}/answers", answers.answers, methods=["GET", "POST"]),
    Route("/me/pledges/{key}/change", changing.change_it, methods=["GET", "POST"]),
    Route("/me/pledges/{key}/cancel", changing.cancel_it, methods=["GET", "POST"]),
    Route("/me/pledges/{key}/pay", changing.pay, methods=["GET", "POST"]),
    Route("/me/orders/{order}", my_orders.one),
    Route("/me/orders/{order}/receipt", my_orders.receipt),
    Route("/me/subscriptions/{subscription}", my_subscriptions.one),
    Route(
        "/me/subscriptions/{subscription}/cancel", my_subscriptions.cancel, methods=["GET", "POST"]
    ),
    Route(
        "/me/subscriptions/{subscription}/address",
        my_subscriptions.address,
        methods=["GET", "POST"],
    ),
    Route("/me/subscriptions/{subscription}/keep", my_subscriptions.keep, methods=["GET", "POST"]),
    Route("/me/subscriptions/{subscription}/card", my_subscriptions.card, methods=["GET", "POST"]),
    Route("/me/gift-card", gift_card.gift_card, methods=["GET", "POST"]),
    Route("/me/points", points.points, methods=["GET", "POST"]),
    Route("/me/rewards", my_rewards.rewards),
    Route("/me/data.json", own.data),
    Route("/me/erase", own.erase, methods=["GET", "POST"]),
    # the creators'
    *studio.ROUTES,
    # what pages are made of
    Route("/brand/bar-{colour}.css", styles.bar),
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
