"""Every URL of the studio, by part. Where two could match, the first one answers."""

from starlette.routing import Route

from milepost.web.studio import (
    account,
    batches,
    brand,
    comments,
    decisions,
    disputes,
    entrance,
    faqs,
    fulfilment,
    home,
    invitation,
    log,
    milestone,
    milestones,
    order,
    orders,
    overview,
    passkeys,
    people,
    pledge,
    pledges,
    products,
    shop,
    shop_codes,
    shop_collections,
    shop_embed,
    shop_reviews,
    shop_settings,
    shop_shipping,
    shop_variants,
    subscriptions,
    survey,
    tokens,
    tracking,
    updates,
)
from milepost.web.studio.cart_milestones import campaigns as cart_campaigns
from milepost.web.studio.cart_milestones import design as cart_design
from milepost.web.studio.cart_milestones import display as cart_display
from milepost.web.studio.cart_milestones import frame as cart_steps
from milepost.web.studio.cart_milestones import languages as cart_languages
from milepost.web.studio.cart_milestones import preview as cart_preview
from milepost.web.studio.cart_milestones import rule as cart_rule
from milepost.web.studio.editor import languages, launch, money, page, rewards, sheet, shipping
from milepost.web.studio.programs import customers as program_customers
from milepost.web.studio.programs import languages as program_words
from milepost.web.studio.programs import programs
from milepost.web.studio.programs import rule as program_rule
from milepost.web.studio.programs import settings as program_settings
from milepost.web.studio.programs import turn as program_turn

