-- Reviews opened together: what was chosen, until when they are to be answered, and how far it has come.
CREATE TABLE campaigns (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    why TEXT NOT NULL CHECK (length(why) BETWEEN 1 AND 2000),
    selection TEXT NOT NULL CHECK (json_valid(selection)),
    state TEXT NOT NULL CHECK (state IN ('draft', 'preparing', 'active', 'overdue', 'remediating', 'closed', 'failed', 'cancelled')),
    due_on TEXT NOT NULL,
    made_by_id BLOB NOT NULL REFERENCES people (id),
    made_at TEXT NOT NULL,
    opened_by_id BLOB REFERENCES people (id),
    opened_at TEXT,
    prepared_at TEXT,
    ended_at TEXT,
    ended_by_id BLOB REFERENCES people (id),
    ended_because TEXT CHECK (length(ended_because) BETWEEN 1 AND 2000),
    moved_at TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    CHECK ((opened_by_id IS NULL) = (opened_at IS NULL)),
    CHECK (state IN ('draft', 'cancelled') OR opened_at IS NOT NULL),
    CHECK (state NOT IN ('active', 'overdue', 'remediating', 'closed') OR prepared_at IS NOT NULL),
    CHECK ((state IN ('closed', 'failed', 'cancelled')) = (ended_at IS NOT NULL)),
    CHECK (state NOT IN ('failed', 'cancelled') OR ended_because IS NOT NULL)
) STRICT;
CREATE INDEX campaigns_by_state ON campaigns (state, number);

-- An owner is asked whether access is still needed. What was known then stands in the snapshot.
CREATE TABLE reviews (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    identity_id BLOB NOT NULL REFERENCES identities (id),
    campaign_id BLOB REFERENCES campaigns (id),
    state TEXT NOT NULL CHECK (state IN ('open', 'decided', 'remediating', 'closed', 'cancelled')),
    tier TEXT NOT NULL CHECK (tier IN ('critical', 'high', 'moderate', 'low', 'unknown')),
    snapshot TEXT NOT NULL CHECK (json_valid(snapshot)),
    resolution TEXT NOT NULL CHECK (json_valid(resolution)),
    opened_at TEXT NOT NULL,
    due_on TEXT NOT NULL,
    add_on TEXT NOT NULL,
    replace_on TEXT NOT NULL,
    silence_on TEXT NOT NULL,
    next_step_on TEXT,
    escalated_at TEXT,
    outcome TEXT CHECK (outcome IN ('keep', 'narrow', 'revoke', 'silent_keep', 'silent_suspend', 'silent_revoke')),
    decision_id BLOB,
    decided_at TEXT,
    takes_effect_at TEXT,
    applied_at TEXT,
    proof TEXT CHECK (proof IN ('observed', 'attested', 'overtaken')),
    proof_note TEXT CHECK (length(proof_note) BETWEEN 1 AND 4000),
    proved_by_id BLOB REFERENCES people (id),
    proved_at TEXT,
    closed_at TEXT,
    ended_because TEXT,
    version INTEGER NOT NULL CHECK (version > 0),
    CHECK (due_on <= add_on AND add_on <= replace_on AND replace_on <= silence_on),
    CHECK (state = 'open' OR next_step_on IS NULL),
    CHECK ((state IN ('open', 'cancelled')) = (outcome IS NULL)),
    CHECK ((outcome IS NULL) = (decided_at IS NULL)),
    CHECK (outcome IS NULL OR outcome NOT IN ('keep', 'narrow', 'revoke') OR decision_id IS NOT NULL),
    CHECK ((state = 'decided') = (outcome IS NOT NULL AND applied_at IS NULL)),
    CHECK (state <> 'decided' OR takes_effect_at IS NOT NULL),
    CHECK (state <> 'remediating' OR outcome NOT IN ('keep', 'silent_keep')),
    -- What was narrowed, suspended or revoked is closed when somebody or something has seen it, and not before.
    CHECK (state <> 'closed' OR outcome IN ('keep', 'silent_keep') OR proof IS NOT NULL),
    CHECK ((proof IS NULL) = (proved_at IS NULL) AND (proof IS NULL) = (proof_note IS NULL)),
    CHECK (proof IS NULL OR (proof = 'attested') = (proved_by_id IS NOT NULL)),
    CHECK ((state IN ('closed', 'cancelled')) = (closed_at IS NOT NULL)),
    CHECK (state <> 'cancelled' OR ended_because IS NOT NULL)
) STRICT;
-- Nobody is asked twice at once about one identity.
CREATE UNIQUE INDEX reviews_live ON reviews (identity_id) WHERE state IN ('open', 'decided');
CREATE INDEX reviews_by_identity ON reviews (identity_id, opened_at);
CREATE INDEX reviews_by_campaign ON reviews (campaign_id, state) WHERE campaign_id IS NOT NULL;
CREATE INDEX reviews_by_state ON reviews (state, due_on, id);
CREATE INDEX reviews_next_step ON reviews (next_step_on, id) WHERE state = 'open' AND next_step_on IS NOT NULL;
CREATE INDEX reviews_to_apply ON reviews (takes_effect_at, id) WHERE state = 'decided';
CREATE INDEX reviews_remediating ON reviews (identity_id) WHERE state = 'remediating';

