-- Subscriptions that outside applications made by REST hooks, and which jobs
-- are deliveries to one.

-- The secrets and the challenge are kept in clear, as those of access keys
-- are: they sign what is sent, and no digest of them could. Dialects decide
-- whether they are ever shown.
create table subscriptions (
    seq            integer primary key, -- in the order in which they were made
    id             blob not null,
    dialect        text not null,
    external       text not null,       -- the id that the dialect shows
    owner_id       integer not null,    -- 0: the owner is known by name
    owner_name     text not null,
    owner_email    text not null,
    event          text not null,
    url            text not null,
    status         text not null,
    reason         text not null,
    content_type   text not null,
    filter         text not null,
    secrets        blob,                -- JSON
    challenge      text not null,
    ordered        integer not null,
    rate           real not null,
    concurrency    integer not null,
    expires        integer not null,
    triggered      integer not null,
    last_triggered integer not null,
    health         blob not null,       -- JSON
    created        integer not null,
    updated        integer not null,
    revision       integer not null
) strict;
create unique index subscriptions_id on subscriptions (id);
create unique index subscriptions_external on subscriptions (dialect, external);
create unique index subscriptions_same on subscriptions (dialect, owner_id, iif(owner_id = 0, owner_name, ''), event, url);

-- The last number that a dialect's subscriptions were given; it only rises.
create table subscription_numbers (
    dialect text not null primary key,
    last    integer not null
) strict, without rowid;

-- The jobs that are deliveries to a subscription. They are not columns of
-- jobs: adding one to a strict table makes SQLite check the whole of it, and
-- each index over it reads it once more, which takes minutes where there are
-- millions of jobs. So an event without subscriptions writes nothing more.
create table deliveries (
    job          blob not null primary key,
    subscription blob not null,
    batch        blob                   -- the job that took it along; null for none
) strict, without rowid;
create unique index deliveries_subscription on deliveries (subscription, job);
create index deliveries_batch on deliveries (batch, job) where batch is not null;

-- Work of a queue is found by its queue, all other by its time, so that a queue
-- that rests stands in nobody's way however long it is.
alter table work add column queue text not null default '';
alter table work add column ordered integer not null default 0;
drop index work_due;
create index work_due on work (due, id) where queue = '';
create index work_queue on work (queue, id) where queue <> '';
create index work_queue_due on work (queue, due, id) where queue <> '' and ordered = 0;
