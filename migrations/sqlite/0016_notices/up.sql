-- A notice is one mail about one thing. What could not be sent can be tried again by hand, and it is kept who did.
-- SQLite changes no CHECK in place, so the table is written anew.
DROP INDEX outbox_waiting;
DROP INDEX outbox_by_recipient;
ALTER TABLE outbox RENAME TO outbox_of_before;
CREATE TABLE outbox (
    id BLOB PRIMARY KEY,
    dedupe_key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('digest', 'security', 'notice')),
    recipient_id BLOB NOT NULL REFERENCES people (id),
    digest_on TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'sent', 'uncertain', 'dead', 'empty')),
    attempts INTEGER NOT NULL,
    next_at TEXT NOT NULL,
    lease_until TEXT,
    fence INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    sent_at TEXT,
    error TEXT,
    created_at TEXT NOT NULL,
    told TEXT CHECK (told IS NULL OR json_valid(told)),
    notice TEXT CHECK (notice IS NULL OR json_valid(notice)),
    retries INTEGER NOT NULL DEFAULT 0 CHECK (retries >= 0),
    retried_at TEXT,
    retried_by BLOB REFERENCES people (id),
    CHECK (kind = 'security' OR told IS NULL),
    CHECK ((kind = 'notice') = (notice IS NOT NULL)),
    CHECK ((retries > 0) = (retried_at IS NOT NULL)),
    CHECK ((retried_at IS NULL) = (retried_by IS NULL))
) STRICT;
INSERT INTO outbox (id, dedupe_key, kind, recipient_id, digest_on, state, attempts, next_at, lease_until, fence, message_id, sent_at, error, created_at, told)
SELECT id, dedupe_key, kind, recipient_id, digest_on, state, attempts, next_at, lease_until, fence, message_id, sent_at, error, created_at, told FROM outbox_of_before;
DROP TABLE outbox_of_before;
CREATE INDEX outbox_waiting ON outbox (next_at, id) WHERE state IN ('pending', 'sending', 'uncertain');
CREATE INDEX outbox_by_recipient ON outbox (recipient_id, digest_on);
CREATE INDEX outbox_by_state ON outbox (state, id);
