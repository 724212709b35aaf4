-- name: pledges_in_studio
-- The next pledges below a number, among the next `window` of them, newest first; or those of `found`.
select p.id, p.state, p.held, p.processing, p.late, p.money, p.shipping, p.tax, p.paid, p.refunds, p.refunded_totals,
       p.refund_parts, p.origins, p.started_at, p.confirmed_at, p.units, p.customer_id, p.tiers, p.counted_units,
       p.counted_money, p.disputes, p.entered, p.claiming, p.credit, p.credit_back, p.gifts, coalesce(a.country, p.country) as country,
       a.pledge_id is not null as has_address, a.name, a.line1, a.line2, a.city, a.region, a.postal_code, a.phone,
       u.name as customer_name, case when :mails::boolean then u.email else '' end as email, u.erased_at,
       (select string_agg(case when l.quantity > 1 then l.quantity || ' × ' else '' end || l.title, ', ' order by l.position)
        from pledge_lines l where l.pledge_id = p.id and l.title <> '' and l.source <> 'shipping') as items
from (select * from pledges
      where campaign_id = :campaign_id and (confirmed_at is not null or :found::bigint[] is not null)
        and (:found::bigint[] is null or id = any(:found))
        and (:before::bigint is null or id < :before)
        and (:state::text is null or state = :state)
        and (:held::boolean is null or held)
        and (:disputed::boolean is null or disputes <> '{}')
        and (:refunded::boolean is null or refunded_totals <> '{}' or refunds <> '{}')
      order by id desc limit :window) p
left join customers u on u.id = p.customer_id
left join addresses a on a.pledge_id = p.id
where (:country::text is null or coalesce(a.country, p.country) = :country)
  and (:tier_id::bigint is null or exists (select from pledge_lines l where l.pledge_id = p.id and l.tier_id = :tier_id))
  and (:homeless::boolean is null or (a.pledge_id is null and p.state in ('confirmed', 'past_due', 'charged', 'disputed')
       and exists (select from pledge_lines l join tiers t on t.id = l.tier_id and t.ships where l.pledge_id = p.id)))
  and (:unanswered::boolean is null or (p.state in ('confirmed', 'past_due', 'charged', 'disputed') and exists (
       select from questions q left join answers w on w.question_id = q.id and w.pledge_id = p.id
       where q.campaign_id = p.campaign_id and q.required and w.question_id is null
         and (q.tiers = '{}' or q.tiers && array(select l.tier_id from pledge_lines l
                                                 where l.pledge_id = p.id and l.tier_id is not null))
         and (q.milestone_id is null or exists (
              select from milestones m join grants g on g.milestone_id = m.id
              where m.id = q.milestone_id and m.revealed_at is not null and g.state in ('provisional', 'owed', 'held')
                and g.beneficiary = case when m.per = 'backer' then p.customer_id else p.id end)))))
order by p.id desc
limit :most;

-- name: floor_of_pledges$
-- The lowest number among the next `window`; null when nothing comes below it.
select case when count(*) > :window then min(id) filter (where place <= :window) end
from (select id, row_number() over (order by id desc) as place from pledges
      where campaign_id = :campaign_id and (confirmed_at is not null or :found::bigint[] is not null)
        and (:found::bigint[] is null or id = any(:found))
        and (:before::bigint is null or id < :before)
        and (:state::text is null or state = :state)
        and (:held::boolean is null or held)
        and (:disputed::boolean is null or disputes <> '{}')
        and (:refunded::boolean is null or refunded_totals <> '{}' or refunds <> '{}')
      order by id desc limit :window + 1) n;

-- name: pledges_found
-- By number, by the whole mail address, or by how a name begins: each an index's work.
select p.id from pledges p where p.campaign_id = :campaign_id and p.id = :number
union
select p.id from customers u join pledges p on p.campaign_id = :campaign_id and p.customer_id = u.id
where u.store_id = :store_id and :mails::boolean and u.email = :said
union
select p.id from (select id from customers u where u.store_id = :store_id and lower(u.name) like :beginning
                  order by id desc limit 500) u
join pledges p on p.campaign_id = :campaign_id and p.customer_id = u.id
limit 500;

-- name: pledges_flagged
-- Whose reward was sent and is no longer owed (A8).
select distinct g.pledge_id as id
from milestones m join grants g on g.milestone_id = m.id and g.flagged
where m.track_id = :track_id limit 500;

-- name: apart_in_studio^
-- What waits for somebody: each count ends at a thousand.
select (select count(*) from (select from pledges where campaign_id = :campaign_id and held limit 1000) n) as held,
       (select count(*) from (select from pledges where campaign_id = :campaign_id and confirmed_at is not null
                              and state = 'disputed' limit 1000) n) as disputed,
       (select count(*) from (select from pledges where campaign_id = :campaign_id and confirmed_at is not null
                              and state = 'past_due' limit 1000) n) as past_due,
       (select count(*) from (select from milestones m join grants g on g.milestone_id = m.id and g.flagged
                              where m.track_id = :track_id limit 1000) n) as flagged;

