-- What became of events, where that is more than that all asked for it fired:
-- one row for each outcome of an event's verdicts but "fired", and one of
-- "nothing" where none of them fired. So an event that fires writes nothing
-- more, and the events that fired nothing are found among millions of others.
create table event_outcomes (
    outcome text not null,
    event   integer not null,
    primary key (outcome, event)
) strict, without rowid;

insert into event_outcomes (outcome, event)
select distinct v.value ->> '$.outcome', e.seq
from events e, json_each(e.receipt, '$.verdicts') v
where v.value ->> '$.outcome' <> 'fired';

insert into event_outcomes (outcome, event)
select 'nothing', e.seq
from events e
where not exists (select 1 from json_each(e.receipt, '$.verdicts') v where v.value ->> '$.outcome' = 'fired');

-- Events of inbound sources. What comes by the API is in no such index, and
-- pays nothing for it.
create index events_source on events (credential, seq) where credential >= 'source:' and credential < 'source;';
