-- name: add_store$
insert into stores (slug, name, tagline, brand, locale, translations, created_at)
values (:slug, :name, :tagline, :brand, :locale, :translations, :now)
returning id;

-- name: add_product$
insert into products (store_id, title, image, image_alt, stock, translations)
values (:store_id, :title, :image, :image_alt, :stock, :translations)
returning id;

-- name: add_track$
insert into tracks (store_id, scope) values (:store_id, 'campaign') returning id;

-- name: add_campaign$
insert into campaigns (store_id, track_id, slug, title, blurb, story, image, image_alt, translations, basis,
                       currency, goal, funding_model, zone, opens_at, closes_at, late_pledges, published, review_limit,
                       tax, excluded_countries)
values (:store_id, :track_id, :slug, :title, :blurb, :story, :image, :image_alt, :translations, :basis,
        :currency, :goal, :funding_model, :zone, :opens_at, :closes_at, :late_pledges, :published, :review_limit,
        :tax, :excluded_countries)
returning id;

-- name: add_tier$
insert into tiers (campaign_id, position, title, text, price, units, slots, opens_at, closes_at, kind, most, ships,
                   translations)
values (:campaign_id, (select count(*) from tiers where campaign_id = :campaign_id), :title, :text, :price, :units,
        :slots, :opens_at, :closes_at, :kind, :most, :ships, :translations)
returning id;

-- name: public_campaign^
-- A published campaign with its store, for everything that the public sees; one that is only announced if
-- `announced`, one behind its secret link by its `key`. Who follows it is counted until it opens.
select c.id, c.track_id, c.slug, c.title, c.blurb, c.story, c.image, c.image_alt, c.translations, c.basis,
       c.currency, c.goal, c.funding_model, c.review_limit, c.closed_at, c.outcome, c.zone, c.opens_at, c.closes_at, c.late_pledges, c.published,
       c.seq, c.units, c.money, c.backers, c.version, c.tax, c.excluded_countries, c.comments,
       s.slug as store_slug, s.name as store_name, s.tagline as store_tagline, s.brand as store_brand,
       s.translations as store_translations, s.created_at as store_created_at,
       s.id = (select l.store_id from listings l where l.published order by l.id limit 1) as store_has_shop,
       exists (select from loyalty y where y.store_id = c.store_id)
           or exists (select from listings y where y.store_id = c.store_id and y.published) as has_purses,
       case when not c.published or c.opens_at > :now
            then (select count(*) from followers f where f.campaign_id = c.id and f.confirmed_at is not null)
       end as followers
from campaigns c join stores s on s.id = c.store_id
where case when :key::text is null then c.slug = :slug and (c.published or (:announced and c.announced_at is not null))
           else c.preview_key = :key end;

-- name: public_tiers
select id, title, text, price, units, slots, claimed, opens_at, closes_at, kind, most, ships, translations
from tiers where campaign_id = :campaign_id order by position, id;

-- name: public_milestones
-- What may be shown of each milestone; what a reveal holds leaves this query only once it is open (R2, R3).
select m.id, m.target, m.audience, m.reached_seq, m.reached_at, m.revealed_at, m.mystery,
       m.tiers <> '{}' or m.cap is not null as narrowed, r.kind,
       case when m.revealed_at is not null or not m.mystery then r.title else '' end as title,
       case when m.revealed_at is not null or not m.mystery then r.image else '' end as image,
       case when m.revealed_at is not null or not m.mystery then r.image_alt else '' end as image_alt,
       case when m.revealed_at is not null then r.text_after
            when m.mystery then '' else r.text_before end as text,
       r.translations
from milestones m join rewards r on r.id = m.reward_id
where m.track_id = :track_id and m.archived_at is null
order by m.target, m.id;

-- name: slug_of_campaign$
select slug from campaigns where id = :campaign_id;

-- name: published_slugs
-- The store's campaigns for its front page: those that are open first, the newest first.
select slug from campaigns where published
order by (closes_at <= :now), opens_at desc, id
limit :most;

-- name: campaign_by_slug^
select id, store_id, track_id, slug, title, basis, currency, goal, funding_model, closes_at, outcome, seq, units,
       money, backers, version
from campaigns where slug = :slug;

-- name: all_campaigns
select id, slug from campaigns order by id;

-- name: brand_of_store$
select brand from stores where slug = :slug;
