-- What the shop sells in: the first of these currencies is the store's own.
alter table stores
    add column currencies text[] not null default '{USD}'
        constraint store_sells_in_a_currency check (cardinality(currencies) > 0),
    add column embed_origins text[] not null default '{}';  -- other sites that may show its cart

-- A page of the shop. Its variants are products: what is stocked, sold, and given as a reward alike.
create table listings (
    id            bigint generated always as identity primary key,
    store_id      bigint not null references stores,
    slug          text not null constraint listing_has_an_address check (slug <> ''),
    title         text not null constraint listing_has_a_title check (title <> ''),
    text          text not null default '',
    published     boolean not null default false,
    is_gift_card  boolean not null default false,
    translations  jsonb not null default '{}',
    stars         bigint not null default 0,
    reviews       bigint not null default 0,
    made_at       timestamptz not null,
    published_at  timestamptz,  -- for the first time: links lead there, so its address stays
    constraint public_since_some_time check (not published or published_at is not null),
    constraint one_listing_per_address unique (store_id, slug),
    constraint stars_of_reviews check (reviews >= 0 and stars between reviews and 5 * reviews)
);
create index listings_of_a_store on listings (store_id, id desc);
create index listings_for_sale on listings (store_id, id desc) where published;

-- `label` tells variants apart; `prices` are minor units by currency: without one it is not sold in it (M1).
alter table products
    add column listing_id  bigint references listings,
    add column label       text not null default '',
    add column position    int not null default 0,
    add column prices      jsonb not null default '{}',
    add column ships       boolean not null default true,
    add column claimed     bigint not null default 0 constraint claims_not_negative check (claimed >= 0);
comment on column products.claimed is 'pieces that orders hold: they left the stock when these were checked out (P3)';
create index products_of_a_listing on products (listing_id, position, id) where listing_id is not null;
-- A14: what is on the shelf while grants wait for it is theirs: the shop sells none of it; null is a stock without an end.
create function for_sale(product products) returns bigint language sql stable as $$
    select case when product.stock > 0
                 and exists (select from rewards r join grants g on g.milestone_id = r.milestone_id and g.reward_id = r.id
                             where r.product_id = product.id and g.backordered)
           then 0 else product.stock end
$$;

create table collections (
    id            bigint generated always as identity primary key,
    store_id      bigint not null references stores,
    slug          text not null constraint collection_has_an_address check (slug <> ''),
    title         text not null constraint collection_has_a_title check (title <> ''),
    position      int not null default 0,
    translations  jsonb not null default '{}',
    constraint one_collection_per_address unique (store_id, slug)
);
create table collected (
    collection_id  bigint not null references collections on delete cascade,
    listing_id     bigint not null references listings on delete cascade,
    primary key (collection_id, listing_id)
);
create index collections_of_a_listing on collected (listing_id);

-- A code of the shop: hundredths of a percent, minor units by currency, or free shipping.
create table shop_codes (
    id         bigint generated always as identity primary key,
    store_id   bigint not null references stores,
    code       text not null constraint code_is_upper_case check (code <> '' and code = upper(code)),
    kind       text not null constraint code_kind_known check (kind in ('percent', 'amount', 'shipping')),
    percent    int constraint code_percent_possible check (percent between 1 and 10000),
    amounts    jsonb not null default '{}',
    zone       text not null default 'UTC',
    opens_at   timestamptz,
    closes_at  timestamptz,
    most       bigint constraint code_used_at_all check (most > 0),
    used       bigint not null default 0,
    made_at    timestamptz not null,
    constraint one_code_of_a_name unique (store_id, code),
    constraint code_not_used_too_often check (used >= 0 and (most is null or used <= most)),
    constraint percent_code_has_one check ((kind = 'percent') = (percent is not null))
);

-- How orders travel: to these countries (ISO 3166-1 alpha-2; none: to all others), at these prices by currency.
create table shipping_options (
    id            bigint generated always as identity primary key,
    store_id      bigint not null references stores,
    title         text not null constraint shipping_option_has_a_title check (title <> ''),
    countries     text[] not null default '{}',
    prices        jsonb not null,
    position      int not null default 0,
    translations  jsonb not null default '{}'
);
create index shipping_options_of_a_store on shipping_options (store_id, position, id);

