-- Reviews opened together: what was chosen, until when they are to be answered, and how far it has come.
CREATE TABLE campaigns (
    number BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE,
    id UUID PRIMARY KEY,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    why TEXT NOT NULL CHECK (length(why) BETWEEN 1 AND 2000),
    selection JSONB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'preparing', 'active', 'overdue', 'remediating', 'closed', 'failed', 'cancelled')),
    due_on DATE NOT NULL,
    made_by_id UUID NOT NULL REFERENCES people (id),
    made_at TIMESTAMPTZ NOT NULL,
    opened_by_id UUID REFERENCES people (id),
    opened_at TIMESTAMPTZ,
    prepared_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ,
    ended_by_id UUID REFERENCES people (id),
    ended_because TEXT CHECK (length(ended_because) BETWEEN 1 AND 2000),
    moved_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    CHECK ((opened_by_id IS NULL) = (opened_at IS NULL)),
    CHECK (state IN ('draft', 'cancelled') OR opened_at IS NOT NULL),
    CHECK (state NOT IN ('active', 'overdue', 'remediating', 'closed') OR prepared_at IS NOT NULL),
    CHECK ((state IN ('closed', 'failed', 'cancelled')) = (ended_at IS NOT NULL)),
    CHECK (state NOT IN ('failed', 'cancelled') OR ended_because IS NOT NULL)
);
CREATE INDEX campaigns_by_state ON campaigns (state, number);

-- An owner is asked whether access is still needed. What was known then stands in the snapshot.
CREATE TABLE reviews (
    id UUID PRIMARY KEY,
    identity_id UUID NOT NULL REFERENCES identities (id),
    campaign_id UUID REFERENCES campaigns (id),
    state TEXT NOT NULL CHECK (state IN ('open', 'decided', 'remediating', 'closed', 'cancelled')),
    tier TEXT NOT NULL CHECK (tier IN ('critical', 'high', 'moderate', 'low', 'unknown')),
    snapshot JSONB NOT NULL,
    resolution JSONB NOT NULL,
    opened_at TIMESTAMPTZ NOT NULL,
    due_on DATE NOT NULL,
    add_on DATE NOT NULL,
    replace_on DATE NOT NULL,
    silence_on DATE NOT NULL,
    next_step_on DATE,
    escalated_at TIMESTAMPTZ,
    outcome TEXT CHECK (outcome IN ('keep', 'narrow', 'revoke', 'silent_keep', 'silent_suspend', 'silent_revoke')),
    decision_id UUID,
    decided_at TIMESTAMPTZ,
    takes_effect_at TIMESTAMPTZ,
    applied_at TIMESTAMPTZ,
    proof TEXT CHECK (proof IN ('observed', 'attested', 'overtaken')),
    proof_note TEXT CHECK (length(proof_note) BETWEEN 1 AND 4000),
    proved_by_id UUID REFERENCES people (id),
    proved_at TIMESTAMPTZ,
    closed_at TIMESTAMPTZ,
    ended_because TEXT,
    version BIGINT NOT NULL CHECK (version > 0),
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
);
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
    campaign_id UUID NOT NULL REFERENCES campaigns (id),
    position BIGINT NOT NULL,
    identity_id UUID NOT NULL REFERENCES identities (id),
    name TEXT NOT NULL,
    review_id UUID REFERENCES reviews (id),
    excluded TEXT,
    PRIMARY KEY (campaign_id, position),
    UNIQUE (campaign_id, identity_id),
    CHECK (review_id IS NULL OR excluded IS NULL)
);
CREATE INDEX campaign_items_by_review ON campaign_items (review_id) WHERE review_id IS NOT NULL;
CREATE INDEX campaign_items_to_prepare ON campaign_items (campaign_id, position) WHERE review_id IS NULL AND excluded IS NULL;