-- name: choices_of_campaign
select id, title, kind, ships from tiers where campaign_id = :campaign_id order by kind desc, position, id;

-- name: rewards_of_pledges
-- What the milestones give to these pledges, for each its rewards in one text.
select g.pledge_id, string_agg(case when g.quantity > 1 then g.quantity || ' × ' else '' end || coalesce(s.title, r.title),
                               ', ' order by g.milestone_id) as rewards
from milestones m
join grants g on g.milestone_id = m.id and g.state in ('provisional', 'owed', 'held', 'fulfilled')
     and g.beneficiary = any(:beneficiaries::bigint[])
join rewards r on r.id = g.reward_id left join products s on s.id = r.product_id
where m.track_id = :track_id and m.reached_seq is not null and g.pledge_id = any(:pledge_ids::bigint[])
group by g.pledge_id;

-- name: answers_of_pledges
select w.pledge_id, w.question_id, w.answer from answers w where w.pledge_id = any(:pledge_ids::bigint[]);

-- name: questions_of_campaign
select q.id, q.prompt, q.kind, q.options, q.required, q.tiers, q.milestone_id, q.asked_at, q.translations,
       exists (select from answers w where w.question_id = q.id) as is_answered
from questions q where q.campaign_id = :campaign_id order by q.position, q.id;

-- name: pledge_in_studio^
-- One pledge of the campaign, with its backer and where it is sent.
select p.*, u.name as customer_name, u.email, u.erased_at, b.first_seq, h.due_at, h.tries, h.failed_at, h.reason,
       a.changed_at as address_changed_at,
       exists (select from facts f where f.campaign_id = p.campaign_id and f.pledge_id = p.id and f.state = 'waiting') as waits
from pledges p
left join customers u on u.id = p.customer_id
left join backers b on b.campaign_id = p.campaign_id and b.customer_id = p.customer_id
left join charges h on h.pledge_id = p.id
left join addresses a on a.pledge_id = p.id
where p.campaign_id = :campaign_id and p.id = :pledge_id;

-- name: history_of_pledge
-- What happened to one pledge, newest first: entries, attempts, refunds, mails and deeds, in one list.
select made_at as at, 'entry' as kind, kind as what, units as number, money as amount, '' as text, '' as who
from entries where campaign_id = :campaign_id and pledge_id = :pledge_id
union all
select made_at, 'attempt', purpose, 0, amount, state, '' from attempts where pledge_id = :pledge_id
union all
select made_at, 'refund', state, 0, amount, reason, made_by from refunds where pledge_id = :pledge_id
union all
select coalesce(sent_at, due_at), 'mail', kind, 0, 0, state, '' from mails where pledge_id = :pledge_id
union all
select d.at, 'deed', d.what, 0, coalesce((d.after ->> 'amount')::bigint, 0), coalesce(d.after ->> 'tracking', ''), coalesce(c.name, '')
from deeds d left join creators c on c.id = d.creator_id
where d.store_id = :store_id and d.about = 'pledge ' || :pledge_id::bigint and d.about like 'pledge %'
order by 1 desc nulls last
limit 100;

-- name: notes_of_pledge
select n.text, n.at, c.name, c.email from pledge_notes n join creators c on c.id = n.creator_id
where n.pledge_id = :pledge_id order by n.id desc limit 50;

-- name: add_note_on_pledge!
insert into pledge_notes (pledge_id, creator_id, at, text) values (:pledge_id, :creator_id, :now, :text);

-- name: disputes_in_studio
-- Pledges whose payment is, or with `every` was, in dispute at a bank; newest first.
select p.id, p.state, p.held, p.money + p.shipping + p.tax as due, p.disputes, p.origins, p.paid, p.confirmed_at, u.name as customer_name, u.email,
       (select count(*) from milestones m join grants g on g.milestone_id = m.id
        where m.track_id = :track_id and g.state = 'held' and g.pledge_id = p.id
          and g.beneficiary in (p.id, p.customer_id)) as held_rewards
from pledges p
left join customers u on u.id = p.customer_id
where p.campaign_id = :campaign_id and p.disputes <> '{}' and (:every or p.state = 'disputed')
  and (:before::bigint is null or p.id < :before)
order by p.id desc limit :most;

-- name: known_disputes
select ref, pledge_id, amount, reason, due_by from disputes where pledge_id = any(:pledge_ids::bigint[]) order by ref;

-- name: note_disputes!
-- What a bank says of a dispute when it opens: the sum, why, and until when it can be answered.
insert into disputes (ref, pledge_id, amount, reason, due_by)
select * from unnest(:refs::text[], :pledge_ids::bigint[], :amounts::bigint[], :reasons::text[], :due_bys::timestamptz[])
on conflict (ref) do nothing;