-- Everything that a campaign selected, in its order: asked about, or left out and why.
CREATE TABLE campaign_items (
    campaign_id BLOB NOT NULL REFERENCES campaigns (id),
    position INTEGER NOT NULL,
    identity_id BLOB NOT NULL REFERENCES identities (id),
    name TEXT NOT NULL,
    review_id BLOB REFERENCES reviews (id),
    excluded TEXT,
    PRIMARY KEY (campaign_id, position),
    UNIQUE (campaign_id, identity_id),
    CHECK (review_id IS NULL OR excluded IS NULL)
) STRICT;
CREATE INDEX campaign_items_by_review ON campaign_items (review_id) WHERE review_id IS NOT NULL;
CREATE INDEX campaign_items_to_prepare ON campaign_items (campaign_id, position) WHERE review_id IS NULL AND excluded IS NULL;

-- Why somebody is asked. The same reason is never asked about twice.
CREATE TABLE review_reasons (
    identity_id BLOB NOT NULL REFERENCES identities (id),
    cause TEXT NOT NULL CHECK (cause IN ('clock', 'campaign', 'scope_change', 'owner_change', 'owner_left', 'new_key', 'promotion', 'critical_finding', 'first_use', 'contract_ends')),
    period TEXT NOT NULL CHECK (length(period) > 0),
    says TEXT NOT NULL CHECK (length(says) > 0),
    review_id BLOB REFERENCES reviews (id),
    ended TEXT,
    noted_at TEXT NOT NULL,
    PRIMARY KEY (identity_id, cause, period),
    CHECK (review_id IS NULL OR ended IS NULL)
) STRICT;
CREATE INDEX review_reasons_by_review ON review_reasons (review_id) WHERE review_id IS NOT NULL;
CREATE INDEX review_reasons_waiting ON review_reasons (identity_id, noted_at) WHERE review_id IS NULL AND ended IS NULL;

