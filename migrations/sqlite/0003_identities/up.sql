-- Every SMART app, service account, token and AI agent.
CREATE TABLE identities (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    kind TEXT NOT NULL CHECK (kind IN ('smart_app', 'service_account', 'token', 'ai_agent')),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    name_key TEXT NOT NULL,
    description TEXT,
    client_id TEXT CHECK (length(client_id) > 0),
    system_id BLOB REFERENCES systems (id),
    environment TEXT NOT NULL CHECK (environment IN ('production', 'staging', 'sandbox', 'unknown')),
    parent_id BLOB REFERENCES identities (id),
    vendor_id BLOB REFERENCES vendors (id),
    access_basis TEXT CHECK (access_basis IN ('patient_directed', 'treatment', 'business_associate', 'research', 'internal_operations', 'public')),
    purpose TEXT,
    client_type TEXT NOT NULL CHECK (client_type IN ('public', 'confidential', 'bearer_only', 'unknown')),
    grant_types TEXT NOT NULL,
    launch_types TEXT NOT NULL,
    access_token_seconds INTEGER CHECK (access_token_seconds > 0),
    refresh_tokens TEXT NOT NULL CHECK (refresh_tokens IN ('none', 'limited', 'never_expire', 'unknown')),
    refresh_token_seconds INTEGER CHECK (refresh_token_seconds > 0),
    criticality TEXT NOT NULL CHECK (criticality IN ('unknown', 'low', 'moderate', 'high', 'clinical')),
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    vendor_managed INTEGER NOT NULL CHECK (vendor_managed IN (0, 1)),
    state TEXT NOT NULL CHECK (state IN ('requested', 'approved', 'active', 'suspended', 'revoking', 'revoked', 'rejected')),
    state_cause TEXT NOT NULL CHECK (state_cause IN ('registered', 'imported_enabled', 'imported_disabled', 'imported_request', 'expired', 'decided', 'no_longer_needed', 'vanished')),
    state_changed_at TEXT NOT NULL,
    expires_at TEXT,
    expires_key TEXT NOT NULL GENERATED ALWAYS AS (coalesce(expires_at, '9999-12-31T23:59:59.999999Z')) STORED,
    review_interval_days INTEGER CHECK (review_interval_days BETWEEN 1 AND 3650),
    next_review_on TEXT,
    next_review_key TEXT NOT NULL GENERATED ALWAYS AS (coalesce(next_review_on, '9999-12-31')) STORED,
    last_used_at TEXT,
    last_used_key TEXT NOT NULL GENERATED ALWAYS AS (coalesce(last_used_at, '0001-01-01T00:00:00.000000Z')) STORED,
    last_used_source TEXT,
    use_visible_since TEXT,
    business_owner_id BLOB REFERENCES people (id),
    business_owner_answer TEXT CHECK (business_owner_answer IN ('waiting', 'accepted', 'refused')),
    business_owner_answered_at TEXT,
    technical_owner_id BLOB REFERENCES people (id),
    technical_owner_answer TEXT CHECK (technical_owner_answer IN ('waiting', 'accepted', 'refused')),
    technical_owner_answered_at TEXT,
    notes TEXT NOT NULL,
    source_format TEXT,
    source_import_id BLOB,
    vanished_at TEXT,
    registered_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    CHECK ((refresh_tokens = 'limited') = (refresh_token_seconds IS NOT NULL)),
    CHECK ((business_owner_id IS NULL) = (business_owner_answer IS NULL)),
    CHECK ((technical_owner_id IS NULL) = (technical_owner_answer IS NULL)),
    CHECK (parent_id IS NULL OR parent_id <> id),
    CHECK (last_used_at IS NULL OR last_used_source IS NOT NULL),
    CHECK (json_valid(grant_types) AND json_valid(launch_types) AND json_valid(notes))
) STRICT;
CREATE UNIQUE INDEX identities_by_client ON identities (client_id, environment, system_id) WHERE client_id IS NOT NULL;
CREATE INDEX identities_by_name ON identities (name_key, id);
CREATE INDEX identities_by_expiry ON identities (expires_key, id);
CREATE INDEX identities_by_last_use ON identities (last_used_key, id);
CREATE INDEX identities_by_next_review ON identities (next_review_key, id);
CREATE INDEX identities_by_registration ON identities (registered_at, id);
CREATE INDEX identities_by_kind ON identities (kind, name_key, id);
CREATE INDEX identities_by_environment ON identities (environment, name_key, id);
CREATE INDEX identities_by_state ON identities (state, name_key, id);
CREATE INDEX identities_by_system ON identities (system_id, name_key, id);
CREATE INDEX identities_by_vendor ON identities (vendor_id, name_key, id);
CREATE INDEX identities_by_business_owner ON identities (business_owner_id, name_key, id);
CREATE INDEX identities_by_technical_owner ON identities (technical_owner_id, name_key, id);
CREATE INDEX identities_by_parent ON identities (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX identities_by_import ON identities (source_import_id) WHERE source_import_id IS NOT NULL;
-- Nobody owns it: nobody is named, or who was named refused. Asked for in exactly these words.
CREATE INDEX identities_without_business_owner ON identities (name_key, id) WHERE business_owner_id IS NULL OR business_owner_answer = 'refused';
CREATE INDEX identities_without_technical_owner ON identities (name_key, id) WHERE technical_owner_id IS NULL OR technical_owner_answer = 'refused';
CREATE INDEX identities_vendor_managed ON identities (name_key, id) WHERE vendor_managed;
-- Counts over several filters read this instead of the rows.
CREATE INDEX identities_facets ON identities (kind, environment, state, system_id, vendor_id, business_owner_id, business_owner_answer, technical_owner_id, technical_owner_answer, expires_key, next_review_key, last_used_key, vendor_managed, criticality);
-- What the jobs look for: only rows that can come due are in these.
CREATE INDEX identities_review_due ON identities (next_review_on, id) WHERE next_review_on IS NOT NULL AND state IN ('active', 'suspended');
CREATE INDEX identities_expiry_due ON identities (expires_at, id) WHERE expires_at IS NOT NULL AND state IN ('approved', 'active', 'suspended');
CREATE INDEX identities_revoking ON identities (state_changed_at, id) WHERE state = 'revoking';

CREATE TABLE identity_redirect_uris (
    identity_id BLOB NOT NULL REFERENCES identities (id),
    position INTEGER NOT NULL,
    uri TEXT NOT NULL,
    PRIMARY KEY (identity_id, position)
) STRICT;

-- The same client in another environment. Stored once, the smaller id first.
CREATE TABLE identity_twins (
    identity_id BLOB NOT NULL REFERENCES identities (id),
    twin_id BLOB NOT NULL REFERENCES identities (id),
    PRIMARY KEY (identity_id, twin_id),
    CHECK (identity_id < twin_id)
) STRICT;
CREATE INDEX identity_twins_reversed ON identity_twins (twin_id, identity_id);

CREATE TABLE identity_scopes (
    identity_id BLOB NOT NULL REFERENCES identities (id),
    list TEXT NOT NULL CHECK (list IN ('approved', 'issued', 'requested')),
    scope TEXT NOT NULL CHECK (length(scope) > 0),
    position INTEGER NOT NULL,
    optional INTEGER NOT NULL CHECK (optional IN (0, 1)),
    in_token INTEGER NOT NULL CHECK (in_token IN (0, 1)),
    defined INTEGER NOT NULL CHECK (defined IN (0, 1)),
    PRIMARY KEY (identity_id, list, scope)
) STRICT;
CREATE INDEX identity_scopes_by_scope ON identity_scopes (scope, list);

-- What proves an identity: metadata only, never a secret.
CREATE TABLE credentials (
    id BLOB PRIMARY KEY,
    identity_id BLOB NOT NULL REFERENCES identities (id),
    kind TEXT NOT NULL CHECK (kind IN ('client_secret', 'jwks', 'certificate', 'none')),
    key_id TEXT,
    thumbprint TEXT,
    location TEXT,
    issued_at TEXT,
    expires_at TEXT,
    never_expires INTEGER NOT NULL CHECK (never_expires IN (0, 1)),
    strength TEXT NOT NULL CHECK (strength IN ('weak', 'ok', 'unknown')),
    fingerprint TEXT CHECK (length(fingerprint) = 64),
    first_seen_at TEXT NOT NULL,
    CHECK (NOT (never_expires AND expires_at IS NOT NULL))
) STRICT;
CREATE INDEX credentials_by_identity ON credentials (identity_id);
CREATE INDEX credentials_by_fingerprint ON credentials (fingerprint) WHERE fingerprint IS NOT NULL;
CREATE INDEX credentials_by_expiry ON credentials (expires_at) WHERE expires_at IS NOT NULL;

-- How an identity is stopped.
CREATE TABLE revocation_paths (
    identity_id BLOB PRIMARY KEY REFERENCES identities (id),
    method TEXT NOT NULL CHECK (method IN ('admin_console', 'admin_api', 'client_delete', 'vendor', 'key_removal')),
    steps TEXT NOT NULL,
    contact TEXT NOT NULL,
    proved_at TEXT,
    proof TEXT,
    updated_at TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    CHECK ((proved_at IS NULL) = (proof IS NULL))
) STRICT;

-- Search by any part of a word: trigrams over what a reader types.
CREATE VIRTUAL TABLE identity_search USING fts5 (name, client_id, description, purpose, content = 'identities', content_rowid = 'number', tokenize = 'trigram');
CREATE TRIGGER identity_search_insert AFTER INSERT ON identities BEGIN
    INSERT INTO identity_search (rowid, name, client_id, description, purpose) VALUES (new.number, new.name, new.client_id, new.description, new.purpose);
END;
CREATE TRIGGER identity_search_delete AFTER DELETE ON identities BEGIN
    INSERT INTO identity_search (identity_search, rowid, name, client_id, description, purpose) VALUES ('delete', old.number, old.name, old.client_id, old.description, old.purpose);
END;
CREATE TRIGGER identity_search_update AFTER UPDATE OF name, client_id, description, purpose ON identities BEGIN
    INSERT INTO identity_search (identity_search, rowid, name, client_id, description, purpose) VALUES ('delete', old.number, old.name, old.client_id, old.description, old.purpose);
    INSERT INTO identity_search (rowid, name, client_id, description, purpose) VALUES (new.number, new.name, new.client_id, new.description, new.purpose);
END;
