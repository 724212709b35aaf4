"""Every URL on one screen. The hot ones are answered before they come here: see `doors.py`.

What comes here all the same is a campaign that does not exist, or a method that is not theirs.
"""

from starlette.routing import Route

from milepost.web import dev, health, media
from milepost.web.api import events
from milepost.web.me import address, answers, changing, gift_card, own, pledges, points, signing
from milepost.web.me import orders as my_orders
from milepost.web.me import rewards as my_rewards
from milepost.web.me import subscriptions as my_subscriptions
from milepost.web.public import (
    campaign,
    cart_seen,
    checkout,
    comments,
    follow,
    history,
    home,
    order,
    pledge,
    preview,
    referral,
    styles,
    unsubscribe,
    updates,
)
from milepost.web.shop import cart, embed, listing, reviews, shelves, subscribe
from milepost.web.studio import (
    account,
    batches,
    brand,
    decisions,
    disputes,
    entrance,
    faqs,
    fulfilment,
    invitation,
    log,
    milestone,
    milestones,
    overview,
    passkeys,
    people,
    products,
    shop,
    shop_codes,
    shop_collections,
    shop_embed,
    shop_reviews,
    shop_settings,
    shop_shipping,
    shop_variants,
    survey,
    tokens,
    tracking,
)
from milepost.web.studio import comments as studio_comments
from milepost.web.studio import home as studio
from milepost.web.studio import order as one_order
from milepost.web.studio import orders as all_orders
from milepost.web.studio import pledge as one_pledge
from milepost.web.studio import pledges as all_pledges
from milepost.web.studio import subscriptions as all_subscriptions
from milepost.web.studio import updates as studio_updates
from milepost.web.studio.cart_milestones import campaigns as cart_campaigns
from milepost.web.studio.cart_milestones import design as cart_design
from milepost.web.studio.cart_milestones import display as cart_display
from milepost.web.studio.cart_milestones import frame as cart_steps
from milepost.web.studio.cart_milestones import languages as cart_languages
from milepost.web.studio.cart_milestones import preview as cart_preview
from milepost.web.studio.cart_milestones import rule as cart_rule
from milepost.web.studio.editor import languages, launch, money, page, rewards, sheet, shipping
from milepost.web.studio.programs import customers as program_customers
from milepost.web.studio.programs import programs
from milepost.web.studio.programs import rule as program_rule
from milepost.web.studio.programs import settings as program_settings
from milepost.web.studio.programs import turn as program_turn

