"""What the database refuses of people, of what they say and are told, each by its name."""

MAIL = (
    "insert into mails (kind, recipient, locale, due_at, key)"
    " select 'receipt', 'd', 'en', now(), k from (values"
)

REFUSED = [
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
    # other programs that are told
    ("hook_has_an_address", "update hooks set url = 'gopher://example.org'"),
    ("former_secret_ends", "update hooks set former = '{whsec_b}'"),
    ("rests_while_failing", "update hooks set rests_until = now()"),
    ("delivery_state_known", "update deliveries set state = 'lost'"),
    ("what_waits_is_due", "update deliveries set due_at = null"),
    ("deliveries_pkey", "insert into deliveries select * from deliveries"),
    ("passkey_challenges_pkey", "insert into passkey_challenges select * from passkey_challenges"),
]
