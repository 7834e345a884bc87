-- A notice leaves at once and is written from what happened, which is forgotten when it has left. SQLite
-- changes no CHECK in place, so the table is written anew.
DROP INDEX outbox_waiting;
DROP INDEX outbox_by_recipient;
ALTER TABLE outbox RENAME TO outbox_of_before;
CREATE TABLE outbox (
    id BLOB PRIMARY KEY,
    dedupe_key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('digest', 'security')),
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
    told TEXT CHECK (json_valid(told)),
    CHECK (kind = 'security' OR told IS NULL)
) STRICT;
INSERT INTO outbox (id, dedupe_key, kind, recipient_id, digest_on, state, attempts, next_at, lease_until, fence, message_id, sent_at, error, created_at)
SELECT id, dedupe_key, kind, recipient_id, digest_on, state, attempts, next_at, lease_until, fence, message_id, sent_at, error, created_at FROM outbox_of_before;
DROP TABLE outbox_of_before;
CREATE INDEX outbox_waiting ON outbox (next_at, id) WHERE state IN ('pending', 'sending', 'uncertain');
CREATE INDEX outbox_by_recipient ON outbox (recipient_id, digest_on);