-- Each answer stands as it was given, with what its giver read. A correction stands beside it and takes its place.
CREATE TABLE review_decisions (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    review_id BLOB NOT NULL REFERENCES reviews (id),
    answer TEXT NOT NULL CHECK (answer IN ('keep', 'narrow', 'revoke', 'dont_know', 'reassign')),
    decided_by_id BLOB NOT NULL REFERENCES people (id),
    decided_as TEXT NOT NULL CHECK (decided_as IN ('business_owner', 'deputy', 'technical_owner', 'fallback', 'by_hand', 'handed_on', 'keeper', 'technical_manager', 'escalated')),
    reason TEXT CHECK (length(reason) BETWEEN 1 AND 2000),
    kept TEXT CHECK (json_valid(kept)),
    revoke_on TEXT,
    passed_to_id BLOB REFERENCES people (id),
    sheet TEXT NOT NULL CHECK (json_valid(sheet)),
    digest TEXT NOT NULL CHECK (length(digest) = 64),
    identity_version INTEGER NOT NULL CHECK (identity_version > 0),
    together_id BLOB,
    supersedes_id BLOB UNIQUE REFERENCES review_decisions (id),
    decided_at TEXT NOT NULL,
    CHECK ((answer = 'narrow') = (kept IS NOT NULL)),
    CHECK ((answer = 'revoke') = (revoke_on IS NOT NULL)),
    CHECK ((answer = 'reassign') = (passed_to_id IS NOT NULL)),
    CHECK (answer = 'keep' OR reason IS NOT NULL),
    CHECK (together_id IS NULL OR answer = 'keep'),
    CHECK (supersedes_id IS NULL OR supersedes_id <> id)
) STRICT;
CREATE INDEX review_decisions_by_review ON review_decisions (review_id, decided_at);
CREATE INDEX review_decisions_by_person ON review_decisions (decided_by_id, decided_at);

-- What was done about an answer that did not come: each step once.
CREATE TABLE review_steps (
    review_id BLOB NOT NULL REFERENCES reviews (id),
    step TEXT NOT NULL CHECK (step IN ('opened', 'reminder_14', 'reminder_7', 'reminder_1', 'added', 'replaced', 'silence', 'escalated')),
    says TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (review_id, step)
) STRICT;

-- A run of silence that would have cut too much at once waits for two people.
CREATE TABLE silence_stops (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    state TEXT NOT NULL CHECK (state IN ('stopped', 'agreed', 'done', 'dropped')),
    cuts INTEGER NOT NULL CHECK (cuts > 0),
    population INTEGER NOT NULL CHECK (population > 0),
    reviews TEXT NOT NULL CHECK (json_valid(reviews)),
    stopped_at TEXT NOT NULL,
    first_by_id BLOB REFERENCES people (id),
    second_by_id BLOB REFERENCES people (id),
    reason TEXT CHECK (length(reason) BETWEEN 1 AND 2000),
    ended_at TEXT,
    version INTEGER NOT NULL CHECK (version > 0),
    CHECK (second_by_id IS NULL OR (first_by_id IS NOT NULL AND first_by_id <> second_by_id)),
    CHECK (state NOT IN ('agreed', 'done') OR second_by_id IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX silence_stops_waiting ON silence_stops (state) WHERE state IN ('stopped', 'agreed');

-- A rule that an identity breaks, until it does not any more.
CREATE TABLE findings (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    identity_id BLOB NOT NULL REFERENCES identities (id),
    rule TEXT NOT NULL CHECK (rule IN ('review_unanswered', 'protected_review_unanswered', 'reviewer_missing', 'secret_shared')),
    severity TEXT NOT NULL CHECK (severity IN ('critical', 'high', 'moderate', 'low')),
    says TEXT NOT NULL CHECK (length(says) > 0),
    opened_at TEXT NOT NULL,
    closed_at TEXT,
    closed_because TEXT,
    version INTEGER NOT NULL CHECK (version > 0),
    CHECK ((closed_at IS NULL) = (closed_because IS NULL))
) STRICT;
CREATE UNIQUE INDEX findings_open ON findings (identity_id, rule) WHERE closed_at IS NULL;
CREATE INDEX findings_by_identity ON findings (identity_id, opened_at);
CREATE INDEX findings_by_age ON findings (opened_at, id) WHERE closed_at IS NULL;

CREATE TRIGGER reviews_end BEFORE UPDATE ON reviews WHEN old.state IN ('closed', 'cancelled')
BEGIN SELECT RAISE(ABORT, 'a review that has ended never changes'); END;
CREATE TRIGGER reviews_keep_their_parts BEFORE UPDATE ON reviews
WHEN new.id <> old.id OR new.identity_id <> old.identity_id OR new.snapshot <> old.snapshot OR new.opened_at <> old.opened_at
    OR (old.campaign_id IS NOT NULL AND new.campaign_id IS NOT old.campaign_id
        AND NOT EXISTS (SELECT 1 FROM campaigns c WHERE c.id = old.campaign_id AND c.state = 'cancelled'))
    OR (old.applied_at IS NOT NULL AND (new.applied_at IS NOT old.applied_at OR new.outcome IS NOT old.outcome OR new.decision_id IS NOT old.decision_id))
BEGIN SELECT RAISE(ABORT, 'what a review was opened about, and what was done, never changes'); END;
CREATE TRIGGER reviews_follow_their_decision BEFORE UPDATE ON reviews
WHEN new.outcome IN ('keep', 'narrow', 'revoke') AND NOT EXISTS (SELECT 1 FROM review_decisions d
    WHERE d.id = new.decision_id AND d.review_id = new.id AND d.answer = new.outcome
    AND NOT EXISTS (SELECT 1 FROM review_decisions c WHERE c.supersedes_id = d.id))
BEGIN SELECT RAISE(ABORT, 'the outcome of a review is the decision that stands'); END;
CREATE TRIGGER reviews_attested_by_others BEFORE UPDATE ON reviews
WHEN new.proof = 'attested' AND old.proof IS NULL
    AND new.proved_by_id IN (SELECT d.decided_by_id FROM review_decisions d WHERE d.id = new.decision_id)
BEGIN SELECT RAISE(ABORT, 'whoever decided does not attest that it was done'); END;
CREATE TRIGGER reviews_stay BEFORE DELETE ON reviews
WHEN EXISTS (SELECT 1 FROM review_decisions d WHERE d.review_id = old.id) OR old.campaign_id IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'reviews that somebody answered, and those of a campaign, are never deleted'); END;
CREATE TRIGGER review_decisions_in_time BEFORE INSERT ON review_decisions
WHEN NOT EXISTS (SELECT 1 FROM reviews r WHERE r.id = new.review_id AND r.state IN ('open', 'decided') AND r.applied_at IS NULL)
    OR (new.supersedes_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM review_decisions d
        WHERE d.id = new.supersedes_id AND d.review_id = new.review_id))
