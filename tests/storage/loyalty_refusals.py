"""What the database refuses of loyalty, each by its name; it stands on the small world."""

# A store that keeps facts, a program with a milestone that gives points, a customer with some.
LOYALTY = """
insert into loyalty (store_id, since) values (1, now());
insert into tracks (store_id, scope) values (1, 'program'), (1, 'program');
insert into programs (store_id, track_id, kind, name, starts_at, counts_from, made_at)
select 1, min(id), 'orders', 'Orders', now(), now(), now() from tracks where scope = 'program';
insert into milestones (track_id, target, fact, sums) select track_id, 3, 'order', 'count'
from programs;
insert into rewards (milestone_id, version, kind, title, unit, worth)
select m.id, 1, 'points', '', 'points', 500
from milestones m join programs p on p.track_id = m.track_id;
insert into accounts (customer_id, store_id, referral_code) values (1, 1, 'DANA');
insert into loyalty_facts (store_id, customer_id, kind, source, at)
values (1, 1, 'order', 'order:1', now());
insert into account_entries (customer_id, unit, kind, ready, source, made_at)
values (1, 'points', 'earned', 100, 'order:1', now());
insert into balances (customer_id, unit, ready) values (1, 'points', 100);
insert into pendings (customer_id, unit, source, amount, ripe_at)
values (1, 'points', 'order:1', 5, now());
insert into shop_codes (store_id, code, kind, percent, most, made_at, customer_id, milestone_id,
                        beneficiary)
values (1, 'OWN', 'percent', 1000, 1, now(), 1, 99, 1);
insert into api_tokens (store_id, name, scopes, hash, made_by, made_at)
values (1, 'Shop', '{events}', 'x', 1, now());
insert into api_calls (caller, key, hash, made_at) values ('token:1', 'k1', 'x', now());
insert into told_events (store_id, key, hash, type, source, customer_id, at, told_at)
values (1, 'e1', 'x', 'referral', 'api:referral:1', 1, now(), now());
"""
REFERRAL = "insert into referrals (customer_id, store_id, referrer_id, source, made_at) values"
PROGRAM = "insert into programs (store_id, track_id, kind, name, starts_at, counts_from, made_at)"

REFUSED = [
    ("token_has_a_name", "update api_tokens set name = ''"),
    ("token_opens_something", "update api_tokens set scopes = '{}'"),
    (
        "one_token_of_a_hash",
        "insert into api_tokens (store_id, name, scopes, hash, made_by, made_at)"
        " select store_id, name, scopes, hash, made_by, made_at from api_tokens",
    ),
    ("call_has_a_key", "update api_calls set key = ''"),
    ("one_call_of_a_key", "insert into api_calls select * from api_calls"),
    ("an_answer_is_whole", "update api_calls set status = 200"),
    ("told_event_has_an_id", "update told_events set key = ''"),
    ("told_events_pkey", "insert into told_events select * from told_events"),
    ("nobody_refers_themselves", f"{REFERRAL} (1, 1, 1, 'order:1', now())"),
    ("referral_of_something", f"{REFERRAL} (1, 1, 2, '', now())"),
    ("pending_for_a_time", "update loyalty set pending_days = 366"),
    ("pending_for_a_time", "update loyalty set pending_days = -1"),
    ("loyalty_pkey", "insert into loyalty select * from loyalty"),
    ("program_has_a_kind", "update programs set kind = ''"),
    ("program_has_a_name", "update programs set name = ''"),
    ("repeats_after_something", "update programs set every = 0"),
    ("program_starts_before_it_ends", "update programs set ends_at = starts_at"),
    (
        "programs_track_id_key",
        f"{PROGRAM} select 1, track_id, 'spend', 'Spend', now(), now(), now() from programs",
    ),
    ("measures_facts_somehow", "update milestones set sums = null where sums = 'count'"),
    ("measures_facts_somehow", "update milestones set fact = null where sums = 'count'"),
    ("reward_has_a_kind", "update rewards set kind = ''"),
    ("reward_worth_something", "update rewards set unit = 'points', worth = 0"),
    ("reward_code_known", "update rewards set code_as = 'free'"),
    ("reward_percent_possible", "update rewards set percent = 10001"),
    ("code_lasts_a_while", "update rewards set days = 0"),
    ("unit_and_worth_together", "update rewards set worth = null where unit = 'points'"),
    ("loyalty_fact_has_a_kind", "update loyalty_facts set kind = ''"),
    ("loyalty_amount_not_negative", "update loyalty_facts set amount = -1"),
    ("points_earned_not_negative", "update loyalty_facts set points = -1"),
    (
        "one_loyalty_fact_of_a_source",
        "insert into loyalty_facts (store_id, customer_id, kind, source, at)"
        " values (1, 2, 'review', 'order:1', now())",
    ),
    ("pledge_credit_back_of_credit", "update pledges set credit = 100, credit_back = 101"),
    ("pledge_own_is_of_a_customer", "update pledges set credit = 100, customer_id = null"),
    ("accounts_pkey", "insert into accounts (customer_id, store_id) values (1, 1)"),
    (
        "accounts_referral_code_key",
        "insert into accounts (customer_id, store_id, referral_code) values (2, 1, 'DANA')",
    ),
    (
        "unit_of_an_entry",
        "insert into account_entries (customer_id, unit, kind, made_at)"
        " values (1, '', 'earned', now())",
    ),
    (
        "account_entry_kind_known",
        "insert into account_entries (customer_id, unit, kind, made_at)"
        " values (1, 'points', 'found', now())",
    ),
    ("no_balance_below_zero", "update balances set ready = ready - 101"),
    ("no_balance_below_zero", "update balances set pending = -1"),
    ("balances_pkey", "insert into balances select * from balances"),
    ("something_is_pending", "update pendings set amount = 0"),
    ("pendings_pkey", "insert into pendings select * from pendings"),
    ("own_code_of_a_grant", "update shop_codes set beneficiary = null where code = 'OWN'"),
    (
        "one_code_of_a_grant",
        "insert into shop_codes (store_id, code, kind, percent, most, made_at, customer_id,"
        " milestone_id, beneficiary) values (1, 'OWN2', 'percent', 1000, 1, now(), 1, 99, 1)",
    ),
]
