-- That silence counts at all is said by two administrators: one proposes it, another one agrees. Any one of them takes
-- it back alone. What one of them said before, alone, does not count any more: it is simulated until two have said it.
CREATE TABLE silence_proposals (
    id UUID PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('proposed', 'agreed', 'withdrawn', 'ended')),
    reason TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 2000),
    proposed_by_id UUID NOT NULL REFERENCES people (id),
    proposed_at TIMESTAMPTZ NOT NULL,
    agreed_by_id UUID REFERENCES people (id),
    agreed_at TIMESTAMPTZ,
    ended_by_id UUID REFERENCES people (id),
    ended_at TIMESTAMPTZ,
    ended_because TEXT CHECK (length(ended_because) BETWEEN 1 AND 2000),
    version BIGINT NOT NULL CHECK (version > 0),
    CHECK (agreed_by_id IS NULL OR agreed_by_id <> proposed_by_id),
    CHECK ((state IN ('agreed', 'ended')) = (agreed_by_id IS NOT NULL)),
    CHECK ((agreed_by_id IS NULL) = (agreed_at IS NULL)),
    CHECK ((state IN ('withdrawn', 'ended')) = (ended_at IS NOT NULL)),
    CHECK ((ended_by_id IS NULL) = (ended_at IS NULL)),
    CHECK (state <> 'ended' OR ended_because IS NOT NULL)
);
CREATE UNIQUE INDEX silence_proposals_live ON silence_proposals (state) WHERE state IN ('proposed', 'agreed');
CREATE INDEX silence_proposals_by_age ON silence_proposals (proposed_at, id);
CREATE TRIGGER silence_proposals_begin BEFORE INSERT ON silence_proposals FOR EACH ROW
    WHEN (new.state <> 'proposed')
    EXECUTE FUNCTION refuse_change('that silence counts begins by being proposed');
CREATE TRIGGER silence_proposals_end BEFORE UPDATE ON silence_proposals FOR EACH ROW
    WHEN (old.state IN ('withdrawn', 'ended') OR (old.state = 'agreed' AND new.state NOT IN ('agreed', 'ended'))
        OR (old.state = 'proposed' AND new.state = 'ended'))
    EXECUTE FUNCTION refuse_change('a proposal that has ended never changes');
CREATE TRIGGER silence_proposals_keep BEFORE UPDATE ON silence_proposals FOR EACH ROW
    WHEN (new.id <> old.id OR new.reason <> old.reason OR new.proposed_by_id <> old.proposed_by_id
        OR new.proposed_at <> old.proposed_at
        OR (old.agreed_by_id IS NOT NULL AND (new.agreed_by_id IS DISTINCT FROM old.agreed_by_id OR new.agreed_at IS DISTINCT FROM old.agreed_at)))
    EXECUTE FUNCTION refuse_change('who proposed that silence counts, and who agreed, never changes');
CREATE TRIGGER silence_proposals_stay BEFORE DELETE ON silence_proposals FOR EACH ROW
    EXECUTE FUNCTION refuse_change('proposals are never deleted');
DELETE FROM settings WHERE name = 'silence_counts';

-- What nobody answered and silence reaches, the earliest first; what went to the administrators; what silence cut
-- lately. The state stands first: without statistics SQLite would rather use the index of all states.
CREATE INDEX reviews_silent ON reviews (state, silence_on, id) WHERE state = 'open' AND escalated_at IS NULL;
CREATE INDEX reviews_escalated ON reviews (state, id) WHERE state = 'open' AND escalated_at IS NOT NULL;
CREATE INDEX reviews_cut_by_silence ON reviews (applied_at) WHERE outcome IN ('silent_suspend', 'silent_revoke');

-- One more rule and two more steps; and of a stopped run everything of production may have been answered meanwhile.
ALTER TABLE findings DROP CONSTRAINT findings_rule_check;
ALTER TABLE findings ADD CONSTRAINT findings_rule_check CHECK (rule IN ('review_unanswered', 'protected_review_unanswered', 'silence_held_back', 'reviewer_missing', 'secret_shared'));
ALTER TABLE review_steps DROP CONSTRAINT review_steps_step_check;
ALTER TABLE review_steps ADD CONSTRAINT review_steps_step_check CHECK (step IN ('opened', 'reminder_14', 'reminder_7', 'reminder_1', 'added', 'replaced', 'silence', 'escalated', 'held_back', 'put_off'));
ALTER TABLE silence_stops DROP CONSTRAINT silence_stops_cuts_check;
ALTER TABLE silence_stops ADD CONSTRAINT silence_stops_cuts_check CHECK (cuts >= 0);