-- A milestone campaign of the cart. What it looks like and says is its own; its tiers stand on its track (N1).
create table cart_campaigns (
    id                    bigint generated always as identity primary key,
    store_id              bigint not null references stores,
    track_id              bigint not null unique references tracks,
    name                  text not null constraint cart_campaign_has_a_name check (name <> ''),
    state                 text not null default 'draft' constraint cart_campaign_state_known check (state in ('draft', 'active', 'paused')),
    trigger               text not null default 'value' constraint cart_trigger_known check (trigger in ('value', 'items')),
    adds_up               boolean not null default true,
    after_codes           boolean not null default false,
    excluded_products     bigint[] not null default '{}',
    excluded_collections  bigint[] not null default '{}',
    design                jsonb not null default '{}',
    messages              jsonb not null default '{}',
    revision              int not null default 1,
    made_at               timestamptz not null,
    turned_by             bigint references creators,  -- who last turned it on or off, and when
    turned_at             timestamptz
);
-- K1: one active milestone campaign per store, whoever presses the button together.
create unique index one_active_cart_campaign on cart_campaigns (store_id) where state = 'active';
-- When a drawer last told that it stands on one of the store's pages (S23).
alter table stores add column drawer_seen_at timestamptz;

-- `targets` are minor units by currency, or {"items": n}; `position` is the order in which they were drawn up.
create table cart_tiers (
    id          bigint generated always as identity primary key,
    track_id    bigint not null references tracks on delete cascade,
    position    int not null,
    targets     jsonb not null,
    kind        text not null constraint cart_reward_known check (kind in ('percent', 'amount', 'shipping', 'gift')),
    percent     int constraint tier_percent_possible check (percent between 1 and 10000),
    amounts     jsonb not null default '{}',
    product_id  bigint references products,
    design      jsonb not null default '{}',
    messages    jsonb not null default '{}',
    constraint percent_tier_has_one check ((kind = 'percent') = (percent is not null)),
    constraint gift_is_a_product check ((kind = 'gift') = (product_id is not null))
);
create index cart_tiers_of_a_track on cart_tiers (track_id, position, id);
create index cart_tiers_giving_a_product on cart_tiers (product_id) where product_id is not null;

-- A cart is one row: one statement reads all that it is judged by, one writes what it became.
create table carts (
    id           bigint generated always as identity primary key,
    store_id     bigint not null references stores,
    token_hash   bytea not null unique,
    customer_id  bigint references customers,
    currency     text not null,
    lines        jsonb not null default '[]',
    declined     bigint[] not null default '{}',
    code_id      bigint references shop_codes,
    country      text,
    shipping_id  bigint references shipping_options on delete set null,
    merged_into  bigint references carts on delete cascade,  -- this browser follows that cart from then on
    version      bigint not null default 1,
    made_at      timestamptz not null,
    changed_at   timestamptz not null
);
create unique index one_cart_of_a_customer on carts (customer_id) where customer_id is not null and merged_into is null;
create index carts_merged_into on carts (merged_into) where merged_into is not null;
create index carts_by_age on carts (changed_at);

