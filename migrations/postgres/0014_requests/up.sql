-- Somebody asks that scopes be approved; people decide stage by stage; somebody else records what was issued.
CREATE TABLE requests (
    number BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE,
    id UUID PRIMARY KEY,
    identity_id UUID NOT NULL REFERENCES identities (id),
    kind TEXT NOT NULL CHECK (kind IN ('registration', 'change', 'promotion')),
    state TEXT NOT NULL CHECK (state IN ('open', 'approved', 'in_force', 'issued', 'refused', 'withdrawn', 'expired', 'superseded')),
    requester_id UUID NOT NULL REFERENCES people (id),
    requester_for_id UUID REFERENCES people (id),
    reason TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 2000),
    urgency TEXT CHECK (length(urgency) BETWEEN 1 AND 2000),
    wanted_until DATE NOT NULL,
    approved_until DATE,
    test_data BOOLEAN NOT NULL,
    purpose TEXT,
    access_basis TEXT CHECK (access_basis IN ('patient_directed', 'treatment', 'business_associate', 'research', 'internal_operations', 'public')),
    tier TEXT NOT NULL CHECK (tier IN ('low', 'moderate', 'high', 'critical')),
    rule TEXT NOT NULL,
    because TEXT NOT NULL,
    longest_days BIGINT NOT NULL CHECK (longest_days > 0),
    sent_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL,
    moved_at TIMESTAMPTZ NOT NULL,
    effective_at TIMESTAMPTZ,
    applied_at TIMESTAMPTZ,
    executor_id UUID REFERENCES people (id),
    evidence TEXT CHECK (length(evidence) BETWEEN 1 AND 4000),
    issued_at TIMESTAMPTZ,
    executed_version BIGINT,
    confirmed_at TIMESTAMPTZ,
    confirmed_by_id UUID REFERENCES imports (id),
    version BIGINT NOT NULL CHECK (version > 0),
    CHECK (requester_for_id IS NULL OR requester_for_id <> requester_id),
    CHECK (executor_id IS NULL OR (executor_id <> requester_id AND executor_id IS DISTINCT FROM requester_for_id)),
    CHECK (approved_until IS NULL OR approved_until <= wanted_until),
    CHECK ((effective_at IS NULL) = (approved_until IS NULL)),
    CHECK (state NOT IN ('approved', 'in_force', 'issued') OR effective_at IS NOT NULL),
    CHECK (state NOT IN ('open', 'refused', 'expired') OR effective_at IS NULL),
    CHECK ((state IN ('in_force', 'issued', 'superseded')) = (applied_at IS NOT NULL)),
    CHECK (applied_at IS NULL OR applied_at >= effective_at),
    CHECK ((state = 'issued') = (executor_id IS NOT NULL)),
    CHECK ((executor_id IS NULL) = (issued_at IS NULL)),
    CHECK ((executor_id IS NULL) = (evidence IS NULL)),
    CHECK ((executor_id IS NULL) = (executed_version IS NULL)),
    CHECK (issued_at IS NULL OR issued_at >= applied_at),
    CHECK (confirmed_at IS NULL OR state = 'issued')
);
-- One at a time: what is decided is the only thing that waits.
CREATE UNIQUE INDEX requests_pending ON requests (identity_id) WHERE state IN ('open', 'approved');
CREATE INDEX requests_by_identity ON requests (identity_id, number);
CREATE INDEX requests_by_state ON requests (state, number);
CREATE INDEX requests_by_requester ON requests (requester_id, moved_at);
CREATE INDEX requests_due ON requests (ends_at) WHERE state = 'open';
CREATE INDEX requests_to_apply ON requests (effective_at) WHERE state = 'approved';

CREATE TABLE request_scopes (
    request_id UUID NOT NULL REFERENCES requests (id),
    position BIGINT NOT NULL,
    scope TEXT NOT NULL CHECK (length(scope) > 0),
    PRIMARY KEY (request_id, position),
    UNIQUE (request_id, scope)
);

CREATE TABLE request_stages (
    request_id UUID NOT NULL REFERENCES requests (id),
    position BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('business_owner', 'security', 'second_person')),
    named_id UUID REFERENCES people (id),
    round BIGINT NOT NULL CHECK (round > 0),
    due_on DATE,
    PRIMARY KEY (request_id, position)
);

