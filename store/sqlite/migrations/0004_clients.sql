-- Clients of REST hooks, and what they were given at their token calls.

create table clients (
    id      text not null primary key,
    name    text not null,
    secret  blob not null,   -- SHA-256
    dialect text not null,
    owner   blob not null,   -- JSON
    by      text not null,
    created integer not null,
    revoked integer not null
) strict, without rowid;

create table refresh_tokens (
    id      text not null primary key,
    hash    blob not null,   -- SHA-256 of the secret
    client  text not null,
    family  text not null,   -- id of the first of its line
    created integer not null,
    expires integer not null,
    uses    integer not null,
    used    integer not null -- first use; 0 for none
) strict, without rowid;
create unique index refresh_tokens_hash on refresh_tokens (hash);
create index refresh_tokens_client on refresh_tokens (client, id);
create index refresh_tokens_family on refresh_tokens (family);
create index refresh_tokens_expires on refresh_tokens (expires);

-- The client that a token was given to, and the family of the refresh token
-- that came with it; empty for tokens that somebody made.
alter table tokens add column client text not null default '';
alter table tokens add column family text not null default '';
create index tokens_client on tokens (client, id) where client <> '';
create index tokens_expires on tokens (expires) where client <> '';
