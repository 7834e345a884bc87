-- People of the organisation. Names and addresses stand here only; the audit log knows ids.
CREATE TABLE people (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    name_key TEXT COLLATE "C" NOT NULL,
    email TEXT NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
    email_key TEXT COLLATE "C" NOT NULL UNIQUE,
    staff_id TEXT UNIQUE,
    title TEXT,
    department TEXT,
    manager_id UUID REFERENCES people (id),
    deputy_id UUID REFERENCES people (id),
    left_on DATE,
    time_zone TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    CHECK (manager_id IS NULL OR manager_id <> id),
    CHECK (deputy_id IS NULL OR deputy_id <> id)
);
CREATE INDEX people_by_name ON people (name_key, id);
CREATE INDEX people_by_manager ON people (manager_id) WHERE manager_id IS NOT NULL;
CREATE INDEX people_by_deputy ON people (deputy_id) WHERE deputy_id IS NOT NULL;
CREATE INDEX people_left ON people (left_on) WHERE left_on IS NOT NULL;

-- Who may sign in, and as what.
CREATE TABLE accounts (
    person_id UUID PRIMARY KEY REFERENCES people (id),
    role TEXT NOT NULL CHECK (role IN ('administrator', 'security_analyst', 'owner', 'auditor')),
    password_hash TEXT NOT NULL,
    disabled_at TIMESTAMPTZ,
    last_sign_in_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0)
);

-- Server-side sessions. Only the digest of the cookie's value is kept.
CREATE TABLE sessions (
    digest BYTEA PRIMARY KEY CHECK (length(digest) = 32),
    person_id UUID NOT NULL REFERENCES accounts (person_id),
    created_at TIMESTAMPTZ NOT NULL,
    last_seen_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX sessions_by_person ON sessions (person_id);
CREATE INDEX sessions_by_end ON sessions (ends_at);

-- What holds for the whole deployment: its id, the id of its fingerprint key.
CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
