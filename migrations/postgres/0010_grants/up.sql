-- Refuses a change with the words that its trigger gives.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0];
END $$;

-- Whatever gives an identity more than it has: asked by one person, approved by a second, carried out by a third.
CREATE TABLE grants (
    id UUID PRIMARY KEY,
    identity_id UUID NOT NULL REFERENCES identities (id),
    kind TEXT NOT NULL CHECK (kind IN ('resume')),
    state TEXT NOT NULL CHECK (state IN ('asked', 'approved', 'executed', 'refused', 'withdrawn', 'lapsed')),
    reason TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 2000),
    decision_reason TEXT CHECK (length(decision_reason) BETWEEN 1 AND 2000),
    requester_id UUID NOT NULL REFERENCES accounts (person_id),
    requester_for_id UUID REFERENCES people (id),
    approver_id UUID REFERENCES accounts (person_id),
    executor_id UUID REFERENCES accounts (person_id),
    asked_at TIMESTAMPTZ NOT NULL,
    decided_at TIMESTAMPTZ,
    executed_at TIMESTAMPTZ,
    ends_at TIMESTAMPTZ NOT NULL,
    asked_version BIGINT NOT NULL CHECK (asked_version > 0),
    identity_version BIGINT CHECK (identity_version > 0),
    executed_version BIGINT,
    version BIGINT NOT NULL CHECK (version > 0),
    CHECK (requester_for_id IS NULL OR requester_for_id <> requester_id),
    CHECK (approver_id IS NULL OR approver_id <> requester_id),
    CHECK (approver_id IS NULL OR requester_for_id IS NULL OR approver_id <> requester_for_id),
    CHECK (executor_id IS NULL OR (approver_id IS NOT NULL AND executor_id <> approver_id AND executor_id <> requester_id)),
    CHECK (executor_id IS NULL OR requester_for_id IS NULL OR executor_id <> requester_for_id),
    CHECK (state <> 'asked' OR approver_id IS NULL),
    CHECK (state NOT IN ('approved', 'executed') OR (approver_id IS NOT NULL AND identity_version IS NOT NULL)),
    CHECK (state <> 'refused' OR (approver_id IS NOT NULL AND decision_reason IS NOT NULL)),
    CHECK ((approver_id IS NULL) = (decided_at IS NULL)),
    CHECK ((state = 'executed') = (executor_id IS NOT NULL)),
    CHECK ((executor_id IS NULL) = (executed_at IS NULL)),
    CHECK ((executor_id IS NULL) = (executed_version IS NULL)),
    CHECK (executed_version IS NULL OR executed_version = identity_version + 1),
    CHECK (decided_at IS NULL OR (decided_at >= asked_at AND decided_at < ends_at)),
    CHECK (executed_at IS NULL OR (executed_at >= decided_at AND executed_at < ends_at)),
    CHECK (ends_at - asked_at <= INTERVAL '14 days')
);
-- One at a time.
CREATE UNIQUE INDEX grants_open ON grants (identity_id, kind) WHERE state IN ('asked', 'approved');
CREATE INDEX grants_by_identity ON grants (identity_id, asked_at);
CREATE INDEX grants_by_age ON grants (asked_at, id);
CREATE INDEX grants_by_state ON grants (state, asked_at, id);

CREATE TRIGGER grants_begin BEFORE INSERT ON grants FOR EACH ROW
    WHEN (new.state <> 'asked')
    EXECUTE FUNCTION refuse_change('a grant begins by being asked for');
CREATE TRIGGER grants_end BEFORE UPDATE ON grants FOR EACH ROW
    WHEN (old.state NOT IN ('asked', 'approved'))
    EXECUTE FUNCTION refuse_change('a grant that has ended never changes');
CREATE TRIGGER grants_in_order BEFORE UPDATE ON grants FOR EACH ROW
    WHEN (new.state = 'executed' AND old.state <> 'approved')
    EXECUTE FUNCTION refuse_change('a grant is approved before it is carried out');
CREATE TRIGGER grants_keep_their_parts BEFORE UPDATE ON grants FOR EACH ROW
    WHEN (new.id <> old.id OR new.identity_id <> old.identity_id OR new.kind <> old.kind OR new.reason <> old.reason
    OR new.requester_id <> old.requester_id OR new.requester_for_id IS DISTINCT FROM old.requester_for_id
    OR new.asked_at <> old.asked_at OR new.ends_at <> old.ends_at OR new.asked_version <> old.asked_version
    OR (old.approver_id IS NOT NULL AND (new.approver_id IS DISTINCT FROM old.approver_id OR new.decided_at IS DISTINCT FROM old.decided_at
        OR new.identity_version IS DISTINCT FROM old.identity_version)))
    EXECUTE FUNCTION refuse_change('who asked for a grant, who approved it and what for never changes');
