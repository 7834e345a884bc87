-- An API token is an actor of its own. SQLite changes no CHECK in place, so the table is written anew:
-- the same entries byte for byte, the same indexes, the same triggers. The tree over them is not touched.
DROP TRIGGER audit_entries_keep;
DROP TRIGGER audit_entries_stay;
DROP INDEX audit_entries_by_entity;
DROP INDEX audit_entries_by_actor;
DROP INDEX audit_entries_by_action;
DROP INDEX audit_entries_by_time;
DROP INDEX audit_entries_by_emergency;
ALTER TABLE audit_entries RENAME TO audit_entries_of_before;
CREATE TABLE audit_entries (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    actor_kind TEXT NOT NULL CHECK (actor_kind IN ('person', 'job', 'command', 'setup', 'api_token')),
    actor_id TEXT,
    request_id TEXT,
    action TEXT NOT NULL,
    entity TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    entity_version INTEGER,
    outcome TEXT NOT NULL CHECK (outcome IN ('done', 'refused')),
    reason TEXT,
    body BLOB NOT NULL,
    leaf BLOB NOT NULL CHECK (length(leaf) = 32),
    emergency_id TEXT
) STRICT;
INSERT INTO audit_entries (seq, at, actor_kind, actor_id, request_id, action, entity, entity_id, entity_version, outcome, reason, body, leaf, emergency_id)
SELECT seq, at, actor_kind, actor_id, request_id, action, entity, entity_id, entity_version, outcome, reason, body, leaf, emergency_id FROM audit_entries_of_before ORDER BY seq;
DROP TABLE audit_entries_of_before;
CREATE INDEX audit_entries_by_entity ON audit_entries (entity, entity_id, seq);
CREATE INDEX audit_entries_by_actor ON audit_entries (actor_id, seq);
CREATE INDEX audit_entries_by_action ON audit_entries (action, seq);
CREATE INDEX audit_entries_by_time ON audit_entries (at, seq);
CREATE INDEX audit_entries_by_emergency ON audit_entries (emergency_id, seq) WHERE emergency_id IS NOT NULL;
CREATE TRIGGER audit_entries_keep BEFORE UPDATE ON audit_entries BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END;
CREATE TRIGGER audit_entries_stay BEFORE DELETE ON audit_entries BEGIN SELECT RAISE(ABORT, 'audit entries are never deleted'); END;
