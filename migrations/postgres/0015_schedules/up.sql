-- What becomes of a slot while the run before it is under way, how late one is still made up for, and who paused a job
-- and why. A schedule that was switched off is paused.
ALTER TABLE schedules ADD COLUMN catch_up_seconds BIGINT NOT NULL DEFAULT 2592000 CHECK (catch_up_seconds > 0);
ALTER TABLE schedules ADD COLUMN overlap TEXT NOT NULL DEFAULT 'queue' CHECK (overlap IN ('skip', 'queue'));
ALTER TABLE schedules ADD COLUMN paused_at TIMESTAMPTZ;
ALTER TABLE schedules ADD COLUMN paused_by UUID REFERENCES people (id);
ALTER TABLE schedules ADD COLUMN pause_reason TEXT CHECK (length(pause_reason) BETWEEN 1 AND 2000);
ALTER TABLE schedules ALTER COLUMN catch_up_seconds DROP DEFAULT, ALTER COLUMN overlap DROP DEFAULT;
UPDATE schedules SET paused_at = updated_at, pause_reason = 'It was switched off.' WHERE NOT enabled;
ALTER TABLE schedules DROP COLUMN enabled,
    ADD CHECK ((paused_at IS NULL) = (pause_reason IS NULL)),
    ADD CHECK (paused_by IS NULL OR paused_at IS NOT NULL);

ALTER TABLE job_runs ADD COLUMN reason TEXT;
UPDATE job_runs SET reason = 'nothing ran at that time' WHERE state = 'missed';
ALTER TABLE job_runs DROP CONSTRAINT job_runs_state_check,
    ADD CONSTRAINT job_runs_state_check CHECK (state IN ('due', 'claimed', 'done', 'failed', 'missed', 'skipped', 'coalesced')),
    ADD CHECK ((state IN ('missed', 'skipped', 'coalesced')) = (reason IS NOT NULL));
-- Of several that are under way for one job, the others wait again; their workers can note nothing more.
UPDATE job_runs SET state = 'due', lease_until = NULL, fence = fence + 1
WHERE state = 'claimed' AND EXISTS (SELECT 1 FROM job_runs o WHERE o.job = job_runs.job AND o.state = 'claimed' AND o.id < job_runs.id);
-- Two runs of one job are never under way beside each other.
CREATE UNIQUE INDEX job_runs_under_way ON job_runs (job) WHERE state = 'claimed';
CREATE INDEX job_runs_by_job ON job_runs (job, created_at, id);

-- Who looks at the schedules: a row for each process that serves, written once a minute.
CREATE TABLE schedulers (
    id UUID PRIMARY KEY,
    started_at TIMESTAMPTZ NOT NULL,
    looked_at TIMESTAMPTZ NOT NULL,
    skew_seconds BIGINT,
    jumps BIGINT NOT NULL CHECK (jumps >= 0),
    jumped_at TIMESTAMPTZ,
    jump_seconds BIGINT,
    CHECK ((jumped_at IS NULL) = (jumps = 0)),
    CHECK ((jumped_at IS NULL) = (jump_seconds IS NULL))
);
CREATE INDEX schedulers_by_look ON schedulers (looked_at);