CREATE TRIGGER grants_stay BEFORE DELETE ON grants FOR EACH ROW
    EXECUTE FUNCTION refuse_change('grants are never deleted');

-- The only door to active: an executed grant for this identity in this very version. What a file says of a client
-- that only files have moved is observed and not granted; so is the state that an undone import puts back. One
-- whose expiry has passed counts as suspended, whatever is stored: a later expiry wakes it as a resumption does.
CREATE FUNCTION identities_granted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM grants g WHERE g.identity_id = new.id AND g.state = 'executed'
            AND g.executed_version = new.version AND g.executed_version = old.version + 1 AND g.executed_at = new.updated_at)
        AND NOT EXISTS (SELECT 1 FROM imports i JOIN import_rows r ON r.import_id = i.id
            WHERE i.state = 'undone' AND i.undone_at = new.updated_at AND r.subject_id = new.id AND r.version_after = old.version)
    THEN
        RAISE EXCEPTION 'only a grant that three people took part in makes an identity active';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER identities_need_a_grant BEFORE UPDATE ON identities FOR EACH ROW
    WHEN (new.state = 'active'
        AND (old.state <> 'active'
            OR (old.criticality <> 'clinical' AND old.expires_at <= new.updated_at
                AND (new.criticality = 'clinical' OR new.expires_at IS NULL OR new.expires_at > new.updated_at)))
        AND NOT (old.state_cause IN ('imported_enabled', 'imported_disabled')
            AND new.state_cause IN ('imported_enabled', 'imported_disabled')))
    EXECUTE FUNCTION identities_granted();

-- Codes that lie in an envelope until nobody else can be reached. Only the digest is kept.
CREATE TABLE sealed_codes (
    id UUID PRIMARY KEY,
    digest BYTEA NOT NULL UNIQUE CHECK (length(digest) = 32),
    made_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ,
    used_by UUID REFERENCES accounts (person_id),
    voided_at TIMESTAMPTZ,
    CHECK ((used_at IS NULL) = (used_by IS NULL)),
    CHECK (used_at IS NULL OR voided_at IS NULL)
);
CREATE TRIGGER sealed_codes_open_once BEFORE UPDATE ON sealed_codes FOR EACH ROW
    WHEN (old.used_at IS NOT NULL OR old.voided_at IS NOT NULL)
    EXECUTE FUNCTION refuse_change('a sealed code that was used or made void never changes');

-- Somebody acts as an administrator for some hours: a second person agreed, or a sealed code was opened.
CREATE TABLE emergency_accesses (
    id UUID PRIMARY KEY,
    person_id UUID NOT NULL REFERENCES accounts (person_id),
    state TEXT NOT NULL CHECK (state IN ('asked', 'started', 'refused', 'withdrawn')),
    reason TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 2000),
    hours BIGINT NOT NULL CHECK (hours BETWEEN 1 AND 4),
    asked_at TIMESTAMPTZ NOT NULL,
    approver_id UUID REFERENCES accounts (person_id),
    code_id UUID UNIQUE REFERENCES sealed_codes (id),
    decision_reason TEXT CHECK (length(decision_reason) BETWEEN 1 AND 2000),
    started_at TIMESTAMPTZ,
    ends_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ,
    ended_by UUID REFERENCES accounts (person_id),
    version BIGINT NOT NULL CHECK (version > 0),
    CHECK (approver_id IS NULL OR approver_id <> person_id),
    CHECK ((state = 'started') = (started_at IS NOT NULL)),
    CHECK ((started_at IS NULL) = (ends_at IS NULL)),
    CHECK (state <> 'started' OR ((approver_id IS NULL) <> (code_id IS NULL))),
    CHECK (state = 'started' OR code_id IS NULL),
    CHECK (state <> 'refused' OR (approver_id IS NOT NULL AND decision_reason IS NOT NULL)),
    CHECK (ends_at IS NULL OR ends_at - started_at = hours * INTERVAL '1 hour'),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL)),
    CHECK (ended_at IS NULL OR (started_at IS NOT NULL AND ended_at <= ends_at))
);
CREATE UNIQUE INDEX emergency_accesses_asked ON emergency_accesses (person_id) WHERE state = 'asked';
CREATE INDEX emergency_accesses_by_person ON emergency_accesses (person_id, ends_at);
CREATE INDEX emergency_accesses_by_age ON emergency_accesses (asked_at, id);
CREATE TRIGGER emergency_accesses_begin BEFORE INSERT ON emergency_accesses FOR EACH ROW
    WHEN (new.state <> 'asked')
    EXECUTE FUNCTION refuse_change('emergency access begins by being asked for');
