"""What the database refuses of pledges, their money and what is sent for them, by name."""

REFUND = (
    "insert into refunds"
    " (pledge_id, payment, amount, made_by, made_at, idempotency_key, provider_id)"
    " select 1, 'pi_1', 100, 'alice', now(), k, p from (values"
)
ATTEMPT = "insert into attempts (pledge_id, purpose, idempotency_key, made_at) values"

REFUSED = [
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
    ("one_poll_is_the_last", "insert into polls (only_one, asked_at) values (false, now())"),
    # charges, refunds, cards
    ("charges_pkey", "insert into charges select * from charges"),
    ("cards_pkey", "insert into cards select * from cards"),
    ("refund_positive", "update refunds set amount = 0"),
    ("refund_state_known", "update refunds set state = 'lost'"),
    ("refunds_idempotency_key_key", f"{REFUND} ('r1', null)) n (k, p)"),
    ("refunds_provider_id_key", f"{REFUND} ('r2', 're_1')) n (k, p)"),
    ("purpose_known", "update attempts set purpose = 'gift'"),
    ("attempt_state_known", "update attempts set state = 'lost'"),
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
]
