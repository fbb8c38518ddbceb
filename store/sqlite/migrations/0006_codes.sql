-- Clients that ask users, the codes that a consent gives, and for whom tokens
-- were given.

alter table clients add column public integer not null default 0;
alter table clients add column redirects blob not null default x'6e756c6c'; -- JSON

create table codes (
    id        text not null primary key,
    hash      blob not null,    -- SHA-256 of the code
    client    text not null,
    user      text not null,    -- who allowed it
    owner     blob not null,    -- JSON
    redirect  text not null,
    challenge text not null,
    scope     text not null,
    created   integer not null,
    expires   integer not null,
    used      integer not null  -- 0 for not
) strict, without rowid;
create unique index codes_hash on codes (hash);
create index codes_client on codes (client, user, id);
create index codes_expires on codes (expires);

-- The user who allowed a token, empty where the client acts for its owner, and
-- what a refresh token's next ones are given for.
alter table tokens add column user text not null default '';
alter table refresh_tokens add column user text not null default '';
alter table refresh_tokens add column owner blob not null default x'7b7d'; -- JSON
alter table refresh_tokens add column scope text not null default '';
update refresh_tokens set owner = coalesce((select owner from clients where clients.id = refresh_tokens.client), owner);

drop index refresh_tokens_client;
create index refresh_tokens_client on refresh_tokens (client, user, id);
drop index tokens_client;
create index tokens_client on tokens (client, user, id) where client <> '';
