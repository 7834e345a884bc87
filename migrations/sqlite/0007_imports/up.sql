-- A file that was read: previewed, then applied, then perhaps undone.
CREATE TABLE imports (
    id BLOB PRIMARY KEY,
    subject TEXT NOT NULL CHECK (subject IN ('clients', 'people')),
    format TEXT NOT NULL,
    file_name TEXT NOT NULL,
    file_digest TEXT NOT NULL,
    file_bytes INTEGER NOT NULL,
    column_map TEXT,
    system_id BLOB REFERENCES systems (id),
    environment TEXT CHECK (environment IN ('production', 'staging', 'sandbox', 'unknown')),
    state TEXT NOT NULL CHECK (state IN ('previewed', 'applied', 'undone', 'discarded', 'expired')),
    left_out TEXT NOT NULL,
    counts TEXT NOT NULL,
    made_by BLOB REFERENCES people (id),
    made_at TEXT NOT NULL,
    applied_at TEXT,
    applied_by BLOB REFERENCES people (id),
    undone_at TEXT,
    undone_by BLOB REFERENCES people (id),
    version INTEGER NOT NULL CHECK (version > 0)
) STRICT;
CREATE INDEX imports_by_age ON imports (made_at, id);

-- Every row of the file, whatever became of it.
CREATE TABLE import_rows (
    import_id BLOB NOT NULL REFERENCES imports (id),
    position INTEGER NOT NULL,
    line INTEGER,
    action TEXT NOT NULL CHECK (action IN ('create', 'change', 'unchanged', 'skip', 'error', 'vanished')),
    name TEXT NOT NULL,
    client_id TEXT,
    subject_id BLOB,
    reason TEXT,
    changes TEXT NOT NULL,
    record TEXT,
    version_before INTEGER,
    version_after INTEGER,
    result TEXT,
    PRIMARY KEY (import_id, position)
) STRICT;
CREATE INDEX import_rows_by_action ON import_rows (import_id, action, position);

-- The file's headings on one side, Muster's fields on the other.
CREATE TABLE column_maps (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    name_key TEXT NOT NULL UNIQUE,
    subject TEXT NOT NULL CHECK (subject IN ('clients', 'people')),
    body TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0)
) STRICT;

-- A change to many identities, over a set that was frozen when it was shown.
CREATE TABLE bulk_sets (
    id BLOB PRIMARY KEY,
    action TEXT NOT NULL CHECK (action IN ('assign_owner')),
    parameters TEXT NOT NULL,
    filter TEXT NOT NULL,
    made_by BLOB NOT NULL REFERENCES people (id),
    made_at TEXT NOT NULL,
    applied_at TEXT,
    undone_at TEXT
) STRICT;

CREATE TABLE bulk_set_items (
    set_id BLOB NOT NULL REFERENCES bulk_sets (id),
    position INTEGER NOT NULL,
    identity_id BLOB NOT NULL REFERENCES identities (id),
    version_seen INTEGER NOT NULL,
    version_after INTEGER,
    excluded TEXT,
    previous TEXT,
    result TEXT,
    PRIMARY KEY (set_id, position)
) STRICT;
