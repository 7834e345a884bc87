-- A notice is one mail about one thing. What could not be sent can be tried again by hand, and it is kept who did.
ALTER TABLE outbox DROP CONSTRAINT outbox_kind_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_kind_check CHECK (kind IN ('digest', 'security', 'notice'));
ALTER TABLE outbox ADD COLUMN notice JSONB;
ALTER TABLE outbox ADD COLUMN retries BIGINT NOT NULL DEFAULT 0 CHECK (retries >= 0);
ALTER TABLE outbox ADD COLUMN retried_at TIMESTAMPTZ;
ALTER TABLE outbox ADD COLUMN retried_by UUID REFERENCES people (id);
ALTER TABLE outbox ADD CONSTRAINT outbox_notice_check CHECK ((kind = 'notice') = (notice IS NOT NULL));
ALTER TABLE outbox ADD CONSTRAINT outbox_retries_timed CHECK ((retries > 0) = (retried_at IS NOT NULL));
ALTER TABLE outbox ADD CONSTRAINT outbox_retries_by_somebody CHECK ((retried_at IS NULL) = (retried_by IS NULL));
CREATE INDEX outbox_by_state ON outbox (state, id);