-- Why somebody is asked. The same reason is never asked about twice.
CREATE TABLE review_reasons (
    identity_id UUID NOT NULL REFERENCES identities (id),
    cause TEXT NOT NULL CHECK (cause IN ('clock', 'campaign', 'scope_change', 'owner_change', 'owner_left', 'new_key', 'promotion', 'critical_finding', 'first_use', 'contract_ends')),
    period TEXT NOT NULL CHECK (length(period) > 0),
    says TEXT NOT NULL CHECK (length(says) > 0),
    review_id UUID REFERENCES reviews (id),
    ended TEXT,
    noted_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (identity_id, cause, period),
    CHECK (review_id IS NULL OR ended IS NULL)
);
CREATE INDEX review_reasons_by_review ON review_reasons (review_id) WHERE review_id IS NOT NULL;
CREATE INDEX review_reasons_waiting ON review_reasons (identity_id, noted_at) WHERE review_id IS NULL AND ended IS NULL;

-- Each answer stands as it was given, with what its giver read. A correction stands beside it and takes its place.
CREATE TABLE review_decisions (
    id UUID PRIMARY KEY,
    review_id UUID NOT NULL REFERENCES reviews (id),
    answer TEXT NOT NULL CHECK (answer IN ('keep', 'narrow', 'revoke', 'dont_know', 'reassign')),
    decided_by_id UUID NOT NULL REFERENCES people (id),
    decided_as TEXT NOT NULL CHECK (decided_as IN ('business_owner', 'deputy', 'technical_owner', 'fallback', 'by_hand', 'handed_on', 'keeper', 'technical_manager', 'escalated')),
    reason TEXT CHECK (length(reason) BETWEEN 1 AND 2000),
    kept JSONB,
    revoke_on DATE,
    passed_to_id UUID REFERENCES people (id),
    sheet JSONB NOT NULL,
    digest TEXT NOT NULL CHECK (length(digest) = 64),
    identity_version BIGINT NOT NULL CHECK (identity_version > 0),
    together_id UUID,
    supersedes_id UUID UNIQUE REFERENCES review_decisions (id),
    decided_at TIMESTAMPTZ NOT NULL,
    CHECK ((answer = 'narrow') = (kept IS NOT NULL)),
    CHECK ((answer = 'revoke') = (revoke_on IS NOT NULL)),
    CHECK ((answer = 'reassign') = (passed_to_id IS NOT NULL)),
    CHECK (answer = 'keep' OR reason IS NOT NULL),
    CHECK (together_id IS NULL OR answer = 'keep'),
    CHECK (supersedes_id IS NULL OR supersedes_id <> id)
);
CREATE INDEX review_decisions_by_review ON review_decisions (review_id, decided_at);
CREATE INDEX review_decisions_by_person ON review_decisions (decided_by_id, decided_at);

-- What was done about an answer that did not come: each step once.
CREATE TABLE review_steps (
    review_id UUID NOT NULL REFERENCES reviews (id),
    step TEXT NOT NULL CHECK (step IN ('opened', 'reminder_14', 'reminder_7', 'reminder_1', 'added', 'replaced', 'silence', 'escalated')),
    says TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (review_id, step)
);

-- A run of silence that would have cut too much at once waits for two people.
CREATE TABLE silence_stops (
    id UUID PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('stopped', 'agreed', 'done', 'dropped')),
    cuts BIGINT NOT NULL CHECK (cuts > 0),
    population BIGINT NOT NULL CHECK (population > 0),
    reviews JSONB NOT NULL,
    stopped_at TIMESTAMPTZ NOT NULL,
    first_by_id UUID REFERENCES people (id),
    second_by_id UUID REFERENCES people (id),
    reason TEXT CHECK (length(reason) BETWEEN 1 AND 2000),
    ended_at TIMESTAMPTZ,
    version BIGINT NOT NULL CHECK (version > 0),
    CHECK (second_by_id IS NULL OR (first_by_id IS NOT NULL AND first_by_id <> second_by_id)),
    CHECK (state NOT IN ('agreed', 'done') OR second_by_id IS NOT NULL)
);
CREATE UNIQUE INDEX silence_stops_waiting ON silence_stops (state) WHERE state IN ('stopped', 'agreed');

