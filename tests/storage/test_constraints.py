"""The database itself refuses what money and promises must never be, each by its name."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.storage import loyalty_refusals, shop_refusals, subscription_refusals

# A store with a campaign, a tier of two slots, a product, a milestone, and a pledge of Dana's.
SMALL_WORLD = """
insert into stores (slug, name, created_at) values ('larkfield', 'Larkfield', now());
insert into customers (store_id, email, created_at) values (1, 'dana@example.org', now());
insert into products (store_id, title, stock) values (1, 'Wind muff', 3);
insert into tracks (store_id, scope) values (1, 'campaign'), (1, 'campaign');
insert into campaigns (store_id, track_id, slug, title, basis, currency, goal, funding_model, zone,
                       opens_at, closes_at)
values (1, 1, 'field-recorder', 'Field Recorder', 'units', 'USD', 100, 'keep_it_all', 'Etc/UTC',
        '2026-05-01', '2026-07-01');
insert into tiers (campaign_id, position, title, price, slots) values (1, 0, 'One', 4500, 2);
insert into milestones (track_id, target) values (1, 10);
insert into rewards (milestone_id, version, kind, title) values (1, 1, 'reveal', 'Scores');
update milestones set reward_id = 1;
insert into reward_codes (milestone_id, position, code, beneficiary) values (1, 1, 'A1', 1);
insert into promises values (1, 1, now(), 'alice', 'begun', null, '{}', sha256('a'));
insert into pledges (key, campaign_id, customer_id, units, money, started_at, expires_at)
values ('k1', 1, 1, 1, 4500, now(), now()), ('k2', 1, 1, 1, 4500, now(), now());
insert into payments values ('pi_1', 1, 1);
insert into polls (asked_at) values (now());
insert into shipping_zones (campaign_id, position, title) values (1, 0, 'Everywhere');
insert into shipping_fees values (1, 1, 700, 300);
insert into charges (pledge_id, campaign_id) values (1, 1);
insert into cards values (1, 'cus_1', 'pm_1');
insert into refunds (pledge_id, payment, amount, idempotency_key, provider_id, made_by, made_at)
values (1, 'pi_1', 100, 'r1', 're_1', 'alice', now());
insert into addresses (pledge_id, name, line1, city, country, changed_at)
values (1, 'Dana', 'Lane 1', 'Larkfield', 'DE', now());
insert into questions (campaign_id, position, prompt, kind, options, asked_at)
values (1, 0, 'Which colour?', 'choice', '{red,blue}', now());
insert into answers values (1, 1, 'red', now());
insert into shop_codes (store_id, code, kind, percent, made_at)
values (1, 'TEN', 'percent', 1000, now()), (1, 'FIVE', 'percent', 500, now());
insert into orders (store_id, key, locale, currency, lines, goods, total, made_at, expires_at)
values (1, 'o1', 'en', 'USD', '[]', 1900, 1900, now(), now());
insert into sign_in_links (token_hash, email, made_at, expires_at)
values ('x', 'dana@example.org', now(), now());
insert into visits (token_hash, email, made_at, seen_at, expires_at)
values ('x', 'dana@example.org', now(), now(), now());
insert into creators (email, made_at) values ('alice@example.org', now());
insert into members values (1, 1, 'owner', now());
insert into invitations (token_hash, store_id, email, role, invited_by, made_at, expires_at)
values ('x', 1, 'bob@example.org', 'editor', 1, now(), now());
insert into sittings (token_hash, creator_id, made_at, seen_at, proved_at, expires_at)
values ('x', 1, now(), now(), now(), now());
insert into studio_links (token_hash, email, made_at, expires_at)
values ('x', 'alice@example.org', now(), now());
insert into passkeys (credential_id, creator_id, public_key, sign_count, name, made_at)
values ('x', 1, 'k', 0, 'Phone', now());
insert into passkey_challenges values ('x', null, now());
insert into deeds (store_id, creator_id, at, what) values (1, 1, now(), 'invited');
insert into mails (key, kind, recipient, locale, due_at)
values ('receipt:1', 'receipt', 'dana@example.org', 'en', now());
insert into pledge_lines (pledge_id, position, source, tier_id, title, quantity, unit_price, units)
values (1, 1, 'tier', 1, 'One', 1, 4500, 1);
insert into attempts (pledge_id, purpose, idempotency_key, session, made_at)
values (1, 'checkout', 'i1', 's1', now());
insert into backers values (1, 1, 1, true, 1);
insert into entries values (1, 1, 'confirmed', 1, 1, 1, 4500, 1, now());
insert into grants values (1, 1, 1, 1, 1, 1, 1, 'owed');
insert into inbox (provider_id, type, created_at, received_at, payload)
values ('evt_1', 'charge.refunded', now(), now(), '{}');
insert into facts (inbox_id) values (1);
insert into updates (key, campaign_id, number, title, text, made_by, made_at, saved_by, saved_at,
                     published_at)
