-- Who may do what, and what the space holds: users, tokens, sessions, versions
-- of trees and other files, webhooks made by the API.

create table users (
    name     text not null primary key,
    email    text not null,
    role     text not null,
    disabled integer not null,
    password text not null,  -- argon2id in PHC form
    revision integer not null,
    created  integer not null,
    updated  integer not null
) strict, without rowid;

create table tokens (
    id      text not null primary key,
    name    text not null,
    hash    blob not null,   -- SHA-256 of the secret
    role    text not null,
    dialect text not null,
    owner   blob not null,   -- JSON
    by      text not null,
    created integer not null,
    expires integer not null,
    revoked integer not null
) strict, without rowid;
create unique index tokens_hash on tokens (hash);

create table sessions (
    hash    blob not null primary key, -- SHA-256 of the cookie's secret
    user    text not null,
    created integer not null,
    expires integer not null
) strict, without rowid;
create index sessions_user on sessions (user);

create table versions (
    seq      integer primary key,
    hash     text not null,
    name     text not null,
    file     text not null,
    content  blob not null,
    routines blob not null,  -- JSON
    author   text not null,
    origin   text not null,
    made     integer not null,
    unique (hash, name)
) strict;
create index versions_name on versions (name, seq);

create table active (
    name  text not null primary key,
    file  text not null,
    hash  text not null,     -- empty: deleted here, still on disk
    drift integer not null,
    base  text not null
) strict, without rowid;

-- Webhooks made by the API; those of webhooks.yaml stand in its file.
create table webhooks (
    kapp    text not null,   -- empty for the space's
    name    text not null,
    dialect text not null,   -- that the definition is written in
    source  blob not null,
    hash    text not null,
    author  text not null,
    updated integer not null,
    primary key (kapp, name)
) strict, without rowid;

-- Access keys by which the vendor's clients sign. The secret is needed in
-- clear to verify a signature, and is never shown again.
create table access_keys (
    identifier  text not null primary key,
    secret      text not null,
    description text not null,
    created     integer not null
) strict, without rowid;
