"""What the database refuses of the shop, each by its name; it stands on the small world."""

# A listing with a variant, a code, a way to ship, milestones of the cart, a cart, orders.
SHOP = """
insert into listings (store_id, slug, title, made_at) values (1, 'muff', 'Wind muff', now());
insert into products (store_id, title, stock, listing_id) values (1, 'Wind muff', 3, 1);
insert into collections (store_id, slug, title) values (1, 'summer', 'Summer');
insert into shop_codes (store_id, code, kind, percent, most, made_at)
values (1, 'SPRING', 'percent', 1000, 5, now());
insert into shipping_options (store_id, title, prices) values (1, 'By post', '{}');
insert into tracks (store_id, scope) values (1, 'cart'), (1, 'cart');
insert into cart_campaigns (store_id, track_id, name, state, made_at)
select 1, min(id), 'Spring', 'active', now() from tracks where scope = 'cart';
insert into cart_tiers (track_id, position, targets, kind, percent)
select track_id, 0, '{"USD": 3000}', 'percent', 1000 from cart_campaigns;
insert into carts (store_id, token_hash, currency, made_at, changed_at, customer_id)
values (1, 'x', 'USD', now(), now(), 1);
insert into orders (store_id, key, cart_id, locale, currency, lines, goods, total, made_at,
                    expires_at)
values (1, 'c1', 1, 'en', 'USD', '[]', 1900, 1900, now(), now());
insert into orders (store_id, key, state, locale, currency, lines, goods, total, made_at,
                    expires_at, paid_at, customer_id)
values (1, 'c2', 'paid', 'en', 'USD', '[]', 1900, 1900, now(), now(), now(), 1);
insert into order_refunds (order_id, amount, idempotency_key, provider_id, made_by, made_at)
select id, 100, 'cr1', 're_9', 'alice', now() from orders where key = 'c2';
insert into reviews (listing_id, customer_id, order_id, stars, made_at)
select 1, 1, id, 5, now() from orders where key = 'c2';
insert into gift_cards (store_id, order_id, line, code, currency, amount, made_at)
select 1, id, 0, 'AAAA', 'USD', 100, now() from orders where key = 'c2';
"""
CART = "insert into carts (store_id, token_hash, currency, made_at, changed_at, customer_id)"
CODE = "insert into shop_codes (store_id, code, kind, percent, made_at) values"
LISTING = "insert into listings (store_id, slug, title, made_at) values"
CAMPAIGN = "insert into cart_campaigns (store_id, track_id, name, state, made_at)"
ORDER = (
    "insert into orders (store_id, key, cart_id, locale, currency, lines, goods, total, made_at,"
    " expires_at) values"
)
REFUND = "insert into order_refunds (order_id, amount, idempotency_key, made_by, made_at) values"

REFUSED = [
    ("gift_card_worth_something", "update gift_cards set amount = 0"),
    ("redeemed_by_somebody", "update gift_cards set redeemed_at = now()"),
    (
        "one_gift_card_of_a_code",
        "insert into gift_cards (store_id, order_id, line, code, currency, amount, made_at)"
        " select store_id, order_id, 1, code, currency, amount, made_at from gift_cards",
    ),
    ("store_sells_in_a_currency", "update stores set currencies = '{}'"),
    ("listing_has_an_address", f"{LISTING} (1, '', 'Cup', now())"),
    ("listing_has_a_title", f"{LISTING} (1, 'cup', '', now())"),
    ("one_listing_per_address", f"{LISTING} (1, 'muff', 'Another', now())"),
    ("public_since_some_time", "update listings set published = true, published_at = null"),
    ("stars_of_reviews", "update listings set reviews = 1, stars = 6"),
    (
        "collection_has_an_address",
        "insert into collections (store_id, slug, title) values (1, '', 'A')",
    ),
    (
        "collection_has_a_title",
        "insert into collections (store_id, slug, title) values (1, 'a', '')",
    ),
    (
        "one_collection_per_address",
        "insert into collections (store_id, slug, title) values (1, 'summer', 'Again')",
    ),
    ("cart_campaign_has_a_name", "update cart_campaigns set name = ''"),
    ("cart_campaign_state_known", "update cart_campaigns set state = 'over'"),
    ("cart_trigger_known", "update cart_campaigns set trigger = 'weight'"),
    (
        "one_active_cart_campaign",
        f"{CAMPAIGN} select 1, max(id), 'Summer', 'active', now() from tracks",
    ),
    ("cart_reward_known", "update cart_tiers set kind = 'hug', percent = null"),
    ("tier_percent_possible", "update cart_tiers set percent = 0"),
    ("percent_tier_has_one", "update cart_tiers set percent = null"),
    ("gift_is_a_product", "update cart_tiers set product_id = 1"),
    ("carts_token_hash_key", f"{CART} values (1, 'x', 'USD', now(), now(), null)"),
    ("one_cart_of_a_customer", f"{CART} values (1, 'y', 'USD', now(), now(), 1)"),
    ("credit_back_of_credit", "update orders set credit_back = 1 where credit = 0"),
    (
        "credit_is_of_a_customer",
        "update orders set customer_id = null, credit = 1, total = total - 1",
    ),
    ("orders_key_key", f"{ORDER} (1, 'c1', null, 'en', 'USD', '[]', 1, 1, now(), now())"),
    ("one_open_order_of_a_cart", f"{ORDER} (1, 'o3', 1, 'en', 'USD', '[]', 1, 1, now(), now())"),
    ("order_refunds_idempotency_key_key", f"{REFUND} (2, 1, 'cr1', 'alice', now())"),
    ("one_to_five_stars", "update reviews set stars = 6"),
    ("review_state_known", "update reviews set state = 'lost'"),
    (
        "one_review_of_a_customer",
        "insert into reviews (listing_id, customer_id, order_id, stars, made_at)"
        " values (1, 1, 2, 4, now())",
    ),
    ("claims_not_negative", "update products set claimed = -1"),
    ("code_is_upper_case", "update shop_codes set code = 'ten'"),
    ("code_kind_known", "update shop_codes set kind = 'free'"),
    ("code_percent_possible", "update shop_codes set percent = 10001"),
    ("code_used_at_all", "update shop_codes set most = 0"),
    ("one_code_of_a_name", "update shop_codes set code = 'TEN' where id = 2"),
    ("code_not_used_too_often", "update shop_codes set most = 1, used = 2"),
    ("percent_code_has_one", "update shop_codes set percent = null"),
    (
        "shipping_option_has_a_title",
        "insert into shipping_options (store_id, title, prices) values (1, '', '{}')",
    ),
    ("order_state_known", "update orders set state = 'lost'"),
    ("order_adds_up", "update orders set goods = goods + 1"),
    ("no_part_is_negative", "update orders set goods = goods - 2000, shipping = 2000 - 4000"),
    ("no_part_is_negative", "update orders set refunded = 1901"),
    ("sent_after_it_was_paid", "update orders set shipped_at = now()"),
    ("paid_at_some_time", "update orders set state = 'paid'"),
    ("order_refund_positive", f"{REFUND} (1, 0, 'o2', 'alice', now())"),
    (
        "order_refund_state_known",
        "insert into order_refunds (order_id, amount, idempotency_key, state, made_by, made_at)"
        " values (1, 1, 'o3', 'lost', 'alice', now())",
    ),
]