-- Each answer stands as it was given, with what its giver read; a changed mind is written beside it.
CREATE TABLE request_decisions (
    id UUID PRIMARY KEY,
    request_id UUID NOT NULL REFERENCES requests (id),
    position BIGINT NOT NULL,
    stage TEXT NOT NULL CHECK (stage IN ('business_owner', 'security', 'second_person')),
    answer TEXT NOT NULL CHECK (answer IN ('approve', 'part', 'refuse', 'pass_on')),
    decided_by_id UUID NOT NULL REFERENCES people (id),
    decided_as TEXT NOT NULL CHECK (decided_as IN ('business_owner', 'deputy', 'fallback', 'keeper', 'named')),
    kept JSONB,
    until DATE,
    reason TEXT CHECK (length(reason) BETWEEN 1 AND 2000),
    ground TEXT,
    passed_to_id UUID REFERENCES people (id),
    sheet JSONB NOT NULL,
    digest TEXT NOT NULL CHECK (length(digest) = 64),
    identity_version BIGINT NOT NULL CHECK (identity_version > 0),
    decided_at TIMESTAMPTZ NOT NULL,
    undo_until TIMESTAMPTZ NOT NULL,
    undone_at TIMESTAMPTZ,
    undo_reason TEXT CHECK (length(undo_reason) BETWEEN 1 AND 2000),
    CHECK ((answer = 'part') = (kept IS NOT NULL)),
    CHECK ((answer IN ('approve', 'part')) = (until IS NOT NULL)),
    CHECK ((answer = 'refuse') = (ground IS NOT NULL)),
    CHECK ((answer = 'pass_on') = (passed_to_id IS NOT NULL)),
    CHECK (answer = 'approve' OR reason IS NOT NULL),
    CHECK (undone_at IS NULL OR (undone_at >= decided_at AND undone_at < undo_until))
);
-- Nobody says yes twice, and a stage has one yes.
CREATE UNIQUE INDEX request_decisions_people ON request_decisions (request_id, decided_by_id) WHERE undone_at IS NULL AND answer IN ('approve', 'part');
CREATE UNIQUE INDEX request_decisions_stages ON request_decisions (request_id, position) WHERE undone_at IS NULL AND answer IN ('approve', 'part', 'refuse');
CREATE INDEX request_decisions_by_request ON request_decisions (request_id, decided_at);
CREATE INDEX request_decisions_by_person ON request_decisions (decided_by_id, decided_at);
CREATE INDEX request_decisions_refusals ON request_decisions (decided_at, id) WHERE answer = 'refuse';

-- A registration that nobody has sent yet: what was typed, step by step.
CREATE TABLE request_drafts (
    id UUID PRIMARY KEY,
    person_id UUID NOT NULL REFERENCES accounts (person_id),
    origin_id UUID REFERENCES identities (id),
    fields JSONB NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0)
);
CREATE INDEX request_drafts_by_person ON request_drafts (person_id, updated_at);

-- Documents that allow the access: references, never the documents themselves.
CREATE TABLE identity_papers (
    identity_id UUID NOT NULL REFERENCES identities (id),
    kind TEXT NOT NULL CHECK (kind IN ('contract', 'agreement', 'baa')),
    reference TEXT NOT NULL CHECK (length(reference) BETWEEN 1 AND 200),
    ends_on DATE,
    PRIMARY KEY (identity_id, kind)
);

CREATE TRIGGER requests_begin BEFORE INSERT ON requests FOR EACH ROW
    WHEN (new.state <> 'open' OR new.effective_at IS NOT NULL OR new.applied_at IS NOT NULL)
    EXECUTE FUNCTION refuse_change('a request begins by being asked');
CREATE TRIGGER requests_end BEFORE UPDATE ON requests FOR EACH ROW
    WHEN (old.state IN ('withdrawn', 'expired', 'superseded') OR (old.state = 'issued' AND new.state <> 'issued')
    OR (old.state = 'in_force' AND new.state NOT IN ('in_force', 'issued', 'superseded'))
    OR (old.state = 'refused' AND new.state NOT IN ('refused', 'open')))
    EXECUTE FUNCTION refuse_change('a request that has ended never changes');
