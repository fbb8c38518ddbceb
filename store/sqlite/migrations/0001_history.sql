-- What happened: events, jobs, runs, tasks, errors, and the work still to be done.
-- Times are integer milliseconds since 1970 in UTC; zero is never.
-- Ids are UUIDs as 16 bytes. Version 7 sorts by time, so they append.

-- The few values that lists are filtered by, once each. Rows refer to them by
-- number, which keeps the large tables and their indexes small. What refers to
-- an event by its sequence is written before it, in the same transaction.
create table kinds (
    id        integer primary key,
    platform  text not null,
    type      text not null,
    action    text not null,
    kapp      text not null,
    form      text not null,
    datastore integer not null,
    path      text not null,
    unique (platform, type, action, kapp, form, datastore, path)
) strict;

create table trees (
    id     integer primary key,
    source text not null,
    grp    text not null,
    name   text not null,
    unique (source, grp, name)
) strict;

-- What a job's list row shows of its rule: the event's kind, the webhook, the tree.
create table rules (
    id      integer primary key,
    kind    integer not null references kinds (id),
    webhook text not null,
    hash    text not null,
    tree    integer references trees (id),
    unique (kind, webhook, hash, tree)
) strict;

create table events (
    seq        integer primary key,
    id         blob not null,
    kind       integer not null references kinds (id),
    external   text not null,
    credential text not null,
    entity     text not null,
    occurred   integer not null,
    received   integer not null,
    cause_run  text not null,
    depth      integer not null,
    packed     integer not null, -- the body is zstd
    body       blob not null,
    receipt    blob not null,    -- JSON: verdicts, and the jobs as they were made
    jobs       blob not null     -- ids of those jobs, 16 bytes each
) strict;
create unique index events_id on events (id);
create index events_kind on events (kind, seq);
create index events_entity on events (entity, seq) where entity <> '';

-- Dedupe keys of senders. One is live until it expires.
create table event_keys (
    credential text not null,
    key        text not null,
    event      integer not null,
    sha        blob not null,
    expires    integer not null,
    primary key (credential, key)
) strict, without rowid;
create index event_keys_expires on event_keys (expires);

create table jobs (
    id        blob not null primary key,
    event     integer not null,
    rule      integer not null references rules (id),
    entity    text not null,
    status    text not null,
    summary   text not null,
    url       text not null,
    run       integer not null, -- number of the latest run; 0 for none
    run_id    blob,
    retries   integer not null,
    scheduled integer not null,
    created   integer not null,
    updated   integer not null,
    ended     integer not null,
    detail    blob              -- JSON: request, response, attempts; null when there is nothing to say
) strict, without rowid;
create index jobs_rule on jobs (rule, id);
create index jobs_status on jobs (status, id) where status <> 'Complete';

create table runs (
    number   integer primary key,
    id       blob not null,
    tree     integer not null references trees (id),
    hash     text not null,
    job      blob,
    event    integer not null,
    parent   text not null,
    seed     blob not null,
    inputs   blob,
    status   text not null,
    revision integer not null,
    head     blob not null,
    outputs  blob,
    answer   blob,
    dedupe   text not null,
    lane     text not null,
    created  integer not null,
    started  integer not null,
    ended    integer not null
) strict;
create unique index runs_id on runs (id);
create index runs_tree on runs (tree, number);
create index runs_status on runs (status, number) where status <> 'Complete';
create index runs_dedupe on runs (tree, dedupe, number) where dedupe <> '';
create index runs_lane on runs (tree, lane, number) where lane <> '' and status not in ('Complete', 'Cancelled');

create table tasks (
    run    integer not null,
    rank   integer not null, -- order of first touch in its run
    node   text not null,
    status text not null,
    data   blob not null,    -- JSON of the whole record
    primary key (run, rank)
) strict, without rowid;

create table work (
    id   text not null primary key,
    kind text not null,
    run  text not null,
    job  text not null,
    due  integer not null,
    host text not null,
    call blob              -- JSON
) strict, without rowid;
create index work_due on work (due, id);
create index work_run on work (run);

create table errors (
    id        integer primary key autoincrement,
    run       integer not null, -- 0 for a verdict's error
    event     integer not null,
    tree      integer references trees (id),
    webhook   text not null,
    node      text not null,
    place     text not null,
    connector text not null,
    kind      text not null,
    fault     blob not null,   -- JSON
    open      integer not null,
    action    text not null,
    note      text not null,
    by        text not null,
    created   integer not null,
    updated   integer not null
) strict;
create index errors_run on errors (run, id);
create index errors_open on errors (id) where open = 1;

create table audit (
    id     integer primary key,
    at     integer not null,
    who    text not null,
    did    text not null,
    what   text not null,
    note   text not null,
    detail blob
) strict;

-- Counters. run, event and indexed only rise, whatever retention removes;
-- jobs and runs are how many rows there are, which is slow to count.
create table counters (
    name  text not null primary key,
    value integer not null
) strict, without rowid;
insert into counters (name, value) values ('run', 0), ('event', 0), ('indexed', 0), ('jobs', 0), ('runs', 0);

-- Text search, filled behind the writer. One document an event: its path and
-- payload, and what its jobs sent and got. Only the words are kept, not the text.
create virtual table search using fts5 (text, content = '', contentless_delete = 1, detail = none);

-- Events whose document is out of date: one of their jobs has moved.
create table search_stale (
    event integer primary key
) strict;