BEGIN SELECT RAISE(ABORT, 'a review is decided while it is open, and corrected before it takes effect'); END;
CREATE TRIGGER review_decisions_by_others BEFORE INSERT ON review_decisions
WHEN new.answer IN ('keep', 'narrow') AND EXISTS (SELECT 1 FROM reviews r JOIN identities i ON i.id = r.identity_id
    WHERE r.id = new.review_id AND i.technical_owner_id = new.decided_by_id
    AND (i.technical_owner_answer IS NULL OR i.technical_owner_answer <> 'refused'))
BEGIN SELECT RAISE(ABORT, 'whoever benefits does not decide that it goes on'); END;
CREATE TRIGGER review_decisions_keep BEFORE UPDATE ON review_decisions
BEGIN SELECT RAISE(ABORT, 'a decision never changes'); END;
CREATE TRIGGER review_decisions_stay BEFORE DELETE ON review_decisions
BEGIN SELECT RAISE(ABORT, 'decisions are never deleted'); END;
CREATE TRIGGER campaigns_stay BEFORE DELETE ON campaigns
BEGIN SELECT RAISE(ABORT, 'campaigns are never deleted'); END;
CREATE TRIGGER campaign_items_stay BEFORE DELETE ON campaign_items
BEGIN SELECT RAISE(ABORT, 'what a campaign selected is never deleted'); END;
CREATE TRIGGER campaign_items_begin BEFORE INSERT ON campaign_items
WHEN NOT EXISTS (SELECT 1 FROM campaigns c WHERE c.id = new.campaign_id AND c.state IN ('draft', 'preparing') AND c.prepared_at IS NULL)
BEGIN SELECT RAISE(ABORT, 'nothing is added to a campaign that has begun'); END;