values ('a', 1, 1, 'News', 'Text', 1, now(), 1, now(), now()),
       ('b', 1, null, '', '', 1, now(), 1, now(), null);
insert into faqs (campaign_id, position, question, answer) values (1, 1, 'Why?', 'So.');
insert into commenters (campaign_id, customer_id, name) values (1, 1, 'Dana');
insert into comments (campaign_id, customer_id, name, text, state, made_at)
values (1, 1, 'Dana', 'Lovely', 'shown', now());
insert into followers (campaign_id, email, locale, asked_at)
values (1, 'eli@example.org', 'en', now());
insert into parts values (1, 1, 'page', 1, 1, now());
update campaigns set preview_key = 'k';
"""
REFUND = (
    "insert into refunds"
    " (pledge_id, payment, amount, made_by, made_at, idempotency_key, provider_id)"
    " select 1, 'pi_1', 100, 'alice', now(), k, p from (values"
)
MAIL = (
    "insert into mails (kind, recipient, locale, due_at, key)"
    " select 'receipt', 'd', 'en', now(), k from (values"
)
PROMISE = "insert into promises values"
ATTEMPT = "insert into attempts (pledge_id, purpose, idempotency_key, made_at) values"
CAMPAIGN = (
    "insert into campaigns (store_id, track_id, slug, title, basis, currency, goal, funding_model,"
    " zone, opens_at, closes_at) select store_id, track_id, slug, title, basis, currency, goal,"
    " funding_model, zone, opens_at, closes_at from campaigns"
)
ORDER_REFUND = (
    "insert into order_refunds (order_id, amount, idempotency_key, made_by, made_at) values"
)
REFUSED = [
    *shop_refusals.REFUSED,
    *loyalty_refusals.REFUSED,
    *subscription_refusals.REFUSED,
    ("one_poll_is_the_last", "insert into polls (only_one, asked_at) values (false, now())"),
    # what is sent
    (
        "parcel_state_known",
        "insert into parcels (campaign_id, milestone_id, beneficiary, pledge_id, state)"
        " values (1, 0, 1, 1, 'lost')",
    ),
    (
        "shipped_at_some_time",
        "insert into parcels (campaign_id, milestone_id, beneficiary, pledge_id, state)"
        " values (1, 0, 1, 1, 'shipped')",
    ),
    (
        "run_state_known",
        "insert into tracking_runs (campaign_id, creator_id, name, state, made_at)"
        " values (1, 1, 'a', 'lost', now())",
    ),
    # what is told and said
    ("update_number_positive", "update updates set number = 0 where key = 'a'"),
    ("update_audience_known", "update updates set audience = 'friends'"),
    (
        "one_update_per_form",
        "insert into updates (key, campaign_id, made_by, made_at, saved_by, saved_at)"
        " values ('a', 1, 1, now(), 1, now())",
    ),
    (
        "each_update_has_its_number",
        "update updates set number = 1, title = 'T', text = 'T', published_at = now()"
        " where key = 'b'",
    ),
    ("update_numbered_when_published", "update updates set number = 2 where key = 'b'"),
    ("update_published_first", "update updates set withdrawn_at = now() where key = 'b'"),
    ("update_published_first", "update updates set told_at = now() where key = 'b'"),
    ("published_update_says_something", "update updates set text = '' where key = 'a'"),
    ("faq_asks_something", "update faqs set question = ''"),
    ("faq_answers_something", "update faqs set answer = ''"),
    ("comments_known", "update campaigns set comments = 'never'"),
    ("commenters_pkey", "insert into commenters select * from commenters"),
    ("comment_state_known", "update comments set state = 'lost'"),
    ("comment_reason_known", "update comments set state = 'hidden', reason = 'dull'"),
    ("reports_not_negative", "update comments set reports = -1"),
    ("comment_is_somebody_s", "update comments set creator_id = 1"),
    ("comment_is_somebody_s", "update comments set customer_id = null"),
    ("comment_says_something", "update comments set text = ''"),
    ("comment_says_something", "update comments set state = 'withdrawn'"),
    ("hidden_with_a_reason", "update comments set state = 'hidden'"),
    # how a campaign is made, and who follows it
    (
        "picture_has_a_size",
        "insert into pictures values (1, '/media/a-8.avif', 8, 0, 9, null, now())",
    ),
    ("revision_positive", "update parts set revision = 0"),
    ("parts_pkey", "insert into parts select * from parts"),
    ("follower_address_is_lower_case", "update followers set email = 'Eli@example.org'"),
    (
        "one_follower_per_address",
        "insert into followers (campaign_id, email, locale, asked_at)"
        " select campaign_id, email, 'de', asked_at from followers",
    ),
    ("told_only_who_confirmed", "update followers set told_at = now()"),
    # money and totals
    ("totals_never_negative", "update campaigns set money = -1"),
    ("totals_never_negative", "update campaigns set units = -1"),
    ("totals_never_negative", "update campaigns set backers = -1"),
    ("version_covers_seq", "update campaigns set seq = version"),
    ("counted_never_negative", "update pledges set counted_money = -1"),
    ("counted_never_negative", "update pledges set counted_units = -1"),
    ("pledge_money_positive", "update pledges set money = 0"),
    ("pledge_units_not_negative", "update pledges set units = -1"),
    ("price_positive", "update tiers set price = 0"),
    ("line_price_positive", "update pledge_lines set unit_price = 0"),
    ("quantity_positive", "update pledge_lines set quantity = 0"),
    ("goal_positive", "update campaigns set goal = 0"),
    ("currency_is_iso", "update campaigns set currency = 'usd'"),
    # the ledger
    ("entries_pkey", "insert into entries select * from entries"),
    ("entry_kind_known", "insert into entries values (1, 2, 'gift', 1, 1, 1, 1, 1, now())"),
    ("seq_positive", "insert into entries values (1, 0, 'confirmed', 1, 1, 1, 1, 1, now())"),
    # milestones and promises
    ("target_positive", "update milestones set target = 0"),
    ("reach_is_whole", "update milestones set reached_seq = 1"),
    ("reach_is_whole", "update milestones set reached_at = now()"),
    ("reach_is_whole", "update milestones set reached_seq = 1, reached_at = now()"),
    ("reach_is_whole", "update milestones set granted_through = 0"),
    ("revealed_after_reached", "update milestones set revealed_at = now()"),
    ("cap_positive", "update milestones set cap = 0"),
    ("per_known", "update milestones set per = 'household'"),
    ("audience_known", "update milestones set audience = 'friends'"),
    ("reveal_known", "update milestones set reveal = 'never'"),
    ("one_grant_per_milestone_and_beneficiary", "insert into grants select * from grants"),
    ("grant_state_known", "update grants set state = 'lost'"),
    (
        "one_reward_per_version",
        "insert into rewards (milestone_id, version, kind, title) values (1, 1, 'reveal', 'Other')",
    ),
    ("product_has_a_product", "update rewards set product_id = 1"),
    ("product_has_a_product", "update rewards set kind = 'product'"),
    ("each_code_once", "insert into reward_codes values (1, 2, 'A1', null)"),
    ("one_code_per_beneficiary", "insert into reward_codes values (1, 2, 'B2', 1)"),
    ("promises_pkey", "insert into promises select * from promises"),
    ("promise_number_positive", f"{PROMISE} (1, 0, now(), '', 'goal', null, '{{}}', sha256('a'))"),
    ("promise_kind_known", f"{PROMISE} (1, 2, now(), '', 'maybe', 1, '{{}}', sha256('a'))"),
    ("promise_hash_whole", f"{PROMISE} (1, 2, now(), '', 'goal', null, '{{}}', 'a')"),
    (
        "promise_is_about_a_milestone_or_not",
        f"{PROMISE} (1, 2, now(), '', 'target', null, '{{}}', sha256('a'))",
    ),
    (
        "promise_is_about_a_milestone_or_not",
        f"{PROMISE} (1, 2, now(), '', 'goal', 1, '{{}}', sha256('a'))",
    ),
    # stock and slots
    ("stock_never_negative", "update products set stock = stock - 4"),
    ("cost_not_negative", "update rewards set cost = -1"),
    ("slots_never_oversold", "update tiers set claimed = 3"),
    ("slots_never_oversold", "update tiers set claimed = -1"),
    ("tier_kind_known", "update tiers set kind = 'perk'"),
    ("most_positive", "update tiers set most = 0"),
    ("first_fee_not_negative", "update shipping_fees set first = -1"),
    ("further_fee_not_negative", "update shipping_fees set further = -1"),
    ("shipping_fees_pkey", "insert into shipping_fees select * from shipping_fees"),
    ("shipping_not_negative", "update pledges set shipping = -1"),
    ("tax_not_negative", "update pledges set tax = -1"),
    # charges, refunds, cards
    ("charges_pkey", "insert into charges select * from charges"),
    ("cards_pkey", "insert into cards select * from cards"),
    ("refund_positive", "update refunds set amount = 0"),
    ("refund_state_known", "update refunds set state = 'lost'"),
    ("refunds_idempotency_key_key", f"{REFUND} ('r1', null)) n (k, p)"),
    ("refunds_provider_id_key", f"{REFUND} ('r2', 're_1')) n (k, p)"),
    ("purpose_known", "update attempts set purpose = 'gift'"),
    ("attempt_state_known", "update attempts set state = 'lost'"),
    # mails, surveys, visits
    ("each_mail_once", f"{MAIL} ('receipt:1')) n (k)"),
    ("mail_state_known", "update mails set state = 'lost'"),
    ("question_kind_known", "update questions set kind = 'colour', options = '{}'"),
    ("choices_have_options", "update questions set options = '{}'"),
    ("answers_pkey", "insert into answers select * from answers"),
    ("addresses_pkey", "insert into addresses select * from addresses"),
    ("sign_in_links_pkey", "insert into sign_in_links select * from sign_in_links"),
    ("visits_pkey", "insert into visits select * from visits"),
    # creators
    (
        "one_creator_per_address",
        "insert into creators (email, made_at) select email, made_at from creators",
    ),
    ("creators_address_is_lower_case", "update creators set email = 'Alice@example.org'"),
    ("member_role_known", "update members set role = 'boss'"),
    ("members_pkey", "insert into members select * from members"),
    ("invitations_pkey", "insert into invitations select * from invitations"),
    (
        "one_open_invitation_per_address",
        "insert into invitations select 'y', store_id, email, role, invited_by, made_at, expires_at"
        " from invitations",
    ),
    ("invitation_role_known", "update invitations set role = 'boss'"),
    ("invitations_address_is_lower_case", "update invitations set email = 'Bob@example.org'"),
    (
        "each_sitting_has_its_token",
        "insert into sittings (token_hash, creator_id, made_at, seen_at, proved_at, expires_at)"
        " select token_hash, creator_id, made_at, seen_at, proved_at, expires_at from sittings",
    ),
    ("studio_links_pkey", "insert into studio_links select * from studio_links"),
    ("passkeys_pkey", "insert into passkeys select * from passkeys"),
    ("sign_count_not_negative", "update passkeys set sign_count = -1"),
    ("passkey_challenges_pkey", "insert into passkey_challenges select * from passkey_challenges"),
    # backers, payments, events
    (
        "one_customer_per_address",
        "insert into customers (store_id, email, created_at)"
        " select store_id, email, created_at from customers",
    ),
    ("address_is_lower_case", "update customers set email = 'Dana@example.org'"),
    ("one_backer_per_first_entry", "insert into backers values (1, 2, 1, true, 2)"),
    ("backers_pkey", "insert into backers values (1, 1, 2, true, 2)"),
    ("pledge_state_known", "update pledges set state = 'lost'"),
    ("payments_pkey", "insert into payments values ('pi_1', 1, 2)"),
    ("one_attempt_at_a_time", f"{ATTEMPT} (1, 'charge', 'i2', now())"),
    ("attempts_idempotency_key_key", f"{ATTEMPT} (2, 'checkout', 'i1', now())"),
    (
        "each_event_kept_once",
        "insert into inbox (provider_id, type, created_at, received_at,"
        " payload) select provider_id, type, created_at, received_at, payload from inbox",
    ),
    ("refused_with_a_reason", "update facts set state = 'refused'"),
    ("refused_with_a_reason", "update facts set reason = 'no such pledge'"),
    ("fact_state_known", "update facts set state = 'forgotten'"),
    # campaigns
    ("campaigns_slug_key", CAMPAIGN.replace("select store_id, track_id", "select store_id, 2")),
    (
        "campaigns_track_id_key",
        CAMPAIGN.replace(
            "track_id, slug, title, basis, currency, goal,"
            " funding_model, zone, opens_at, closes_at from",
            "track_id, 'other', title, basis, currency,"
            " goal, funding_model, zone, opens_at, closes_at from",
        ),
    ),
    ("outcome_known", "update campaigns set closed_at = now(), outcome = 'tied'"),
    ("outcome_only_when_closed", "update campaigns set outcome = 'funded'"),
    ("opens_before_it_closes", "update campaigns set closes_at = opens_at"),
    ("store_has_a_clock", "update stores set zone = ''"),
    ("brand_is_a_colour", "update stores set brand = 'red; background: url(x)'"),
    ("seen_positive", "insert into visited values (1, '2026-06-01', '', '', 0)"),
    ("source_is_short", "update pledges set source = repeat('x', 81)"),
    ("tag_is_short", "update pledges set tag = repeat('x', 41)"),
    ("tally_kind_known", "insert into tallies values (1, 'colour', 'red', 1, 1, 4500)"),
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
    ("order_refund_positive", f"{ORDER_REFUND} (1, 0, 'o2', 'alice', now())"),
    (
        "order_refund_state_known",
        "insert into order_refunds (order_id, amount, idempotency_key, state, made_by, made_at)"
        " values (1, 1, 'o3', 'lost', 'alice', now())",
    ),
]


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to a database with the small world in it."""
    connection = await asyncpg.connect(database_url)
    await connection.execute(SMALL_WORLD + shop_refusals.SHOP + loyalty_refusals.LOYALTY)
    await connection.execute(subscription_refusals.SUBSCRIPTIONS)
    yield connection
    await connection.close()


