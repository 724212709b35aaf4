-- name: next_chunk_of_run^
-- The next customers that the program's run judges; nothing when none is left or the program is off. Many more
-- where only time has passed since the last whole run: few of them came due.
select p.run_through as past, chunk.upto
from programs p join loyalty l on l.store_id = p.store_id
cross join lateral (select max(customer_id) as upto from (
    select customer_id from accounts a where a.store_id = p.store_id and a.customer_id > p.run_through
    order by customer_id limit case when p.ran_at is null then :most::int else :most * 50 end) c) chunk
where p.id = :program_id and p.is_on and p.starts_at <= :now and p.run_through is not null and chunk.upto is not null
for no key update of l, p;

-- name: plan_for_many^
-- In this transaction: room to sort a chunk in memory, a plan for just this chunk, and by indexes, whatever the planner
-- believes of tables that the run itself fills.
select set_config('work_mem', '64MB', true), set_config('plan_cache_mode', 'force_custom_plan', true),
       set_config('jit', 'off', true), set_config('enable_seqscan', 'off', true);

-- name: note_run!
-- Never back: of two that run it, one may have waited for a chunk that the other did.
update programs set run_through = greatest(run_through, :upto) where id = :program_id;

-- name: runs_in_no_hand
-- How far the runs came that nobody is at just now.
select id, run_through from programs
where run_through is not null and is_on and starts_at <= :now
for no key update skip locked;

-- name: end_run!
-- Everybody is judged; one that is off or has not begun is run when it is on and does.
update programs p set run_through = null, run_began = null, ran_at = coalesce(p.run_began, :now)
where p.id = :program_id and p.run_through is not null and p.is_on and p.starts_at <= :now
  and not exists (select from accounts a where a.store_id = p.store_id and a.customer_id > p.run_through);

-- name: begin_runs
-- The programs that time alone can move, and those whose run was interrupted.
update programs p set run_through = coalesce(p.run_through, 0), run_began = coalesce(p.run_began, :now)
where p.is_on and p.starts_at <= :now
  and (p.run_through is not null
       or exists (select from milestones m where m.track_id = p.track_id and m.archived_at is null
                  and m.sums in ('days', 'months')))
returning p.id;

-- name: ask_for_run!
-- Everybody is judged for it from the first customer on, whenever they came due.
update programs set run_through = 0, run_began = :now, ran_at = null where id = :program_id;

-- name: add_program$
with track as (
    insert into tracks (store_id, scope) values (:store_id, 'program') returning id
)
insert into programs (store_id, track_id, kind, name, in_steps, currency, every, zone, starts_at, ends_at, counts_from,
                      translations, made_at)
select :store_id, id, :kind, :name, :in_steps, :currency, :every, :zone, :starts_at, :ends_at, :counts_from,
       :translations, :now
from track
returning id;

-- name: add_program_milestone$
insert into milestones (track_id, target, position, fact, sums, text, texts)
select track_id, :target, :position, :fact, :sums, :text, :texts from programs where id = :program_id
returning id;

-- name: add_loyalty_reward$
-- The next version of what the milestone gives (A12).
insert into rewards (milestone_id, version, kind, title, unit, worth, code_as, percent, amounts, products, days)
values (:milestone_id, (select coalesce(max(version), 0) + 1 from rewards where milestone_id = :milestone_id),
        :kind, '', :unit, :worth, :code_as, :percent, :amounts, :products, :days)
returning id;

-- name: give_loyalty_reward!
update milestones set reward_id = :reward_id where id = :milestone_id;

-- name: turn_program!
update programs set is_on = :is_on, turned_by = :creator_id, turned_at = :now, counts_from = :counts_from
where id = :program_id;

-- name: save_program!
update programs set name = :name, currency = :currency, every = :every, zone = :zone, starts_at = :starts_at,
                    ends_at = :ends_at, counts_from = :counts_from
where id = :program_id;

-- name: change_program_milestone!
update milestones set target = :target, position = :position, fact = :fact, sums = :sums, text = :text
where id = :milestone_id;

-- name: translate_program!
-- What it is called, and what its milestones say, in other languages.
with words as (
    select m.id, coalesce(w.said, '{}') as said
    from programs p join milestones m on m.track_id = p.track_id and m.archived_at is null
    left join unnest(:milestone_ids::bigint[], :texts::jsonb[]) as w (id, said) on w.id = m.id
    where p.id = :program_id
), of_milestones as (
    update milestones m set texts = words.said from words where m.id = words.id
)
update programs set translations = :names where id = :program_id;

-- name: archive_program_milestone!
update milestones set archived_at = :now where id = :milestone_id;

-- name: remove_program_milestone!
-- Nobody has anything from it (A13).
with gone as (
    update milestones set reward_id = null where id = :milestone_id
), rewards_gone as (
    delete from rewards where milestone_id = :milestone_id
)
delete from milestones where id = :milestone_id;

-- name: known_products
select id from products where store_id = :store_id and id = any(:product_ids::bigint[]);

-- name: hold_program^
-- One of the store's programs, locked.
select p.*, exists (select from milestones m join grants g on g.milestone_id = m.id where m.track_id = p.track_id) as has_given
from programs p join loyalty l on l.store_id = p.store_id
where p.store_id = :store_id and p.id = :program_id
for update of l, p;

-- name: milestones_of_program
-- Its milestones with their present rewards, in order.
select m.id, m.target, m.position, m.fact, m.sums, m.text, m.texts, m.archived_at, m.reward_id,
       r.kind, r.unit, r.worth, r.code_as, r.percent, r.amounts, r.products, r.days,
       exists (select from grants g where g.milestone_id = m.id) as has_given
from programs p join milestones m on m.track_id = p.track_id join rewards r on r.id = m.reward_id
where p.id = :program_id and m.archived_at is null
order by m.position, m.target, m.id;

-- name: keep_facts$
-- From now on the store keeps facts about its customers; nothing where it does already.
insert into loyalty (store_id, since) values (:store_id, :now) on conflict do nothing returning store_id;
