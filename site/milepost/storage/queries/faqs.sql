-- name: faqs_of_campaign
select id, position, question, answer, translations from faqs
where campaign_id = :campaign_id order by position, id;

-- name: faq_of_campaign^
select id, position, question, answer, translations from faqs where campaign_id = :campaign_id and id = :faq_id;

-- name: count_faqs$
select count(*) from faqs where campaign_id = :campaign_id;

-- name: add_faq$
insert into faqs (campaign_id, position, question, answer, translations)
values (:campaign_id, (select coalesce(max(position), 0) + 1 from faqs where campaign_id = :campaign_id),
        :question, :answer, :translations)
returning id;

-- name: change_faq!
update faqs set question = :question, answer = :answer, translations = :translations
where campaign_id = :campaign_id and id = :faq_id;

-- name: remove_faq!
delete from faqs where campaign_id = :campaign_id and id = :faq_id;

-- name: order_faqs!
-- Each at its place in the list that is given.
update faqs f set position = o.place
from unnest(:faq_ids::bigint[]) with ordinality as o (id, place)
where f.campaign_id = :campaign_id and f.id = o.id;