async def test_each_truth_is_kept_under_its_own_name(db: asyncpg.Connection) -> None:
    kept = []
    for name, statement in REFUSED:
        transaction = db.transaction()
        await transaction.start()
        try:
            await db.execute(statement)
            kept.append((f"{statement} was accepted", name))
        except asyncpg.IntegrityConstraintViolationError as error:
            kept.append((error.constraint_name, name))
        finally:
            await transaction.rollback()
    assert [pair for pair in kept if pair[0] != pair[1]] == []


@pytest.mark.parametrize(
    "statement",
    [
        "update entries set money = 1",
        "delete from entries",
        "truncate entries",
        "truncate entries, grants",
        "update entries set seq = seq where seq = 1",
        "insert into entries select * from entries"
        " on conflict (campaign_id, seq) do update set money = 0",
    ],
)
async def test_the_ledger_is_only_ever_appended_to(db: asyncpg.Connection, statement: str) -> None:
    with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
        await db.execute(statement)
    assert await db.fetchval("select sum(money) from entries") == 4500


@pytest.mark.parametrize(
    "statement",
    [
        "update account_entries set ready = 1",
        "delete from account_entries",
        "truncate account_entries",
    ],
)
async def test_accounts_are_only_ever_appended_to(db: asyncpg.Connection, statement: str) -> None:
    with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
        await db.execute(statement)
    assert await db.fetchval("select sum(ready) from account_entries") == 100