-- A rule that an identity breaks, until it does not any more.
CREATE TABLE findings (
    id UUID PRIMARY KEY,
    identity_id UUID NOT NULL REFERENCES identities (id),
    rule TEXT NOT NULL CHECK (rule IN ('review_unanswered', 'protected_review_unanswered', 'reviewer_missing', 'secret_shared')),
    severity TEXT NOT NULL CHECK (severity IN ('critical', 'high', 'moderate', 'low')),
    says TEXT NOT NULL CHECK (length(says) > 0),
    opened_at TIMESTAMPTZ NOT NULL,
    closed_at TIMESTAMPTZ,
    closed_because TEXT,
    version BIGINT NOT NULL CHECK (version > 0),
    CHECK ((closed_at IS NULL) = (closed_because IS NULL))
);
CREATE UNIQUE INDEX findings_open ON findings (identity_id, rule) WHERE closed_at IS NULL;
CREATE INDEX findings_by_identity ON findings (identity_id, opened_at);
CREATE INDEX findings_by_age ON findings (opened_at, id) WHERE closed_at IS NULL;

CREATE TRIGGER reviews_end BEFORE UPDATE ON reviews FOR EACH ROW
    WHEN (old.state IN ('closed', 'cancelled'))
    EXECUTE FUNCTION refuse_change('a review that has ended never changes');
CREATE TRIGGER reviews_keep_their_parts BEFORE UPDATE ON reviews FOR EACH ROW
    WHEN (new.id <> old.id OR new.identity_id <> old.identity_id OR new.snapshot <> old.snapshot OR new.opened_at <> old.opened_at
        OR (old.applied_at IS NOT NULL AND (new.applied_at IS DISTINCT FROM old.applied_at OR new.outcome IS DISTINCT FROM old.outcome OR new.decision_id IS DISTINCT FROM old.decision_id)))
    EXECUTE FUNCTION refuse_change('what a review was opened about, and what was done, never changes');
CREATE FUNCTION review_keeps_its_campaign() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM campaigns c WHERE c.id = old.campaign_id AND c.state = 'cancelled') THEN
        RAISE EXCEPTION 'what a review was opened about, and what was done, never changes';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER reviews_keep_their_campaign BEFORE UPDATE ON reviews FOR EACH ROW
    WHEN (old.campaign_id IS NOT NULL AND new.campaign_id IS DISTINCT FROM old.campaign_id)
    EXECUTE FUNCTION review_keeps_its_campaign();
CREATE FUNCTION review_follows_its_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM review_decisions d
        WHERE d.id = new.decision_id AND d.review_id = new.id AND d.answer = new.outcome
        AND NOT EXISTS (SELECT 1 FROM review_decisions c WHERE c.supersedes_id = d.id))
    THEN
        RAISE EXCEPTION 'the outcome of a review is the decision that stands';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER reviews_follow_their_decision BEFORE UPDATE ON reviews FOR EACH ROW
    WHEN (new.outcome IN ('keep', 'narrow', 'revoke'))
    EXECUTE FUNCTION review_follows_its_decision();
CREATE FUNCTION review_attested() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM review_decisions d WHERE d.id = new.decision_id AND d.decided_by_id = new.proved_by_id) THEN
        RAISE EXCEPTION 'whoever decided does not attest that it was done';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER reviews_attested_by_others BEFORE UPDATE ON reviews FOR EACH ROW
    WHEN (new.proof = 'attested' AND old.proof IS NULL)
    EXECUTE FUNCTION review_attested();
CREATE FUNCTION review_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF old.campaign_id IS NOT NULL OR EXISTS (SELECT 1 FROM review_decisions d WHERE d.review_id = old.id) THEN
        RAISE EXCEPTION 'reviews that somebody answered, and those of a campaign, are never deleted';
    END IF;
    RETURN old;
