-- When each job runs, as cron expressions on civil time.
CREATE TABLE schedules (
    job TEXT PRIMARY KEY,
    cron TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    catch_up TEXT NOT NULL CHECK (catch_up IN ('all', 'latest', 'none')),
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    last_slot_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0)
) STRICT;

-- Every run there was or should have been.
CREATE TABLE job_runs (
    id BLOB PRIMARY KEY,
    job TEXT NOT NULL,
    slot_at TEXT NOT NULL,
    started_by TEXT NOT NULL CHECK (started_by IN ('schedule', 'hand', 'command')),
    state TEXT NOT NULL CHECK (state IN ('due', 'claimed', 'done', 'failed', 'missed')),
    attempts INTEGER NOT NULL,
    lease_until TEXT,
    fence INTEGER NOT NULL,
    started_at TEXT,
    finished_at TEXT,
    error TEXT,
    result TEXT,
    created_at TEXT NOT NULL
) STRICT;
-- The guarantee that a slot runs once: this row, not a leader.
CREATE UNIQUE INDEX job_runs_by_slot ON job_runs (job, slot_at) WHERE started_by = 'schedule';
CREATE INDEX job_runs_by_age ON job_runs (created_at, id);
CREATE INDEX job_runs_waiting ON job_runs (state, slot_at) WHERE state IN ('due', 'claimed');