CREATE TRIGGER emergency_accesses_never_renewed BEFORE UPDATE ON emergency_accesses FOR EACH ROW
    WHEN (new.person_id <> old.person_id OR new.hours <> old.hours OR new.reason <> old.reason OR new.asked_at <> old.asked_at
    OR (old.state <> 'asked' AND (new.state <> old.state OR new.started_at IS DISTINCT FROM old.started_at OR new.ends_at IS DISTINCT FROM old.ends_at
        OR new.approver_id IS DISTINCT FROM old.approver_id OR new.code_id IS DISTINCT FROM old.code_id))
    OR old.ended_at IS NOT NULL)
    EXECUTE FUNCTION refuse_change('emergency access is never renewed or changed');
CREATE TRIGGER emergency_accesses_stay BEFORE DELETE ON emergency_accesses FOR EACH ROW
    EXECUTE FUNCTION refuse_change('emergency accesses are never deleted');

-- A task is about an identity, or it reviews an emergency access.
ALTER TABLE tasks RENAME TO tasks_of_before;
CREATE TABLE tasks (
    id UUID PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('recertification', 'offboarding', 'ownership', 'emergency_review')),
    identity_id UUID REFERENCES identities (id),
    emergency_id UUID UNIQUE REFERENCES emergency_accesses (id),
    period TEXT NOT NULL,
    cause TEXT NOT NULL CHECK (cause IN ('review_due', 'expired', 'contract_ended', 'owners_gone', 'revoking', 'owner_named', 'emergency_access')),
    reason TEXT NOT NULL,
    assignee_id UUID REFERENCES people (id),
    assignee_group TEXT CHECK (assignee_group IN ('security_analysts', 'emergency_reviewers')),
    assigned_as TEXT NOT NULL CHECK (assigned_as IN ('business_owner', 'deputy', 'technical_owner', 'fallback', 'by_hand', 'handed_on')),
    due_on DATE NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'done', 'cancelled')),
    answer TEXT CHECK (answer IN ('keep', 'until', 'remove', 'dont_know', 'another', 'done', 'accept', 'refuse', 'obsolete')),
    wanted_until DATE,
    note TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    closed_at TIMESTAMPTZ,
    closed_by UUID REFERENCES people (id),
    version BIGINT NOT NULL CHECK (version > 0),
    UNIQUE (kind, identity_id, period),
    CHECK ((assignee_id IS NULL) <> (assignee_group IS NULL)),
    CHECK ((state = 'open') = (closed_at IS NULL)),
    CHECK ((identity_id IS NULL) <> (emergency_id IS NULL)),
    CHECK ((kind = 'emergency_review') = (emergency_id IS NOT NULL)),
    CHECK (kind <> 'emergency_review' OR (assignee_group IS NOT NULL AND assignee_group = 'emergency_reviewers')),
    CHECK (kind <> 'emergency_review' OR state = 'open' OR (state = 'done' AND closed_by IS NOT NULL AND note IS NOT NULL))
);
INSERT INTO tasks (id, kind, identity_id, period, cause, reason, assignee_id, assignee_group, assigned_as, due_on, state, answer, wanted_until, note, created_at, closed_at, closed_by, version)
    SELECT id, kind, identity_id, period, cause, reason, assignee_id, assignee_group, assigned_as, due_on, state, answer, wanted_until, note, created_at, closed_at, closed_by, version FROM tasks_of_before;
DROP TABLE tasks_of_before;
CREATE INDEX tasks_by_due ON tasks (due_on, id);
CREATE INDEX tasks_open_by_due ON tasks (due_on, id) WHERE state = 'open';
CREATE INDEX tasks_by_state ON tasks (state, due_on, id);
CREATE INDEX tasks_by_assignee ON tasks (assignee_id, state, due_on, id);
CREATE INDEX tasks_by_group ON tasks (assignee_group, state, due_on, id);
CREATE INDEX tasks_by_identity ON tasks (identity_id, state);
-- Whoever used emergency access never closes its review.
CREATE FUNCTION tasks_reviewed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF new.closed_by IN (SELECT person_id FROM emergency_accesses WHERE id = new.emergency_id) THEN
        RAISE EXCEPTION 'whoever used emergency access cannot close its review';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER tasks_reviewed_by_others BEFORE UPDATE ON tasks FOR EACH ROW
    WHEN (new.kind = 'emergency_review' AND new.state <> 'open')
    EXECUTE FUNCTION tasks_reviewed();

-- Which entries were written under emergency access: an index into the bodies.
ALTER TABLE audit_entries ADD COLUMN emergency_id TEXT;
CREATE INDEX audit_entries_by_emergency ON audit_entries (emergency_id, seq) WHERE emergency_id IS NOT NULL;
