drop table deeds, passkey_challenges, passkeys, studio_tries, studio_links, sittings, invitations, members, creators;
drop function deeds_are_append_only;