@pytest.mark.parametrize(
    "statement", ["update deeds set what = 'joined'", "delete from deeds", "truncate deeds"]
)
async def test_the_log_is_only_ever_appended_to(db: asyncpg.Connection, statement: str) -> None:
    with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
        await db.execute(statement)


async def test_a_new_attempt_may_begin_once_the_first_is_over(db: asyncpg.Connection) -> None:
    await db.execute("update attempts set state = 'failed'")
    await db.execute(f"{ATTEMPT} (1, 'checkout', 'i2', now())")
    with pytest.raises(asyncpg.UniqueViolationError) as refused:
        await db.execute(f"{ATTEMPT} (1, 'checkout', 'i3', now())")
    assert refused.value.constraint_name == "one_attempt_at_a_time"


async def test_every_check_and_unique_name_of_the_schema_is_tried_here(
    db: asyncpg.Connection,
) -> None:
    rows = await db.fetch(
        "select conname from pg_constraint c join pg_class t on t.oid = c.conrelid"
        " where c.contype = 'c' and t.relnamespace = 'public'::regnamespace"
        " and t.relname not like 'pgqueuer%' and t.relname not like 'alembic%'"
    )
    tried = {name for name, _ in REFUSED}
    spare = {"scope_of_a_track", "source_known", "purpose_known", "attempt_state_known"}
    spare |= {"basis_of_a_campaign", "funding_model_known", "units_of_a_tier"}
    spare |= {"reward_kind_known", "code_kind_known"}
    assert {row["conname"] for row in rows} - tried - spare == set()