END $$;
CREATE TRIGGER reviews_stay BEFORE DELETE ON reviews FOR EACH ROW EXECUTE FUNCTION review_stays();
CREATE FUNCTION review_decided_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM reviews r WHERE r.id = new.review_id AND r.state IN ('open', 'decided') AND r.applied_at IS NULL)
        OR (new.supersedes_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM review_decisions d
            WHERE d.id = new.supersedes_id AND d.review_id = new.review_id))
    THEN
        RAISE EXCEPTION 'a review is decided while it is open, and corrected before it takes effect';
    END IF;
    IF new.answer IN ('keep', 'narrow') AND EXISTS (SELECT 1 FROM reviews r JOIN identities i ON i.id = r.identity_id
        WHERE r.id = new.review_id AND i.technical_owner_id = new.decided_by_id
        AND (i.technical_owner_answer IS NULL OR i.technical_owner_answer <> 'refused'))
    THEN
        RAISE EXCEPTION 'whoever benefits does not decide that it goes on';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER review_decisions_in_time BEFORE INSERT ON review_decisions FOR EACH ROW
    EXECUTE FUNCTION review_decided_in_time();
CREATE TRIGGER review_decisions_keep BEFORE UPDATE ON review_decisions FOR EACH ROW
    EXECUTE FUNCTION refuse_change('a decision never changes');
CREATE TRIGGER review_decisions_stay BEFORE DELETE ON review_decisions FOR EACH ROW
    EXECUTE FUNCTION refuse_change('decisions are never deleted');
CREATE TRIGGER campaigns_stay BEFORE DELETE ON campaigns FOR EACH ROW
    EXECUTE FUNCTION refuse_change('campaigns are never deleted');
CREATE TRIGGER campaign_items_stay BEFORE DELETE ON campaign_items FOR EACH ROW
    EXECUTE FUNCTION refuse_change('what a campaign selected is never deleted');
CREATE FUNCTION campaign_begun() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM campaigns c WHERE c.id = new.campaign_id AND c.state IN ('draft', 'preparing') AND c.prepared_at IS NULL) THEN
        RAISE EXCEPTION 'nothing is added to a campaign that has begun';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER campaign_items_begin BEFORE INSERT ON campaign_items FOR EACH ROW EXECUTE FUNCTION campaign_begun();

-- The approved list grows by requests. A review may leave a narrower permission on it, and what a review took away
-- no earlier request brings back.
CREATE OR REPLACE FUNCTION approved_by_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM reviews v JOIN review_decisions k ON k.id = v.decision_id
        WHERE v.identity_id = new.identity_id AND v.outcome = 'narrow' AND v.applied_at IS NOT NULL
        AND k.kept ? new.scope
        AND NOT EXISTS (SELECT 1 FROM requests n WHERE n.identity_id = v.identity_id AND n.applied_at >= v.applied_at)
        AND NOT EXISTS (SELECT 1 FROM reviews w WHERE w.identity_id = v.identity_id AND w.outcome = 'narrow' AND w.applied_at > v.applied_at))
    AND NOT EXISTS (SELECT 1 FROM requests r JOIN request_scopes s ON s.request_id = r.id
        WHERE r.identity_id = new.identity_id AND r.state IN ('in_force', 'issued') AND s.scope = new.scope
        AND NOT EXISTS (SELECT 1 FROM requests n
            WHERE n.identity_id = r.identity_id AND n.number > r.number AND n.applied_at >= r.applied_at)
        AND NOT EXISTS (SELECT 1 FROM reviews v WHERE v.identity_id = r.identity_id AND v.outcome = 'narrow' AND v.applied_at > r.applied_at)
        AND NOT EXISTS (SELECT 1 FROM request_decisions d
            WHERE d.request_id = r.id AND d.undone_at IS NULL AND d.kept IS NOT NULL
            AND NOT d.kept ? new.scope))
    THEN
        RAISE EXCEPTION 'only a request that people approved puts a scope on the approved list';
    END IF;
    RETURN new;
END $$;

-- Reviews that were tasks alone: each gets the row that it would have had, under the id of its task. Nobody noted
-- what was known then, so the snapshot says so.
INSERT INTO reviews (id, identity_id, state, tier, snapshot, resolution, opened_at, due_on, add_on, replace_on, silence_on, next_step_on, closed_at, ended_because, version)
    SELECT t.id, t.identity_id, CASE WHEN t.state = 'open' AND NOT EXISTS (SELECT 1 FROM tasks o
            WHERE o.kind = 'recertification' AND o.state = 'open' AND o.identity_id = t.identity_id AND o.id > t.id)
        THEN 'open' ELSE 'cancelled' END, i.tier, '{}', '[]', t.created_at,
        t.due_on, t.due_on + 1, t.due_on + 7, t.due_on + 14,
        CASE WHEN t.state = 'open' AND NOT EXISTS (SELECT 1 FROM tasks o
            WHERE o.kind = 'recertification' AND o.state = 'open' AND o.identity_id = t.identity_id AND o.id > t.id)
        THEN t.due_on - 14 END,
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

