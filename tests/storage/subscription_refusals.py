"""What the database refuses of subscriptions, each by its name; it stands on the small world."""

# A subscription that has begun, with the order of its first cycle.
SUBSCRIPTIONS = """
insert into subscriptions (store_id, key, product_id, customer_id, state, locale, currency, line,
                           every_count, every_unit, goods, ships, session_id, provider_id, made_at,
                           expires_at, begun_at)
select 1, 'subscription-key', min(id), 1, 'active', 'en', 'USD', '{}', 1, 'month', 1200, false,
       'cs_sub', 'sub_1', now(), now(), now() from products;
insert into orders (store_id, key, state, locale, currency, lines, goods, total, made_at,
                    expires_at, paid_at, subscription_id, invoice, period_start, period_end)
select 1, 'cycle-key', 'paid', 'en', 'USD', '[]', 1200, 1200, now(), now(), now(), id, 'in_1',
       now(), now() from subscriptions;
"""
CYCLE = (
    "insert into orders (store_id, key, state, locale, currency, lines, goods, total, made_at,"
    " expires_at, paid_at, subscription_id, invoice, period_start, period_end) select store_id,"
    " 'again', state, locale, currency, lines, goods, total, made_at, expires_at, paid_at,"
    " subscription_id, invoice, period_start, period_end from orders where invoice = 'in_1'"
)
AGAIN = (
    "insert into subscriptions (store_id, key, product_id, locale, currency, line, every_count,"
    " every_unit, goods, ships, session_id, provider_id, made_at, expires_at, state, begun_at)"
    " select store_id, {key}, product_id, locale, currency, line, every_count, every_unit, goods,"
    " ships, {session}, {provider}, made_at, expires_at, state, begun_at from subscriptions"
)

REFUSED = [
    ("paid_every_so_often", "update products set every_count = 0, every_unit = 'month'"),
    ("paid_every_known_time", "update products set every_count = 1, every_unit = 'day'"),
    ("every_is_whole", "update products set every_count = 1"),
    ("subscription_state_known", "update subscriptions set state = 'paused'"),
    ("subscription_costs_something", "update subscriptions set goods = 0"),
    ("sending_costs_not_less_than_nothing", "update subscriptions set shipping = -1"),
    ("begun_by_a_payment", "update subscriptions set state = 'open'"),
    ("begun_with_its_payer", "update subscriptions set provider_id = null"),
    ("ended_at_some_time", "update subscriptions set state = 'ended'"),
    ("subscriptions_key_key", AGAIN.format(key="key", session="'b'", provider="'b'")),
    ("subscriptions_session_id_key", AGAIN.format(key="'b'", session="session_id", provider="'b'")),
    (
        "subscriptions_provider_id_key",
        AGAIN.format(key="'b'", session="'b'", provider="provider_id"),
    ),
    ("orders_invoice_key", CYCLE),
    ("cycle_of_a_subscription", "update orders set invoice = null where invoice = 'in_1'"),
]
