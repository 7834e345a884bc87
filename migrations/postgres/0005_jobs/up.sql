-- When each job runs, as cron expressions on civil time.
CREATE TABLE schedules (
    job TEXT PRIMARY KEY,
    cron TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    catch_up TEXT NOT NULL CHECK (catch_up IN ('all', 'latest', 'none')),
    enabled BOOLEAN NOT NULL,
    last_slot_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0)
);

-- Every run there was or should have been.
CREATE TABLE job_runs (
    id UUID PRIMARY KEY,
    job TEXT NOT NULL,
    slot_at TIMESTAMPTZ NOT NULL,
    started_by TEXT NOT NULL CHECK (started_by IN ('schedule', 'hand', 'command')),
    state TEXT NOT NULL CHECK (state IN ('due', 'claimed', 'done', 'failed', 'missed')),
    attempts BIGINT NOT NULL,
    lease_until TIMESTAMPTZ,
    fence BIGINT NOT NULL,
    started_at TIMESTAMPTZ,
    finished_at TIMESTAMPTZ,
    error TEXT,
    result JSONB,
    created_at TIMESTAMPTZ NOT NULL
);
-- The guarantee that a slot runs once: this row, not a leader.
CREATE UNIQUE INDEX job_runs_by_slot ON job_runs (job, slot_at) WHERE started_by = 'schedule';
CREATE INDEX job_runs_by_age ON job_runs (created_at, id);
CREATE INDEX job_runs_waiting ON job_runs (state, slot_at) WHERE state IN ('due', 'claimed');