-- A task may belong to a review. Written anew, as in the other database.
ALTER TABLE tasks RENAME TO tasks_of_before;
CREATE TABLE tasks (
    id UUID PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('recertification', 'offboarding', 'ownership', 'emergency_review', 'decision', 'issuance', 'approver_missing', 'owner_missing', 'reauthorisation', 'review_question', 'narrowing', 'reviewer_missing')),
    identity_id UUID REFERENCES identities (id),
    emergency_id UUID UNIQUE REFERENCES emergency_accesses (id),
    request_id UUID REFERENCES requests (id),
    review_id UUID REFERENCES reviews (id),
    period TEXT NOT NULL,
    cause TEXT NOT NULL CHECK (cause IN ('review_due', 'expired', 'contract_ended', 'owners_gone', 'revoking', 'owner_named', 'emergency_access', 'requested', 'approved', 'nobody_eligible', 'no_owner', 'use_changed', 'review_asked', 'review_unanswered', 'question_asked', 'narrowed', 'nobody_to_ask')),
    reason TEXT NOT NULL,
    assignee_id UUID REFERENCES people (id),
    assignee_group TEXT CHECK (assignee_group IN ('security_analysts', 'emergency_reviewers', 'keepers', 'administrators')),
    assigned_as TEXT NOT NULL CHECK (assigned_as IN ('business_owner', 'deputy', 'technical_owner', 'fallback', 'by_hand', 'handed_on', 'keeper', 'technical_manager', 'escalated')),
    due_on DATE NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'done', 'cancelled')),
    answer TEXT CHECK (answer IN ('keep', 'until', 'remove', 'dont_know', 'another', 'done', 'accept', 'refuse', 'obsolete', 'narrow')),
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
    CHECK ((kind IN ('recertification', 'review_question', 'narrowing', 'reviewer_missing')) = (review_id IS NOT NULL)),
    CHECK ((kind = 'emergency_review') = (emergency_id IS NOT NULL)),
    CHECK (kind <> 'emergency_review' OR (assignee_group IS NOT NULL AND assignee_group = 'emergency_reviewers')),
    CHECK (kind <> 'emergency_review' OR state = 'open' OR (state = 'done' AND closed_by IS NOT NULL AND note IS NOT NULL))
);
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
CREATE TRIGGER tasks_reviewed_by_others BEFORE UPDATE ON tasks FOR EACH ROW
    WHEN (new.kind = 'emergency_review' AND new.state <> 'open')
    EXECUTE FUNCTION tasks_reviewed();
-- Two open reviews about one identity were possible before: the later one goes on.
UPDATE tasks SET state = 'cancelled', answer = 'obsolete', closed_at = created_at, version = version + 1,
    note = coalesce(note || chr(10), '') || 'Closed by Muster: a later review asks the same'
    WHERE kind = 'recertification' AND state = 'open' AND EXISTS (SELECT 1 FROM reviews r WHERE r.id = tasks.review_id AND r.state = 'cancelled');


-- Every identity that works has a clock: found by tier, so that what is right is not read.
CREATE INDEX identities_clocks ON identities (tier, next_review_key, id) WHERE state IN ('active', 'suspended');
-- How many of production a run of silence would cut is a share of these.
CREATE INDEX identities_in_production ON identities (id) WHERE environment = 'production' AND state = 'active';

-- One more cause of a state.
ALTER TABLE identities DROP CONSTRAINT identities_state_cause_check;
ALTER TABLE identities ADD CONSTRAINT identities_state_cause_check CHECK (state_cause IN ('registered', 'imported_enabled', 'imported_disabled', 'imported_request', 'expired', 'decided', 'no_longer_needed', 'vanished', 'review_unanswered'));