CAMPAIGN = "/studio/{store}/campaigns/{campaign}"
CART_MILESTONES = "/studio/{store}/cart-milestones"
PROGRAMS = "/studio/{store}/programs"
WORDS = f"{PROGRAMS}/{{program:int}}/languages"
UPDATES = f"{CAMPAIGN}/updates"
SHOP = "/studio/{store}/shop"
LISTING = f"{SHOP}/{{listing:int}}"
ORDERS = "/studio/{store}/orders"
SUBSCRIPTIONS = "/studio/{store}/subscriptions"
ROUTES = [
    # coming in, and a creator's own
    Route("/studio", home.stores),
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
    # a store's
    Route("/studio/{store}", home.store),
    Route("/studio/{store}/tokens", tokens.tokens, methods=["GET", "POST"]),
    Route("/studio/{store}/tokens/{api_token}/revoke", tokens.revoke, methods=["GET", "POST"]),
    Route("/studio/{store}/people", people.people),
    Route("/studio/{store}/people/invite", people.invite, methods=["GET", "POST"]),
    Route("/studio/{store}/people/withdraw", people.withdraw, methods=["GET", "POST"]),
    Route("/studio/{store}/people/role", people.change_role, methods=["GET", "POST"]),
    Route("/studio/{store}/people/remove", people.remove, methods=["GET", "POST"]),
    Route("/studio/{store}/log", log.log),
    Route("/studio/{store}/brand", brand.brand, methods=["GET", "POST"]),
    Route("/studio/{store}/brand/keep", sheet.keep_brand, methods=["GET", "POST"]),
    Route("/studio/{store}/brand/look", brand.look),
    Route("/studio/{store}/brand/look.css", brand.look_css),
    # a campaign's
    Route("/studio/{store}/campaigns/new", page.new, methods=["GET", "POST"]),
    Route(CAMPAIGN, overview.overview),
    Route(f"{CAMPAIGN}/days.csv", overview.days_csv),
    Route(f"{CAMPAIGN}/entries.csv", overview.entries_csv),
    # making a campaign
    Route("/studio/{store}/prose", page.preview_prose, methods=["GET", "POST"]),
    Route(f"{CAMPAIGN}/edit", page.edit, methods=["GET", "POST"]),
    Route(f"{CAMPAIGN}/edit/keep/{{part}}", sheet.keep, methods=["GET", "POST"]),
    Route(f"{CAMPAIGN}/edit/rewards", rewards.rewards, methods=["GET", "POST"]),
    Route(f"{CAMPAIGN}/edit/rewards/{{tier}}", rewards.one, methods=["GET", "POST"]),
    Route(f"{CAMPAIGN}/edit/shipping", shipping.shipping, methods=["GET", "POST"]),
    Route(f"{CAMPAIGN}/edit/shipping/{{zone}}", shipping.zone, methods=["GET", "POST"]),
    Route(f"{CAMPAIGN}/edit/money", money.edit, methods=["GET", "POST"]),
    Route(f"{CAMPAIGN}/edit/languages", languages.languages),
    Route(f"{CAMPAIGN}/edit/languages/{{locale}}", languages.one, methods=["GET", "POST"]),
    Route(f"{CAMPAIGN}/launch", launch.launch, methods=["GET", "POST"]),
    # a campaign's milestones
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
    # a campaign's pledges, and sending what they are owed
    Route(f"{CAMPAIGN}/pledges", pledges.pledges),
    Route(f"{CAMPAIGN}/pledges.csv", pledges.as_csv),
    Route(f"{CAMPAIGN}/pledges/{{number}}", pledge.one),
    Route(f"{CAMPAIGN}/pledges/{{number}}/refund", decisions.refund, methods=["GET", "POST"]),
    Route(f"{CAMPAIGN}/pledges/{{number}}/cancel", decisions.cancel, methods=["GET", "POST"]),
    Route(f"{CAMPAIGN}/pledges/{{number}}/release", decisions.release, methods=["GET", "POST"]),
    Route(f"{CAMPAIGN}/pledges/{{number}}/note", pledge.note, methods=["GET", "POST"]),
    Route(f"{CAMPAIGN}/pledges/{{number}}/ship", pledge.ship, methods=["GET", "POST"]),
    Route(f"{CAMPAIGN}/pledges/{{number}}/correct", pledge.correct, methods=["GET", "POST"]),
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
    Route(UPDATES, updates.updates_page),
    Route(f"{UPDATES}/new", updates.new_update, methods=["GET", "POST"]),
    Route(f"{UPDATES}/new/keep", updates.keep_new, methods=["GET", "POST"]),
    Route(f"{UPDATES}/preview", updates.preview, methods=["GET", "POST"]),
    Route(f"{UPDATES}/faq", faqs.faqs_page),
    Route(f"{UPDATES}/faq/add", faqs.add, methods=["GET", "POST"]),
    Route(f"{UPDATES}/faq/{{faq}}", faqs.change, methods=["GET", "POST"]),
    Route(f"{UPDATES}/faq/{{faq}}/move", faqs.move, methods=["GET", "POST"]),
    Route(f"{UPDATES}/faq/{{faq}}/remove", faqs.remove, methods=["GET", "POST"]),
    Route(f"{UPDATES}/comments", comments.comments_page),
    Route(f"{UPDATES}/comments/setting", comments.setting, methods=["GET", "POST"]),
    Route(f"{UPDATES}/comments/unblock", comments.unblock, methods=["GET", "POST"]),
    Route(f"{UPDATES}/comments/{{comment}}/show", comments.show, methods=["GET", "POST"]),
    Route(f"{UPDATES}/comments/{{comment}}/hide", comments.hide, methods=["GET", "POST"]),
    Route(f"{UPDATES}/comments/{{comment}}/answer", comments.answer, methods=["GET", "POST"]),
    Route(f"{UPDATES}/comments/{{comment}}/block", comments.block, methods=["GET", "POST"]),
    Route(f"{UPDATES}/{{update:int}}", updates.one_update, methods=["GET", "POST"]),
    Route(f"{UPDATES}/{{update:int}}/keep", updates.keep, methods=["GET", "POST"]),
    Route(f"{UPDATES}/{{update:int}}/publish", updates.publish, methods=["GET", "POST"]),
    Route(f"{UPDATES}/{{update:int}}/withdraw", updates.withdraw, methods=["GET", "POST"]),
    Route(f"{UPDATES}/{{update:int}}/discard", updates.discard, methods=["GET", "POST"]),
    # products and the shop
    Route("/studio/{store}/products", products.products),
    Route("/studio/{store}/products/new", products.new, methods=["GET", "POST"]),
    Route("/studio/{store}/products/{product}", products.one),
    Route("/studio/{store}/products/{product}/edit", products.edit, methods=["GET", "POST"]),
    Route("/studio/{store}/products/{product}/remove", products.remove, methods=["GET", "POST"]),
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
    # orders and subscriptions
    Route(SUBSCRIPTIONS, subscriptions.subscriptions),
    Route(f"{SUBSCRIPTIONS}/{{subscription}}", subscriptions.one),
    Route(f"{SUBSCRIPTIONS}/{{subscription}}/end", subscriptions.end, methods=["GET", "POST"]),
    Route(ORDERS, orders.orders),
    Route(f"{ORDERS}.csv", orders.as_csv),
    Route(f"{ORDERS}/ship", orders.ship, methods=["GET", "POST"]),
    Route(f"{ORDERS}/{{order}}", order.one),
    Route(f"{ORDERS}/{{order}}/ship", order.ship, methods=["GET", "POST"]),
    Route(f"{ORDERS}/{{order}}/correct", order.correct, methods=["GET", "POST"]),
    Route(f"{ORDERS}/{{order}}/claim", order.claim, methods=["GET", "POST"]),
    Route(f"{ORDERS}/{{order}}/refund", order.refund, methods=["GET", "POST"]),
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
    Route(WORDS, program_words.languages, methods=["GET", "POST"]),
    Route(f"{WORDS}/keep", program_words.keep, methods=["GET", "POST"]),
    Route(f"{WORDS}/preview", program_words.preview, methods=["GET", "POST"]),
    Route(f"{PROGRAMS}/{{program:int}}/turn", program_turn.turn, methods=["GET", "POST"]),
    Route(f"{PROGRAMS}/{{program:int}}/discard", programs.discard, methods=["GET", "POST"]),
]