CREATE TRIGGER requests_in_order BEFORE UPDATE ON requests FOR EACH ROW
    WHEN ((new.state = 'approved' AND old.state NOT IN ('open', 'approved'))
    OR (new.state = 'in_force' AND old.state NOT IN ('approved', 'in_force'))
    OR (new.state = 'issued' AND old.state NOT IN ('in_force', 'issued'))
    OR (new.state = 'superseded' AND old.state <> 'in_force'))
    EXECUTE FUNCTION refuse_change('a request is decided, takes effect and is issued, in this order');
CREATE TRIGGER requests_keep_their_parts BEFORE UPDATE ON requests FOR EACH ROW
    WHEN (new.number <> old.number OR new.id <> old.id OR new.identity_id <> old.identity_id OR new.kind <> old.kind
    OR new.requester_id <> old.requester_id OR new.requester_for_id IS DISTINCT FROM old.requester_for_id
    OR new.reason <> old.reason OR new.urgency IS DISTINCT FROM old.urgency
    OR new.wanted_until <> old.wanted_until OR new.sent_at <> old.sent_at
    OR new.tier <> old.tier OR new.rule <> old.rule OR new.because <> old.because OR new.longest_days <> old.longest_days
    OR new.test_data <> old.test_data OR new.purpose IS DISTINCT FROM old.purpose
    OR new.access_basis IS DISTINCT FROM old.access_basis
    OR (old.state = 'issued' AND (new.executor_id IS DISTINCT FROM old.executor_id OR new.issued_at IS DISTINCT FROM old.issued_at
        OR new.evidence IS DISTINCT FROM old.evidence OR new.executed_version IS DISTINCT FROM old.executed_version)))
    EXECUTE FUNCTION refuse_change('who asked for what, why and how, and who issued it, never changes');
-- A changed mind opens it again and empties them; nothing else does.
CREATE TRIGGER requests_keep_their_times BEFORE UPDATE ON requests FOR EACH ROW
    WHEN ((old.effective_at IS NOT NULL
        AND (new.effective_at IS DISTINCT FROM old.effective_at OR new.approved_until IS DISTINCT FROM old.approved_until)
        AND NOT (old.state = 'approved' AND new.state = 'open' AND new.effective_at IS NULL))
    OR (old.applied_at IS NOT NULL AND new.applied_at IS DISTINCT FROM old.applied_at))
    EXECUTE FUNCTION refuse_change('when a request takes effect, and until when it was approved, never changes');
CREATE FUNCTION requests_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM request_stages s WHERE s.request_id = new.id)
        OR EXISTS (SELECT 1 FROM request_stages s WHERE s.request_id = new.id
            AND NOT EXISTS (SELECT 1 FROM request_decisions d WHERE d.request_id = s.request_id AND d.position = s.position
                AND d.stage = s.kind AND d.undone_at IS NULL AND d.answer IN ('approve', 'part')))
    THEN
        RAISE EXCEPTION 'a request is approved when every stage has a yes';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER requests_need_every_stage BEFORE UPDATE ON requests FOR EACH ROW
    WHEN (new.state IN ('approved', 'in_force') AND new.state <> old.state)
    EXECUTE FUNCTION requests_decided();
CREATE FUNCTION requests_issued() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF new.executor_id IN (SELECT d.decided_by_id FROM request_decisions d WHERE d.request_id = new.id
        AND d.undone_at IS NULL AND d.answer IN ('approve', 'part'))
    THEN
        RAISE EXCEPTION 'whoever approved a request does not issue it';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER requests_issued_by_others BEFORE UPDATE ON requests FOR EACH ROW
    WHEN (new.state = 'issued' AND old.state <> 'issued')
    EXECUTE FUNCTION requests_issued();
CREATE TRIGGER requests_stay BEFORE DELETE ON requests FOR EACH ROW
    EXECUTE FUNCTION refuse_change('requests are never deleted');
-- Nothing is added to what somebody has answered.
CREATE FUNCTION request_begun() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM requests r WHERE r.id = new.request_id AND r.state <> 'open')
        OR EXISTS (SELECT 1 FROM request_decisions d WHERE d.request_id = new.request_id)
    THEN
        RAISE EXCEPTION '%', TG_ARGV[0];
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER request_scopes_begin BEFORE INSERT ON request_scopes FOR EACH ROW
    EXECUTE FUNCTION request_begun('what a request asks for never changes');
