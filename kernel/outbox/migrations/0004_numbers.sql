-- Every event gets a number, so that whoever puts them in order finds what is new without looking at all of them. The table
-- is made anew by each engine's own script.
DROP INDEX events_outbox_audited;
DROP INDEX events_outbox_audited_subject;
DROP INDEX events_outbox_audited_actor;
ALTER TABLE events_outbox RENAME TO events_outbox_unnumbered;