-- The approved list grows by requests. A review may leave a narrower permission on it, and what a review took away
-- no earlier request brings back.
DROP TRIGGER approved_scopes_need_a_request;
DROP TRIGGER approved_scopes_keep_to_a_request;
CREATE TRIGGER approved_scopes_need_a_request BEFORE INSERT ON identity_scopes WHEN new.list = 'approved'
    AND NOT EXISTS (SELECT 1 FROM reviews v JOIN review_decisions k ON k.id = v.decision_id
        WHERE v.identity_id = new.identity_id AND v.outcome = 'narrow' AND v.applied_at IS NOT NULL
        AND EXISTS (SELECT 1 FROM json_each(k.kept) j WHERE j.value = new.scope)
        AND NOT EXISTS (SELECT 1 FROM requests n WHERE n.identity_id = v.identity_id AND n.applied_at >= v.applied_at)
        AND NOT EXISTS (SELECT 1 FROM reviews w WHERE w.identity_id = v.identity_id AND w.outcome = 'narrow' AND w.applied_at > v.applied_at))
    AND NOT EXISTS (SELECT 1 FROM requests r JOIN request_scopes s ON s.request_id = r.id
        WHERE r.identity_id = new.identity_id AND r.state IN ('in_force', 'issued') AND s.scope = new.scope
        AND NOT EXISTS (SELECT 1 FROM requests n
            WHERE n.identity_id = r.identity_id AND n.number > r.number AND n.applied_at >= r.applied_at)
        AND NOT EXISTS (SELECT 1 FROM reviews v WHERE v.identity_id = r.identity_id AND v.outcome = 'narrow' AND v.applied_at > r.applied_at)
        AND NOT EXISTS (SELECT 1 FROM request_decisions d
            WHERE d.request_id = r.id AND d.undone_at IS NULL AND d.kept IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM json_each(d.kept) k WHERE k.value = new.scope)))
BEGIN SELECT RAISE(ABORT, 'only a request that people approved puts a scope on the approved list'); END;
CREATE TRIGGER approved_scopes_keep_to_a_request BEFORE UPDATE ON identity_scopes WHEN new.list = 'approved'
    AND NOT EXISTS (SELECT 1 FROM reviews v JOIN review_decisions k ON k.id = v.decision_id
        WHERE v.identity_id = new.identity_id AND v.outcome = 'narrow' AND v.applied_at IS NOT NULL
        AND EXISTS (SELECT 1 FROM json_each(k.kept) j WHERE j.value = new.scope)
        AND NOT EXISTS (SELECT 1 FROM requests n WHERE n.identity_id = v.identity_id AND n.applied_at >= v.applied_at)
        AND NOT EXISTS (SELECT 1 FROM reviews w WHERE w.identity_id = v.identity_id AND w.outcome = 'narrow' AND w.applied_at > v.applied_at))
    AND NOT EXISTS (SELECT 1 FROM requests r JOIN request_scopes s ON s.request_id = r.id
        WHERE r.identity_id = new.identity_id AND r.state IN ('in_force', 'issued') AND s.scope = new.scope
        AND NOT EXISTS (SELECT 1 FROM requests n
            WHERE n.identity_id = r.identity_id AND n.number > r.number AND n.applied_at >= r.applied_at)
        AND NOT EXISTS (SELECT 1 FROM reviews v WHERE v.identity_id = r.identity_id AND v.outcome = 'narrow' AND v.applied_at > r.applied_at)
        AND NOT EXISTS (SELECT 1 FROM request_decisions d
            WHERE d.request_id = r.id AND d.undone_at IS NULL AND d.kept IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM json_each(d.kept) k WHERE k.value = new.scope)))
BEGIN SELECT RAISE(ABORT, 'only a request that people approved puts a scope on the approved list'); END;