-- An order: as it was reckoned and claimed when its checkout began (M3, P3); paid by a signed event alone (P9).
create table orders (
    id            bigint generated always as identity primary key,
    store_id      bigint not null references stores,
    key           text not null unique,
    cart_id       bigint references carts on delete set null,
    customer_id   bigint references customers,
    state         text not null default 'open' constraint order_state_known
                  check (state in ('open', 'expired', 'cancelled', 'paid', 'refunded')),
    locale        text not null,
    currency      text not null,
    lines         jsonb not null,
    gifts         jsonb not null default '[]',
    campaign_id   bigint references cart_campaigns,
    code_id       bigint references shop_codes,
    shipping_title text not null default '',
    goods         bigint not null,
    code_off      bigint not null default 0,
    tiers_off     bigint not null default 0,
    shipping      bigint not null default 0,
    shipping_off  bigint not null default 0,
    credit        bigint not null default 0,
    tax           bigint not null default 0,
    total         bigint not null,
    refunded      bigint not null default 0,
    country       text,
    address       jsonb,
    email         text not null default '',
    name          text not null default '',
    ships         boolean not null default true,
    session_id    text unique,
    pay_url       text,
    payment       text unique,
    claiming      boolean not null default true,
    processing    boolean not null default false,
    paid          bigint not null default 0,
    refunds       jsonb not null default '{}',
    refunded_total bigint not null default 0,
    disputes      jsonb not null default '{}',
    made_at       timestamptz not null,
    expires_at    timestamptz not null,
    paid_at       timestamptz,
    shipped_at    timestamptz,
    carrier       text not null default '',
    tracking      text not null default '',
    constraint order_adds_up check (total = goods - code_off - tiers_off + shipping - shipping_off - credit + tax),
    constraint no_part_is_negative check (goods >= 0 and code_off >= 0 and tiers_off >= 0 and shipping >= 0 and shipping_off >= 0
                                          and credit >= 0 and tax >= 0 and total >= 0 and refunded between 0 and greatest(total, paid)),
    constraint sent_after_it_was_paid check (shipped_at is null or paid_at is not null),
    constraint paid_at_some_time check ((state in ('paid', 'refunded')) = (paid_at is not null))
);
create index orders_of_a_store on orders (store_id, id desc);
create index orders_of_a_customer on orders (customer_id, id desc) where customer_id is not null;
create index orders_of_a_cart on orders (cart_id) where cart_id is not null;
create index orders_of_an_address on orders (store_id, email) where email <> '';
create index orders_by_name on orders (store_id, lower(name) text_pattern_ops) where name <> '';
create index orders_paid on orders (store_id, paid_at) where state = 'paid';
create index orders_late on orders (store_id, id) where state = 'paid' and not claiming and shipped_at is null;
create index orders_disputed on orders (store_id, id) where disputes <> '{}';
create index orders_refunded on orders (store_id, id) where refunded > 0;
create index orders_open on orders (store_id, id) where state = 'open';
create index orders_over on orders (store_id, id) where state in ('expired', 'cancelled');
create index orders_to_expire on orders (expires_at) where state = 'open';
create index orders_to_send on orders (store_id, id) where state = 'paid' and shipped_at is null and ships;
-- One payment page at a time for a cart: the pieces of an earlier one are given back first.
-- What was completed and waits for a slow bank is out of the cart's hands.
create unique index one_open_order_of_a_cart on orders (cart_id) where state = 'open' and not processing;

-- P4: a row with its key before Stripe is asked to give money back. `lines`: place of a line → pieces.
create table order_refunds (
    id               bigint generated always as identity primary key,
    order_id         bigint not null references orders,
    amount           bigint not null constraint order_refund_positive check (amount > 0),
    lines            jsonb not null default '{}',
    idempotency_key  text not null unique,
    provider_id      text unique,
    state            text not null default 'begun' constraint order_refund_state_known check (state in ('begun', 'sent', 'failed')),
    reason           text not null default '',
    error            text,
    made_by          text not null,
    made_at          timestamptz not null
);
create index refunds_of_an_order on order_refunds (order_id);
create index order_refunds_to_send on order_refunds (id) where state = 'begun';

-- What Stripe tells of an order takes the same road as what it tells of a pledge.
alter table facts add column order_key text not null default '';
create index facts_of_orders on facts (order_key, inbox_id) where state = 'waiting' and order_key <> '';
alter table mails add column order_id bigint;

create table reviews (
    id           bigint generated always as identity primary key,
    listing_id   bigint not null references listings,
    customer_id  bigint not null references customers,
    order_id     bigint not null references orders,
    stars        int not null constraint one_to_five_stars check (stars between 1 and 5),
    text         text not null default '',
    name         text not null default '',
    state        text not null default 'waiting' constraint review_state_known check (state in ('waiting', 'shown', 'hidden')),
    made_at      timestamptz not null,
    decided_at   timestamptz,
    constraint one_review_of_a_customer unique (listing_id, customer_id)
);
create index reviews_shown on reviews (listing_id, id desc) where state = 'shown';
create index reviews_waiting on reviews (id desc) where state = 'waiting';
create index reviews_of_a_customer on reviews (customer_id);
