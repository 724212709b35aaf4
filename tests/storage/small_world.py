"""One row of nearly everything, on which the database is asked for what it must refuse."""

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
insert into hooks (store_id, url, types, secret, made_at)
values (1, 'https://example.org/hooks', '{}', 'whsec_a', now());
insert into happenings (store_id, type, subject, data) values (1, 'hook.test', 'hook.test', '{}');
"""
