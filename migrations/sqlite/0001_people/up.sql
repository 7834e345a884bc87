-- People of the organisation. Names and addresses stand here only; the audit log knows ids.
CREATE TABLE people (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    name_key TEXT NOT NULL,
    email TEXT NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
    email_key TEXT NOT NULL UNIQUE,
    staff_id TEXT UNIQUE,
    title TEXT,
    department TEXT,
    manager_id BLOB REFERENCES people (id),
    deputy_id BLOB REFERENCES people (id),
    left_on TEXT,
    time_zone TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    CHECK (manager_id IS NULL OR manager_id <> id),
    CHECK (deputy_id IS NULL OR deputy_id <> id)
) STRICT;
CREATE INDEX people_by_name ON people (name_key, id);
CREATE INDEX people_by_manager ON people (manager_id) WHERE manager_id IS NOT NULL;
CREATE INDEX people_by_deputy ON people (deputy_id) WHERE deputy_id IS NOT NULL;
CREATE INDEX people_left ON people (left_on) WHERE left_on IS NOT NULL;

-- Who may sign in, and as what.
CREATE TABLE accounts (
    person_id BLOB PRIMARY KEY REFERENCES people (id),
    role TEXT NOT NULL CHECK (role IN ('administrator', 'security_analyst', 'owner', 'auditor')),
    password_hash TEXT NOT NULL,
    disabled_at TEXT,
    last_sign_in_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0)
) STRICT;

-- Server-side sessions. Only the digest of the cookie's value is kept.
CREATE TABLE sessions (
    digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
    person_id BLOB NOT NULL REFERENCES accounts (person_id),
    created_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    ends_at TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_by_person ON sessions (person_id);
CREATE INDEX sessions_by_end ON sessions (ends_at);

-- What holds for the whole deployment: its id, the id of its fingerprint key.
CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