-- Reviews that were tasks alone: each gets the row that it would have had, under the id of its task. Nobody noted
-- what was known then, so the snapshot says so.
INSERT INTO reviews (id, identity_id, state, tier, snapshot, resolution, opened_at, due_on, add_on, replace_on, silence_on, next_step_on, closed_at, ended_because, version)
    SELECT t.id, t.identity_id, CASE WHEN t.state = 'open' AND NOT EXISTS (SELECT 1 FROM tasks o
            WHERE o.kind = 'recertification' AND o.state = 'open' AND o.identity_id = t.identity_id AND o.id > t.id)
        THEN 'open' ELSE 'cancelled' END, i.tier, '{}', '[]', t.created_at,
        t.due_on, date(t.due_on, '+1 day'), date(t.due_on, '+7 days'), date(t.due_on, '+14 days'),
        CASE WHEN t.state = 'open' AND NOT EXISTS (SELECT 1 FROM tasks o
            WHERE o.kind = 'recertification' AND o.state = 'open' AND o.identity_id = t.identity_id AND o.id > t.id)
        THEN date(t.due_on, '-14 days') END,
        CASE WHEN t.state = 'open' AND NOT EXISTS (SELECT 1 FROM tasks o
            WHERE o.kind = 'recertification' AND o.state = 'open' AND o.identity_id = t.identity_id AND o.id > t.id)
        THEN NULL ELSE coalesce(t.closed_at, t.created_at) END,
        CASE WHEN t.state = 'open' AND NOT EXISTS (SELECT 1 FROM tasks o
            WHERE o.kind = 'recertification' AND o.state = 'open' AND o.identity_id = t.identity_id AND o.id > t.id)
        THEN NULL WHEN t.state = 'open' THEN 'a later review asks the same' ELSE 'answered as a task, before reviews were kept' END, 1
    FROM tasks t JOIN identities i ON i.id = t.identity_id WHERE t.kind = 'recertification';
INSERT INTO review_reasons (identity_id, cause, period, says, review_id, noted_at)
    SELECT t.identity_id, 'clock', t.period, t.reason, t.id, t.created_at FROM tasks t WHERE t.kind = 'recertification';
INSERT INTO review_steps (review_id, step, says, at)
    SELECT t.id, 'opened', t.reason, t.created_at FROM tasks t WHERE t.kind = 'recertification';

-- A task may belong to a review. Written anew, because SQLite changes no CHECK in place.
ALTER TABLE tasks RENAME TO tasks_of_before;
CREATE TABLE tasks (
    id BLOB PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('recertification', 'offboarding', 'ownership', 'emergency_review', 'decision', 'issuance', 'approver_missing', 'owner_missing', 'reauthorisation', 'review_question', 'narrowing', 'reviewer_missing')),
    identity_id BLOB REFERENCES identities (id),
    emergency_id BLOB UNIQUE REFERENCES emergency_accesses (id),
    request_id BLOB REFERENCES requests (id),
    review_id BLOB REFERENCES reviews (id),
    period TEXT NOT NULL,
    cause TEXT NOT NULL CHECK (cause IN ('review_due', 'expired', 'contract_ended', 'owners_gone', 'revoking', 'owner_named', 'emergency_access', 'requested', 'approved', 'nobody_eligible', 'no_owner', 'use_changed', 'review_asked', 'review_unanswered', 'question_asked', 'narrowed', 'nobody_to_ask')),
    reason TEXT NOT NULL,
    assignee_id BLOB REFERENCES people (id),
    assignee_group TEXT CHECK (assignee_group IN ('security_analysts', 'emergency_reviewers', 'keepers', 'administrators')),
    assigned_as TEXT NOT NULL CHECK (assigned_as IN ('business_owner', 'deputy', 'technical_owner', 'fallback', 'by_hand', 'handed_on', 'keeper', 'technical_manager', 'escalated')),
    due_on TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'done', 'cancelled')),
    answer TEXT CHECK (answer IN ('keep', 'until', 'remove', 'dont_know', 'another', 'done', 'accept', 'refuse', 'obsolete', 'narrow')),
    wanted_until TEXT,
    note TEXT,
    created_at TEXT NOT NULL,
    closed_at TEXT,
    closed_by BLOB REFERENCES people (id),
    version INTEGER NOT NULL CHECK (version > 0),
    UNIQUE (kind, identity_id, period),
    CHECK ((assignee_id IS NULL) <> (assignee_group IS NULL)),
    CHECK ((state = 'open') = (closed_at IS NULL)),
    CHECK ((identity_id IS NULL) <> (emergency_id IS NULL)),
    CHECK ((kind IN ('decision', 'issuance', 'approver_missing')) = (request_id IS NOT NULL)),
    CHECK ((kind IN ('recertification', 'review_question', 'narrowing', 'reviewer_missing')) = (review_id IS NOT NULL)),
    CHECK ((kind = 'emergency_review') = (emergency_id IS NOT NULL)),
    CHECK (kind <> 'emergency_review' OR (assignee_group IS NOT NULL AND assignee_group = 'emergency_reviewers')),
    CHECK (kind <> 'emergency_review' OR state = 'open' OR (state = 'done' AND closed_by IS NOT NULL AND note IS NOT NULL))
) STRICT;
INSERT INTO tasks (id, kind, identity_id, emergency_id, request_id, review_id, period, cause, reason, assignee_id, assignee_group, assigned_as, due_on, state, answer, wanted_until, note, created_at, closed_at, closed_by, version)
    SELECT id, kind, identity_id, emergency_id, request_id, CASE WHEN kind = 'recertification' THEN id END, period, cause, reason, assignee_id, assignee_group, assigned_as, due_on, state, answer, wanted_until, note, created_at, closed_at, closed_by, version FROM tasks_of_before;