CAMPAIGN = "/studio/{store}/campaigns/{campaign}"
CART_MILESTONES = "/studio/{store}/cart-milestones"
PROGRAMS = "/studio/{store}/programs"
UPDATES = f"{CAMPAIGN}/updates"
SHOP = "/studio/{store}/shop"
LISTING = f"{SHOP}/{{listing:int}}"
ORDERS = "/studio/{store}/orders"
SUBSCRIPTIONS = "/studio/{store}/subscriptions"
ROUTES = [
    # public pages
    Route("/", home.front_page),
    Route("/c/{slug}", campaign.unknown),  # doors.py: the campaign page, from memory
    Route("/c/{slug}.json", campaign.unknown),  # doors.py: its public state
    Route("/c/{slug}/live", campaign.unknown),  # doors.py: the same as Server-Sent Events
    Route("/c/{slug}/card.png", campaign.share_picture),
    Route("/c/{slug}/history", history.page),
    Route("/c/{slug}/history.json", history.machine_readable),
    Route("/c/{slug}/updates", updates.updates_page),
    Route("/c/{slug}/updates/{number}", updates.update_page),
    Route("/c/{slug}/comments", comments.comments_page, methods=["GET", "POST"]),
    Route("/c/{slug}/comments/{comment}/withdraw", comments.withdraw, methods=["GET", "POST"]),
    Route("/c/{slug}/comments/{comment}/report", comments.report, methods=["GET", "POST"]),
    Route("/c/{slug}/follow", follow.follow, methods=["GET", "POST"]),
    Route("/follow/{token}", follow.confirmed, methods=["GET", "POST"]),
    Route("/r/{code}", referral.come),
    # the shop
    Route("/shop", shelves.shop_page),
    Route("/shop/in/{collection}", shelves.collection_page),
    Route("/shop/{slug}", listing.listing_page),
    Route("/shop/{slug}/reviews", reviews.reviews_page, methods=["GET", "POST"]),
    Route("/shop/{slug}/subscribe", subscribe.subscribe_page, methods=["GET", "POST"]),
    Route("/s/{key}", subscribe.own_page),
    Route("/preview/{key}", preview.page),
    Route("/c/{slug}/pledge", pledge.form_or_start, methods=["GET", "POST"]),
    # the shop's cart
    Route("/cart", cart.cart_page),
    Route("/cart/drawer", cart.drawer),
    Route("/cart/seen", cart_seen.seen, methods=["POST"]),
    Route("/cart/change", cart.change, methods=["GET", "POST"]),
    Route("/cart/take", cart.take, methods=["GET", "POST"]),
    Route("/embed/cart.js", embed.script),
    Route("/api/cart", embed.cart, methods=["GET", "POST", "OPTIONS"]),
    Route("/api/cart/change", embed.change, methods=["POST", "OPTIONS"]),
    # for programs of a store's own
    Route("/api/v1/events", events.events, methods=["POST"]),
    # the backer's own
    Route("/p/{key}", pledge.own_page),
    Route("/p/{key}/again", pledge.again),
    # a shopper's
    Route("/checkout", checkout.check_out_or_back, methods=["GET", "POST"]),
    Route("/o/{key}", order.own_page),
    Route("/unsubscribe/{token}", unsubscribe.unsubscribe, methods=["GET", "POST"]),
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
    Route("/me/subscriptions/{subscription}/keep", my_subscriptions.keep, methods=["GET", "POST"]),
    Route("/me/subscriptions/{subscription}/card", my_subscriptions.card, methods=["GET", "POST"]),
    Route("/me/gift-card", gift_card.gift_card, methods=["GET", "POST"]),
    Route("/me/points", points.points, methods=["GET", "POST"]),
    Route("/me/rewards", my_rewards.rewards),
    Route("/me/data.json", own.data),
    Route("/me/erase", own.erase, methods=["GET", "POST"]),
    # the creators'
    Route("/studio", studio.stores),
    Route("/studio/sign-in", entrance.password, methods=["GET", "POST"]),
    Route("/studio/sign-in/link", entrance.mail_link, methods=["GET", "POST"]),
    Route("/studio/sign-in/passkey", passkeys.begin_entering, methods=["POST"]),
    Route("/studio/sign-in/passkey/answer", passkeys.enter, methods=["POST"]),
    Route("/studio/sign-in/{token}", entrance.link, methods=["GET", "POST"]),
    Route("/studio/sign-out", entrance.out, methods=["GET", "POST"]),
    Route("/studio/sign-out/everywhere", entrance.out_everywhere, methods=["GET", "POST"]),
    Route("/studio/account", account.account),
    Route("/studio/account/about", account.about, methods=["GET", "POST"]),
    Route("/studio/account/password", account.password, methods=["GET", "POST"]),
    Route("/studio/account/proof", account.proof, methods=["GET", "POST"]),
    Route("/studio/account/sittings/end", account.end_sitting, methods=["GET", "POST"]),
    Route("/studio/account/passkeys", passkeys.begin_adding, methods=["POST"]),
    Route("/studio/account/passkeys/answer", passkeys.add, methods=["POST"]),
    Route("/studio/account/passkeys/remove", passkeys.remove, methods=["GET", "POST"]),
    Route("/studio/invitations/{token}", invitation.invitation, methods=["GET", "POST"]),
    Route("/studio/{store}", studio.store),
    Route("/studio/{store}/tokens", tokens.tokens, methods=["GET", "POST"]),
    Route("/studio/{store}/tokens/{api_token}/revoke", tokens.revoke, methods=["GET", "POST"]),
    Route("/studio/{store}/people", people.people),
    Route("/studio/{store}/people/invite", people.invite, methods=["GET", "POST"]),
    Route("/studio/{store}/people/withdraw", people.withdraw, methods=["GET", "POST"]),
    Route("/studio/{store}/people/role", people.change_role, methods=["GET", "POST"]),
    Route("/studio/{store}/people/remove", people.remove, methods=["GET", "POST"]),
    Route("/studio/{store}/log", log.log),
    # a campaign's
    Route("/studio/{store}/campaigns/new", page.new, methods=["GET", "POST"]),
    Route("/studio/{store}/campaigns/{campaign}", overview.overview),
    Route("/studio/{store}/campaigns/{campaign}/days.csv", overview.days_csv),
    Route("/studio/{store}/campaigns/{campaign}/entries.csv", overview.entries_csv),
    # a campaign's pledges, and sending what they are owed
    Route(f"{CAMPAIGN}/pledges", all_pledges.pledges),
    Route(f"{CAMPAIGN}/pledges.csv", all_pledges.as_csv),
    Route(f"{CAMPAIGN}/pledges/{{number}}", one_pledge.one),
    Route(f"{CAMPAIGN}/pledges/{{number}}/refund", decisions.refund, methods=["GET", "POST"]),
    Route(f"{CAMPAIGN}/pledges/{{number}}/cancel", decisions.cancel, methods=["GET", "POST"]),
    Route(f"{CAMPAIGN}/pledges/{{number}}/release", decisions.release, methods=["GET", "POST"]),
    Route(f"{CAMPAIGN}/pledges/{{number}}/note", one_pledge.note, methods=["GET", "POST"]),
    Route(f"{CAMPAIGN}/pledges/{{number}}/ship", one_pledge.ship, methods=["GET", "POST"]),
    Route(f"{CAMPAIGN}/pledges/{{number}}/correct", one_pledge.correct, methods=["GET", "POST"]),
    Route(f"{CAMPAIGN}/disputes", disputes.disputes),
    Route(f"{CAMPAIGN}/fulfilment", fulfilment.fulfilment),
    Route(f"{CAMPAIGN}/fulfilment/parcels", fulfilment.owed),
    Route(f"{CAMPAIGN}/fulfilment/batches/new", batches.new, methods=["GET", "POST"]),
    Route(f"{CAMPAIGN}/fulfilment/batches/{{batch}}", batches.one),
    Route(f"{CAMPAIGN}/fulfilment/batches/{{batch}}/packing", batches.packing),
    Route(f"{CAMPAIGN}/fulfilment/batches/{{batch}}/csv", batches.as_csv),
    Route(
        f"{CAMPAIGN}/fulfilment/batches/{{batch}}/dissolve",
        batches.dissolve,
        methods=["GET", "POST"],
    ),
    Route(f"{CAMPAIGN}/fulfilment/tracking", tracking.new, methods=["GET", "POST"]),
    Route(f"{CAMPAIGN}/fulfilment/tracking/{{run}}", tracking.one),
    Route(f"{CAMPAIGN}/fulfilment/tracking/{{run}}/send", tracking.apply, methods=["GET", "POST"]),
    Route(f"{CAMPAIGN}/fulfilment/tracking/{{run}}/bad.csv", tracking.bad_lines),
    Route(f"{CAMPAIGN}/fulfilment/questions", survey.questions),
    Route(f"{CAMPAIGN}/fulfilment/questions/ask", survey.ask, methods=["GET", "POST"]),
    Route(f"{CAMPAIGN}/fulfilment/questions/remind", survey.remind, methods=["GET", "POST"]),
    Route(f"{CAMPAIGN}/fulfilment/questions/{{question}}", survey.one, methods=["GET", "POST"]),
    Route(f"{CAMPAIGN}/fulfilment/lock", survey.lock, methods=["GET", "POST"]),
    # a campaign's updates, questions and comments
    Route(UPDATES, studio_updates.updates_page),
    Route(f"{UPDATES}/new", studio_updates.new_update, methods=["GET", "POST"]),
    Route(f"{UPDATES}/new/keep", studio_updates.keep_new, methods=["GET", "POST"]),
    Route(f"{UPDATES}/preview", studio_updates.preview, methods=["GET", "POST"]),
    Route(f"{UPDATES}/faq", faqs.faqs_page),
    Route(f"{UPDATES}/faq/add", faqs.add, methods=["GET", "POST"]),
    Route(f"{UPDATES}/faq/{{faq}}", faqs.change, methods=["GET", "POST"]),
    Route(f"{UPDATES}/faq/{{faq}}/move", faqs.move, methods=["GET", "POST"]),
    Route(f"{UPDATES}/faq/{{faq}}/remove", faqs.remove, methods=["GET", "POST"]),
    Route(f"{UPDATES}/comments", studio_comments.comments_page),
    Route(f"{UPDATES}/comments/setting", studio_comments.setting, methods=["GET", "POST"]),
    Route(f"{UPDATES}/comments/unblock", studio_comments.unblock, methods=["GET", "POST"]),
    Route(f"{UPDATES}/comments/{{comment}}/show", studio_comments.show, methods=["GET", "POST"]),
    Route(f"{UPDATES}/comments/{{comment}}/hide", studio_comments.hide, methods=["GET", "POST"]),
    Route(
        f"{UPDATES}/comments/{{comment}}/answer", studio_comments.answer, methods=["GET", "POST"]
    ),
    Route(f"{UPDATES}/comments/{{comment}}/block", studio_comments.block, methods=["GET", "POST"]),
    Route(f"{UPDATES}/{{update:int}}", studio_updates.one_update, methods=["GET", "POST"]),
    Route(f"{UPDATES}/{{update:int}}/keep", studio_updates.keep, methods=["GET", "POST"]),
    Route(f"{UPDATES}/{{update:int}}/publish", studio_updates.publish, methods=["GET", "POST"]),
    Route(f"{UPDATES}/{{update:int}}/withdraw", studio_updates.withdraw, methods=["GET", "POST"]),
    Route(f"{UPDATES}/{{update:int}}/discard", studio_updates.discard, methods=["GET", "POST"]),
    Route("/studio/{store}/products", products.products),
    Route("/studio/{store}/products/new", products.new, methods=["GET", "POST"]),
    Route("/studio/{store}/products/{product}", products.one),
    Route("/studio/{store}/products/{product}/edit", products.edit, methods=["GET", "POST"]),
    Route("/studio/{store}/products/{product}/remove", products.remove, methods=["GET", "POST"]),
    Route(SUBSCRIPTIONS, all_subscriptions.subscriptions),
    Route(f"{SUBSCRIPTIONS}/{{subscription}}", all_subscriptions.one),
    Route(f"{SUBSCRIPTIONS}/{{subscription}}/end", all_subscriptions.end, methods=["GET", "POST"]),
    Route(ORDERS, all_orders.orders),
    Route(f"{ORDERS}.csv", all_orders.as_csv),
    Route(f"{ORDERS}/ship", all_orders.ship, methods=["GET", "POST"]),
    Route(f"{ORDERS}/{{order}}", one_order.one),
    Route(f"{ORDERS}/{{order}}/ship", one_order.ship, methods=["GET", "POST"]),
    Route(f"{ORDERS}/{{order}}/correct", one_order.correct, methods=["GET", "POST"]),
    Route(f"{ORDERS}/{{order}}/claim", one_order.claim, methods=["GET", "POST"]),
    Route(f"{ORDERS}/{{order}}/refund", one_order.refund, methods=["GET", "POST"]),
    # the shop's
    Route(f"{SHOP}/codes", shop_codes.codes),
    Route(f"{SHOP}/codes/new", shop_codes.new, methods=["GET", "POST"]),
    Route(f"{SHOP}/codes/{{code}}", shop_codes.one, methods=["GET", "POST"]),
    Route(f"{SHOP}/codes/{{code}}/end", shop_codes.end, methods=["GET", "POST"]),
    Route(f"{SHOP}/codes/{{code}}/remove", shop_codes.remove, methods=["GET", "POST"]),
    Route(f"{SHOP}/embed", shop_embed.embed, methods=["GET", "POST"]),
    Route(f"{SHOP}/shipping", shop_shipping.options),
    Route(f"{SHOP}/shipping/new", shop_shipping.new, methods=["GET", "POST"]),
    Route(f"{SHOP}/shipping/{{option}}", shop_shipping.one, methods=["GET", "POST"]),
    Route(f"{SHOP}/shipping/{{option}}/move", shop_shipping.move, methods=["GET", "POST"]),
    Route(f"{SHOP}/shipping/{{option}}/remove", shop_shipping.remove, methods=["GET", "POST"]),
    # the store's shop
    Route(SHOP, shop.shop),
    Route(f"{SHOP}/new", shop.new, methods=["GET", "POST"]),
    Route(f"{SHOP}/keep/{{part}}", sheet.keep_shop, methods=["GET", "POST"]),
    Route(f"{SHOP}/collections", shop_collections.collections),
    Route(f"{SHOP}/collections/add", shop_collections.add, methods=["GET", "POST"]),
    Route(f"{SHOP}/collections/{{collection}}", shop_collections.rename, methods=["GET", "POST"]),
    Route(
        f"{SHOP}/collections/{{collection}}/move", shop_collections.move, methods=["GET", "POST"]
    ),
    Route(
        f"{SHOP}/collections/{{collection}}/remove",
        shop_collections.remove,
        methods=["GET", "POST"],
    ),
    Route(f"{SHOP}/reviews", shop_reviews.reviews),
    Route(f"{SHOP}/reviews/{{review}}", shop_reviews.decide, methods=["GET", "POST"]),
    Route(f"{SHOP}/settings", shop_settings.settings, methods=["GET", "POST"]),
    Route(LISTING, shop.one, methods=["GET", "POST"]),
    Route(f"{LISTING}/publish", shop.publish, methods=["GET", "POST"]),
    Route(f"{LISTING}/withdraw", shop.withdraw, methods=["GET", "POST"]),
    Route(f"{LISTING}/remove", shop.remove, methods=["GET", "POST"]),
    Route(f"{LISTING}/new", shop_variants.new, methods=["GET", "POST"]),
    Route(f"{LISTING}/products", shop_variants.there, methods=["GET", "POST"]),
    Route(f"{LISTING}/{{variant:int}}", shop_variants.one, methods=["GET", "POST"]),
    Route(f"{LISTING}/{{variant:int}}/move", shop_variants.move, methods=["GET", "POST"]),
    Route(f"{LISTING}/{{variant:int}}/off", shop_variants.off, methods=["GET", "POST"]),
    Route(f"{CAMPAIGN}/milestones", milestones.trail),
    Route(f"{CAMPAIGN}/milestones/new", milestones.new, methods=["GET", "POST"]),
    Route(f"{CAMPAIGN}/milestones/{{milestone}}", milestone.one),
    Route(f"{CAMPAIGN}/milestones/{{milestone}}/edit", milestones.edit, methods=["GET", "POST"]),
    Route(f"{CAMPAIGN}/milestones/{{milestone}}/target", milestones.move, methods=["GET", "POST"]),
    Route(f"{CAMPAIGN}/milestones/{{milestone}}/mail", milestone.mail),
    Route(f"{CAMPAIGN}/milestones/{{milestone}}/reveal", milestone.reveal, methods=["GET", "POST"]),
    Route(f"{CAMPAIGN}/milestones/{{milestone}}/codes", milestone.codes, methods=["GET", "POST"]),
    Route(
        f"{CAMPAIGN}/milestones/{{milestone}}/archive", milestone.archive, methods=["GET", "POST"]
    ),
    # milestones of the cart
    Route(CART_MILESTONES, cart_campaigns.campaigns),
    Route(f"{CART_MILESTONES}/new", cart_campaigns.new, methods=["GET", "POST"]),
    Route(f"{CART_MILESTONES}/help", cart_campaigns.help_page),
    Route(f"{CART_MILESTONES}/{{cart}}", cart_campaigns.one),
    Route(f"{CART_MILESTONES}/{{cart}}/rule", cart_rule.rule, methods=["GET", "POST"]),
    Route(f"{CART_MILESTONES}/{{cart}}/display", cart_display.display, methods=["GET", "POST"]),
    Route(f"{CART_MILESTONES}/{{cart}}/design", cart_design.design, methods=["GET", "POST"]),
    Route(
        f"{CART_MILESTONES}/{{cart}}/languages", cart_languages.languages, methods=["GET", "POST"]
    ),
    Route(
        f"{CART_MILESTONES}/{{cart}}/preview/{{step}}",
        cart_preview.preview,
        methods=["GET", "POST"],
    ),
    Route(f"{CART_MILESTONES}/{{cart}}/turn", cart_campaigns.turn, methods=["GET", "POST"]),
    Route(
        f"{CART_MILESTONES}/{{cart}}/discard", cart_campaigns.throw_away, methods=["GET", "POST"]
    ),
    Route(f"{CART_MILESTONES}/{{cart}}/keep/{{step}}", cart_steps.keep, methods=["GET", "POST"]),
    # reward programs
    Route(PROGRAMS, programs.listed),
    Route(f"{PROGRAMS}/new", programs.new, methods=["GET", "POST"]),
    Route(f"{PROGRAMS}/help", programs.help_page),
    Route(f"{PROGRAMS}/settings", program_settings.settings, methods=["GET", "POST"]),
    Route(f"{PROGRAMS}/customers", program_customers.listed),
    Route(f"{PROGRAMS}/customers/{{customer}}", program_customers.one, methods=["GET", "POST"]),
    Route(f"{PROGRAMS}/{{program:int}}", program_rule.rule, methods=["GET", "POST"]),
    Route(f"{PROGRAMS}/{{program:int}}/keep", program_rule.keep, methods=["GET", "POST"]),
    Route(f"{PROGRAMS}/{{program:int}}/preview", program_rule.preview, methods=["GET", "POST"]),
    Route(f"{PROGRAMS}/{{program:int}}/turn", program_turn.turn, methods=["GET", "POST"]),
    Route(f"{PROGRAMS}/{{program:int}}/discard", programs.discard, methods=["GET", "POST"]),
    Route("/studio/{store}/brand", brand.brand, methods=["GET", "POST"]),
    Route("/studio/{store}/brand/keep", sheet.keep_brand, methods=["GET", "POST"]),
    Route("/studio/{store}/brand/look", brand.look),
    Route("/studio/{store}/brand/look.css", brand.look_css),
    Route("/studio/{store}/prose", page.preview_prose, methods=["GET", "POST"]),
    Route("/studio/{store}/campaigns/{campaign}/edit", page.edit, methods=["GET", "POST"]),
    Route(
        "/studio/{store}/campaigns/{campaign}/edit/keep/{part}", sheet.keep, methods=["GET", "POST"]
    ),
    Route(
        "/studio/{store}/campaigns/{campaign}/edit/rewards",
        rewards.rewards,
        methods=["GET", "POST"],
    ),
    Route(
        "/studio/{store}/campaigns/{campaign}/edit/rewards/{tier}",
        rewards.one,
        methods=["GET", "POST"],
    ),
    Route(
        "/studio/{store}/campaigns/{campaign}/edit/shipping",
        shipping.shipping,
        methods=["GET", "POST"],
    ),
    Route(
        "/studio/{store}/campaigns/{campaign}/edit/shipping/{zone}",
        shipping.zone,
        methods=["GET", "POST"],
    ),
    Route("/studio/{store}/campaigns/{campaign}/edit/money", money.edit, methods=["GET", "POST"]),
    Route("/studio/{store}/campaigns/{campaign}/edit/languages", languages.languages),
    Route(
        "/studio/{store}/campaigns/{campaign}/edit/languages/{locale}",
        languages.one,
        methods=["GET", "POST"],
    ),
    Route("/studio/{store}/campaigns/{campaign}/launch", launch.launch, methods=["GET", "POST"]),
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