CREATE TRIGGER request_scopes_keep BEFORE UPDATE ON request_scopes FOR EACH ROW
    EXECUTE FUNCTION refuse_change('what a request asks for never changes');
CREATE TRIGGER request_scopes_stay BEFORE DELETE ON request_scopes FOR EACH ROW
    EXECUTE FUNCTION refuse_change('what a request asks for never changes');
CREATE TRIGGER request_stages_begin BEFORE INSERT ON request_stages FOR EACH ROW
    EXECUTE FUNCTION request_begun('the stages of a request never change');
CREATE TRIGGER request_stages_stay BEFORE DELETE ON request_stages FOR EACH ROW
    EXECUTE FUNCTION refuse_change('the stages of a request never change');
CREATE TRIGGER request_stages_keep BEFORE UPDATE ON request_stages FOR EACH ROW
    WHEN (new.request_id <> old.request_id OR new.kind <> old.kind OR new.position <> old.position)
    EXECUTE FUNCTION refuse_change('the stages of a request never change');
CREATE FUNCTION request_decided_by_others() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM requests r WHERE r.id = new.request_id
        AND (r.requester_id = new.decided_by_id OR r.requester_for_id IS NOT DISTINCT FROM new.decided_by_id OR r.state <> 'open'))
    THEN
        RAISE EXCEPTION 'whoever asked does not decide, and nothing is decided that is not open';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER request_decisions_by_others BEFORE INSERT ON request_decisions FOR EACH ROW
    EXECUTE FUNCTION request_decided_by_others();
CREATE TRIGGER request_decisions_keep BEFORE UPDATE ON request_decisions FOR EACH ROW
    WHEN (old.undone_at IS NOT NULL OR new.id <> old.id OR new.request_id <> old.request_id OR new.position <> old.position
    OR new.stage <> old.stage OR new.answer <> old.answer OR new.decided_by_id <> old.decided_by_id
    OR new.decided_as <> old.decided_as OR new.kept IS DISTINCT FROM old.kept OR new.until IS DISTINCT FROM old.until
    OR new.reason IS DISTINCT FROM old.reason OR new.ground IS DISTINCT FROM old.ground
    OR new.passed_to_id IS DISTINCT FROM old.passed_to_id OR new.sheet <> old.sheet OR new.digest <> old.digest
    OR new.identity_version <> old.identity_version OR new.decided_at <> old.decided_at OR new.undo_until <> old.undo_until)
    EXECUTE FUNCTION refuse_change('a decision never changes');
CREATE FUNCTION request_decision_undone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM requests r WHERE r.id = old.request_id AND r.state NOT IN ('open', 'approved', 'refused'))
    THEN
        RAISE EXCEPTION 'a decision is taken back only while its request is open, approved or refused';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER request_decisions_undone_in_time BEFORE UPDATE ON request_decisions FOR EACH ROW
    WHEN (old.undone_at IS NULL AND new.undone_at IS NOT NULL)
    EXECUTE FUNCTION request_decision_undone();
CREATE TRIGGER request_decisions_stay BEFORE DELETE ON request_decisions FOR EACH ROW
    EXECUTE FUNCTION refuse_change('decisions are never deleted');

-- The only way onto the list of approved scopes: a request that took effect, as long as no later one has since. What
-- somebody dropped who approved only part of it stays off.
CREATE FUNCTION approved_by_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM requests r JOIN request_scopes s ON s.request_id = r.id
        WHERE r.identity_id = new.identity_id AND r.state IN ('in_force', 'issued') AND s.scope = new.scope
        AND NOT EXISTS (SELECT 1 FROM requests n
            WHERE n.identity_id = r.identity_id AND n.number > r.number AND n.applied_at >= r.applied_at)
        AND NOT EXISTS (SELECT 1 FROM request_decisions d
            WHERE d.request_id = r.id AND d.undone_at IS NULL AND d.kept IS NOT NULL
            AND NOT d.kept ? new.scope))
    THEN
        RAISE EXCEPTION 'only a request that people approved puts a scope on the approved list';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER approved_scopes_need_a_request BEFORE INSERT ON identity_scopes FOR EACH ROW
    WHEN (new.list = 'approved')
    EXECUTE FUNCTION approved_by_request();