DROP TABLE tasks_of_before;
CREATE INDEX tasks_by_due ON tasks (due_on, id);
CREATE INDEX tasks_open_by_due ON tasks (due_on, id) WHERE state = 'open';
CREATE INDEX tasks_by_state ON tasks (state, due_on, id);
CREATE INDEX tasks_by_assignee ON tasks (assignee_id, state, due_on, id);
CREATE INDEX tasks_by_group ON tasks (assignee_group, state, due_on, id);
CREATE INDEX tasks_by_identity ON tasks (identity_id, state);
CREATE INDEX tasks_by_request ON tasks (request_id, state) WHERE request_id IS NOT NULL;
CREATE INDEX tasks_by_review ON tasks (review_id, state) WHERE review_id IS NOT NULL;
-- Whoever used emergency access never closes its review.
CREATE TRIGGER tasks_reviewed_by_others BEFORE UPDATE ON tasks
WHEN new.kind = 'emergency_review' AND new.state <> 'open'
    AND new.closed_by IN (SELECT person_id FROM emergency_accesses WHERE id = new.emergency_id)
BEGIN SELECT RAISE(ABORT, 'whoever used emergency access cannot close its review'); END;
-- Two open reviews about one identity were possible before: the later one goes on.
UPDATE tasks SET state = 'cancelled', answer = 'obsolete', closed_at = created_at, version = version + 1,
    note = coalesce(note || char(10), '') || 'Closed by Muster: a later review asks the same'
    WHERE kind = 'recertification' AND state = 'open' AND EXISTS (SELECT 1 FROM reviews r WHERE r.id = tasks.review_id AND r.state = 'cancelled');

-- Every identity that works has a clock: found by tier, so that what is right is not read.
CREATE INDEX identities_clocks ON identities (tier, next_review_key, id) WHERE state IN ('active', 'suspended');
-- How many of production a run of silence would cut is a share of these.
CREATE INDEX identities_in_production ON identities (id) WHERE environment = 'production' AND state = 'active';

-- One more cause of a state. The rows stay as they are: only the text of the CHECK changes, as SQLite's own
-- documentation of ALTER TABLE describes.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '''no_longer_needed'', ''vanished''', '''no_longer_needed'', ''vanished'', ''review_unanswered''')
    WHERE type = 'table' AND name = 'identities';
PRAGMA writable_schema = RESET;
