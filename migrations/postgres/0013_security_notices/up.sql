-- A notice leaves at once and is written from what happened, which is forgotten when it has left.
ALTER TABLE outbox DROP CONSTRAINT outbox_kind_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_kind_check CHECK (kind IN ('digest', 'security'));
ALTER TABLE outbox ADD COLUMN told JSONB;
ALTER TABLE outbox ADD CONSTRAINT outbox_told_check CHECK (kind = 'security' OR told IS NULL);