CREATE TRIGGER approved_scopes_keep_to_a_request BEFORE UPDATE ON identity_scopes FOR EACH ROW
    WHEN (new.list = 'approved')
    EXECUTE FUNCTION approved_by_request();

-- Becoming active: as before, or by a request that somebody else issued.
CREATE OR REPLACE FUNCTION identities_granted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM grants g WHERE g.identity_id = new.id AND g.state = 'executed'
            AND g.executed_version = new.version AND g.executed_version = old.version + 1 AND g.executed_at = new.updated_at)
        AND NOT EXISTS (SELECT 1 FROM requests q WHERE q.identity_id = new.id AND q.state = 'issued'
            AND q.executed_version = new.version AND q.executed_version = old.version + 1 AND q.issued_at = new.updated_at)
        AND NOT EXISTS (SELECT 1 FROM imports i JOIN import_rows r ON r.import_id = i.id
            WHERE i.state = 'undone' AND i.undone_at = new.updated_at AND r.subject_id = new.id AND r.version_after = old.version)
    THEN
        RAISE EXCEPTION 'only a grant or a request that three people took part in makes an identity active';
    END IF;
    RETURN new;
END $$;

-- A task may belong to a request. Written anew, as in the other database.
ALTER TABLE tasks RENAME TO tasks_of_before;
CREATE TABLE tasks (
    id UUID PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('recertification', 'offboarding', 'ownership', 'emergency_review', 'decision', 'issuance', 'approver_missing', 'owner_missing', 'reauthorisation')),
    identity_id UUID REFERENCES identities (id),
    emergency_id UUID UNIQUE REFERENCES emergency_accesses (id),
    request_id UUID REFERENCES requests (id),
    period TEXT NOT NULL,
    cause TEXT NOT NULL CHECK (cause IN ('review_due', 'expired', 'contract_ended', 'owners_gone', 'revoking', 'owner_named', 'emergency_access', 'requested', 'approved', 'nobody_eligible', 'no_owner', 'use_changed')),
    reason TEXT NOT NULL,
    assignee_id UUID REFERENCES people (id),
    assignee_group TEXT CHECK (assignee_group IN ('security_analysts', 'emergency_reviewers', 'keepers', 'administrators')),
    assigned_as TEXT NOT NULL CHECK (assigned_as IN ('business_owner', 'deputy', 'technical_owner', 'fallback', 'by_hand', 'handed_on', 'keeper')),
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
    CHECK ((kind IN ('decision', 'issuance', 'approver_missing')) = (request_id IS NOT NULL)),
    CHECK ((kind = 'emergency_review') = (emergency_id IS NOT NULL)),
    CHECK (kind <> 'emergency_review' OR (assignee_group IS NOT NULL AND assignee_group = 'emergency_reviewers')),
    CHECK (kind <> 'emergency_review' OR state = 'open' OR (state = 'done' AND closed_by IS NOT NULL AND note IS NOT NULL))
);
INSERT INTO tasks (id, kind, identity_id, emergency_id, period, cause, reason, assignee_id, assignee_group, assigned_as, due_on, state, answer, wanted_until, note, created_at, closed_at, closed_by, version)
    SELECT id, kind, identity_id, emergency_id, period, cause, reason, assignee_id, assignee_group, assigned_as, due_on, state, answer, wanted_until, note, created_at, closed_at, closed_by, version FROM tasks_of_before;
DROP TABLE tasks_of_before;
CREATE INDEX tasks_by_due ON tasks (due_on, id);
CREATE INDEX tasks_open_by_due ON tasks (due_on, id) WHERE state = 'open';
CREATE INDEX tasks_by_state ON tasks (state, due_on, id);
CREATE INDEX tasks_by_assignee ON tasks (assignee_id, state, due_on, id);
CREATE INDEX tasks_by_group ON tasks (assignee_group, state, due_on, id);
CREATE INDEX tasks_by_identity ON tasks (identity_id, state);
CREATE INDEX tasks_by_request ON tasks (request_id, state) WHERE request_id IS NOT NULL;
-- Whoever used emergency access never closes its review.
CREATE TRIGGER tasks_reviewed_by_others BEFORE UPDATE ON tasks FOR EACH ROW
    WHEN (new.kind = 'emergency_review' AND new.state <> 'open')
    EXECUTE FUNCTION tasks_reviewed();
