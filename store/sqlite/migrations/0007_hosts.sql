-- Work that is in no queue is found by its host, so that what waits for a host
-- that does not answer stands in nobody's way however much it is.
drop index work_due;
create index work_host on work (host, due, id) where queue = '';
