-- A file that was read: previewed, then applied, then perhaps undone.
CREATE TABLE imports (
    id UUID PRIMARY KEY,
    subject TEXT NOT NULL CHECK (subject IN ('clients', 'people')),
    format TEXT NOT NULL,
    file_name TEXT NOT NULL,
    file_digest TEXT NOT NULL,
    file_bytes BIGINT NOT NULL,
    column_map TEXT,
    system_id UUID REFERENCES systems (id),
    environment TEXT CHECK (environment IN ('production', 'staging', 'sandbox', 'unknown')),
    state TEXT NOT NULL CHECK (state IN ('previewed', 'applied', 'undone', 'discarded', 'expired')),
    left_out JSONB NOT NULL,
    counts JSONB NOT NULL,
    made_by UUID REFERENCES people (id),
    made_at TIMESTAMPTZ NOT NULL,
    applied_at TIMESTAMPTZ,
    applied_by UUID REFERENCES people (id),
    undone_at TIMESTAMPTZ,
    undone_by UUID REFERENCES people (id),
    version BIGINT NOT NULL CHECK (version > 0)
);
CREATE INDEX imports_by_age ON imports (made_at, id);

-- Every row of the file, whatever became of it.
CREATE TABLE import_rows (
    import_id UUID NOT NULL REFERENCES imports (id),
    position BIGINT NOT NULL,
    line BIGINT,
    action TEXT NOT NULL CHECK (action IN ('create', 'change', 'unchanged', 'skip', 'error', 'vanished')),
    name TEXT NOT NULL,
    client_id TEXT,
    subject_id UUID,
    reason TEXT,
    changes JSONB NOT NULL,
    record JSONB,
    version_before BIGINT,
    version_after BIGINT,
    result TEXT,
    PRIMARY KEY (import_id, position)
);
CREATE INDEX import_rows_by_action ON import_rows (import_id, action, position);

-- The file's headings on one side, Muster's fields on the other.
CREATE TABLE column_maps (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    name_key TEXT COLLATE "C" NOT NULL UNIQUE,
    subject TEXT NOT NULL CHECK (subject IN ('clients', 'people')),
    body TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0)
);

-- A change to many identities, over a set that was frozen when it was shown.
CREATE TABLE bulk_sets (
    id UUID PRIMARY KEY,
    action TEXT NOT NULL CHECK (action IN ('assign_owner')),
    parameters JSONB NOT NULL,
    filter TEXT NOT NULL,
    made_by UUID NOT NULL REFERENCES people (id),
    made_at TIMESTAMPTZ NOT NULL,
    applied_at TIMESTAMPTZ,
    undone_at TIMESTAMPTZ
);

CREATE TABLE bulk_set_items (
    set_id UUID NOT NULL REFERENCES bulk_sets (id),
    position BIGINT NOT NULL,
    identity_id UUID NOT NULL REFERENCES identities (id),
    version_seen BIGINT NOT NULL,
    version_after BIGINT,
    excluded TEXT,
    previous JSONB,
    result TEXT,
    PRIMARY KEY (set_id, position)
);
