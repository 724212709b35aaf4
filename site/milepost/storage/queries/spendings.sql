-- name: hold_accounts
-- What is these customers' own, locked in one order: nobody judges or spends it meanwhile.
select customer_id from accounts where customer_id = any(:customer_ids::bigint[]) order by customer_id for update;

-- name: claim_gifts
-- The gifts that are owed to the customer and go with no other order go with this one; those, and no others.
update grants g set order_id = :order_id
from unnest(:milestone_ids::bigint[], :beneficiaries::bigint[]) as w (milestone_id, beneficiary)
where g.milestone_id = w.milestone_id and g.beneficiary = w.beneficiary
  and g.customer_id = :customer_id and g.pledge_id = 0 and g.state = 'owed' and g.order_id is null
  and g.with_pledge is null
returning g.milestone_id;

-- name: free_gifts!
-- They come with another order.
update grants set order_id = null where order_id = any(:order_ids::bigint[]) and state = 'owed';

-- name: give_gifts!
-- The orders are paid: what came with them, and the codes of their customers' own, are given.
update grants g set state = 'fulfilled'
from (select o.id as order_id, k.milestone_id, k.beneficiary
      from orders o left join shop_codes k on k.id = o.code_id and k.milestone_id is not null
      where o.id = any(:order_ids::bigint[]) and o.claiming) o
where g.state = 'owed'
  and (g.order_id = o.order_id or g.milestone_id = o.milestone_id and g.beneficiary = o.beneficiary);

-- name: judge_again!
-- What fell while an order held it is judged now: one fact of each of these customers is told as if it were new.
update loyalty_facts set waiting = true
where id in (select max(id) from loyalty_facts where customer_id = any(:customer_ids::bigint[]) group by customer_id);

-- name: return_credit!
-- So much of what the order paid with store credit is back there; the order is over once all of it came back.
update orders
set credit_back = credit_back + :amount,
    state = case when refunded = paid and credit_back + :amount = credit then 'refunded' else state end
where id = :order_id;
