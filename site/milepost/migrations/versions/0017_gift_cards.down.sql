alter table account_entries drop constraint account_entry_kind_known;
alter table account_entries disable trigger account_entries_append_only;
update account_entries set kind = 'adjusted' where kind = 'redeemed';
alter table account_entries enable trigger account_entries_append_only;
alter table account_entries add constraint account_entry_kind_known check (kind in (
    'earned', 'taken_back', 'granted', 'reversed', 'matured', 'spent', 'returned', 'exchanged', 'adjusted'));
drop table gift_cards;
