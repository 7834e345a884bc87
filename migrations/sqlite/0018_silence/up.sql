-- That silence counts at all is said by two administrators: one proposes it, another one agrees. Any one of them takes
-- it back alone. What one of them said before, alone, does not count any more: it is simulated until two have said it.
CREATE TABLE silence_proposals (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    state TEXT NOT NULL CHECK (state IN ('proposed', 'agreed', 'withdrawn', 'ended')),
    reason TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 2000),
    proposed_by_id BLOB NOT NULL REFERENCES people (id),
    proposed_at TEXT NOT NULL,
    agreed_by_id BLOB REFERENCES people (id),
    agreed_at TEXT,
    ended_by_id BLOB REFERENCES people (id),
    ended_at TEXT,
    ended_because TEXT CHECK (length(ended_because) BETWEEN 1 AND 2000),
    version INTEGER NOT NULL CHECK (version > 0),
    CHECK (agreed_by_id IS NULL OR agreed_by_id <> proposed_by_id),
    CHECK ((state IN ('agreed', 'ended')) = (agreed_by_id IS NOT NULL)),
    CHECK ((agreed_by_id IS NULL) = (agreed_at IS NULL)),
    CHECK ((state IN ('withdrawn', 'ended')) = (ended_at IS NOT NULL)),
    CHECK ((ended_by_id IS NULL) = (ended_at IS NULL)),
    CHECK (state <> 'ended' OR ended_because IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX silence_proposals_live ON silence_proposals (state) WHERE state IN ('proposed', 'agreed');
CREATE INDEX silence_proposals_by_age ON silence_proposals (proposed_at, id);
CREATE TRIGGER silence_proposals_begin BEFORE INSERT ON silence_proposals WHEN new.state <> 'proposed'
BEGIN SELECT RAISE(ABORT, 'that silence counts begins by being proposed'); END;
CREATE TRIGGER silence_proposals_end BEFORE UPDATE ON silence_proposals
WHEN old.state IN ('withdrawn', 'ended') OR (old.state = 'agreed' AND new.state NOT IN ('agreed', 'ended'))
    OR (old.state = 'proposed' AND new.state = 'ended')
BEGIN SELECT RAISE(ABORT, 'a proposal that has ended never changes'); END;
CREATE TRIGGER silence_proposals_keep BEFORE UPDATE ON silence_proposals
WHEN new.id <> old.id OR new.reason <> old.reason OR new.proposed_by_id <> old.proposed_by_id
    OR new.proposed_at <> old.proposed_at
    OR (old.agreed_by_id IS NOT NULL AND (new.agreed_by_id IS NOT old.agreed_by_id OR new.agreed_at IS NOT old.agreed_at))
BEGIN SELECT RAISE(ABORT, 'who proposed that silence counts, and who agreed, never changes'); END;
CREATE TRIGGER silence_proposals_stay BEFORE DELETE ON silence_proposals
BEGIN SELECT RAISE(ABORT, 'proposals are never deleted'); END;
DELETE FROM settings WHERE name = 'silence_counts';

-- What nobody answered and silence reaches, the earliest first; what went to the administrators; what silence cut
-- lately. The state stands first: without statistics SQLite would rather use the index of all states.
CREATE INDEX reviews_silent ON reviews (state, silence_on, id) WHERE state = 'open' AND escalated_at IS NULL;
CREATE INDEX reviews_escalated ON reviews (state, id) WHERE state = 'open' AND escalated_at IS NOT NULL;
CREATE INDEX reviews_cut_by_silence ON reviews (applied_at) WHERE outcome IN ('silent_suspend', 'silent_revoke');

-- One more rule and two more steps; and of a stopped run everything of production may have been answered meanwhile. The
-- rows stay as they are: only the text of the CHECKs changes, as SQLite's own documentation of ALTER TABLE describes.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '''protected_review_unanswered'', ', '''protected_review_unanswered'', ''silence_held_back'', ')
    WHERE type = 'table' AND name = 'findings';
UPDATE sqlite_schema SET sql = replace(sql, '''silence'', ''escalated''', '''silence'', ''escalated'', ''held_back'', ''put_off''')
    WHERE type = 'table' AND name = 'review_steps';
UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (cuts > 0)', 'CHECK (cuts >= 0)')
    WHERE type = 'table' AND name = 'silence_stops';
PRAGMA writable_schema = RESET;
