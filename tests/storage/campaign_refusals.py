"""What the database refuses of campaigns and their promises, each by its name."""

PROMISE = "insert into promises values"
CAMPAIGN = (
    "insert into campaigns (store_id, track_id, slug, title, basis, currency, goal, funding_model,"
    " zone, opens_at, closes_at) select store_id, track_id, slug, title, basis, currency, goal,"
    " funding_model, zone, opens_at, closes_at from campaigns"
)

REFUSED = [
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
]
