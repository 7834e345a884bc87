-- What people know of a review that others decide: it stands as it was written.
CREATE TABLE review_notes (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    review_id BLOB NOT NULL REFERENCES reviews (id),
    by_id BLOB NOT NULL REFERENCES people (id),
    says TEXT NOT NULL CHECK (length(says) BETWEEN 1 AND 2000),
    at TEXT NOT NULL
) STRICT;
CREATE INDEX review_notes_by_review ON review_notes (review_id, at, id);
CREATE TRIGGER review_notes_in_time BEFORE INSERT ON review_notes
WHEN NOT EXISTS (SELECT 1 FROM reviews r WHERE r.id = new.review_id AND r.state NOT IN ('closed', 'cancelled'))
BEGIN SELECT RAISE(ABORT, 'a note is added to a review until it ends'); END;
CREATE TRIGGER review_notes_keep BEFORE UPDATE ON review_notes
BEGIN SELECT RAISE(ABORT, 'a note never changes'); END;
CREATE TRIGGER review_notes_stay BEFORE DELETE ON review_notes
BEGIN SELECT RAISE(ABORT, 'notes are never deleted'); END;

-- The list of reviews, by each of its filters.
CREATE INDEX reviews_by_due ON reviews (due_on, id);
CREATE INDEX reviews_by_tier ON reviews (tier, state, due_on, id);
CREATE INDEX reviews_by_outcome ON reviews (outcome, due_on, id) WHERE outcome IS NOT NULL;
CREATE INDEX review_reasons_by_cause ON review_reasons (cause, review_id) WHERE review_id IS NOT NULL;
CREATE INDEX tasks_asked_person ON tasks (assignee_id, state, review_id) WHERE kind = 'recertification' AND assignee_id IS NOT NULL;
CREATE INDEX tasks_asked_about ON tasks (review_id, assignee_group, state) WHERE kind = 'recertification';

-- The runs of a job by their slots, the run that ended last, and what was missed since a moment.
CREATE INDEX job_runs_by_job_and_slot ON job_runs (job, slot_at, id);
CREATE INDEX job_runs_by_end ON job_runs (job, coalesce(finished_at, started_at), slot_at, id) WHERE started_at IS NOT NULL;
CREATE INDEX job_runs_missed ON job_runs (job, finished_at) WHERE state = 'missed';
