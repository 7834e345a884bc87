-- What becomes of a slot while the run before it is under way, how late one is still made up for, and who paused a job
-- and why. A schedule that was switched off is paused. SQLite changes no CHECK in place, so both tables are written anew.
ALTER TABLE schedules RENAME TO schedules_of_before;
CREATE TABLE schedules (
    job TEXT PRIMARY KEY,
    cron TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    catch_up TEXT NOT NULL CHECK (catch_up IN ('all', 'latest', 'none')),
    catch_up_seconds INTEGER NOT NULL CHECK (catch_up_seconds > 0),
    overlap TEXT NOT NULL CHECK (overlap IN ('skip', 'queue')),
    paused_at TEXT,
    paused_by BLOB REFERENCES people (id),
    pause_reason TEXT CHECK (length(pause_reason) BETWEEN 1 AND 2000),
    last_slot_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    CHECK ((paused_at IS NULL) = (pause_reason IS NULL)),
    CHECK (paused_by IS NULL OR paused_at IS NOT NULL)
) STRICT;
INSERT INTO schedules (job, cron, time_zone, catch_up, catch_up_seconds, overlap, paused_at, pause_reason, last_slot_at, updated_at, version)
SELECT job, cron, time_zone, catch_up, 2592000, 'queue',
    CASE WHEN enabled = 0 THEN updated_at END, CASE WHEN enabled = 0 THEN 'It was switched off.' END,
    last_slot_at, updated_at, version
FROM schedules_of_before;
DROP TABLE schedules_of_before;

DROP INDEX job_runs_by_slot;
DROP INDEX job_runs_by_age;
DROP INDEX job_runs_waiting;
ALTER TABLE job_runs RENAME TO job_runs_of_before;
CREATE TABLE job_runs (
    id BLOB PRIMARY KEY,
    job TEXT NOT NULL,
    slot_at TEXT NOT NULL,
    started_by TEXT NOT NULL CHECK (started_by IN ('schedule', 'hand', 'command')),
    state TEXT NOT NULL CHECK (state IN ('due', 'claimed', 'done', 'failed', 'missed', 'skipped', 'coalesced')),
    attempts INTEGER NOT NULL,
    lease_until TEXT,
    fence INTEGER NOT NULL,
    started_at TEXT,
    finished_at TEXT,
    error TEXT,
    result TEXT,
    created_at TEXT NOT NULL,
    reason TEXT,
    CHECK ((state IN ('missed', 'skipped', 'coalesced')) = (reason IS NOT NULL))
) STRICT;
INSERT INTO job_runs (id, job, slot_at, started_by, state, attempts, lease_until, fence, started_at, finished_at, error, result, created_at, reason)
SELECT id, job, slot_at, started_by, state, attempts, lease_until, fence, started_at, finished_at, error, result, created_at,
    CASE WHEN state = 'missed' THEN 'nothing ran at that time' END
FROM job_runs_of_before;
DROP TABLE job_runs_of_before;
-- Of several that are under way for one job, the others wait again; their workers can note nothing more.
UPDATE job_runs SET state = 'due', lease_until = NULL, fence = fence + 1
WHERE state = 'claimed' AND EXISTS (SELECT 1 FROM job_runs o WHERE o.job = job_runs.job AND o.state = 'claimed' AND o.id < job_runs.id);
-- The guarantee that a slot runs once: this row, not a leader.
CREATE UNIQUE INDEX job_runs_by_slot ON job_runs (job, slot_at) WHERE started_by = 'schedule';
-- Two runs of one job are never under way beside each other.
CREATE UNIQUE INDEX job_runs_under_way ON job_runs (job) WHERE state = 'claimed';
CREATE INDEX job_runs_by_age ON job_runs (created_at, id);
CREATE INDEX job_runs_by_job ON job_runs (job, created_at, id);
CREATE INDEX job_runs_waiting ON job_runs (state, slot_at) WHERE state IN ('due', 'claimed');

-- Who looks at the schedules: a row for each process that serves, written once a minute.
CREATE TABLE schedulers (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    started_at TEXT NOT NULL,
    looked_at TEXT NOT NULL,
    skew_seconds INTEGER,
    jumps INTEGER NOT NULL CHECK (jumps >= 0),
    jumped_at TEXT,
    jump_seconds INTEGER,
    CHECK ((jumped_at IS NULL) = (jumps = 0)),
    CHECK ((jumped_at IS NULL) = (jump_seconds IS NULL))
) STRICT;
CREATE INDEX schedulers_by_look ON schedulers (looked_at);
