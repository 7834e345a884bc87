-- Every SMART app, service account, token and AI agent.
CREATE TABLE identities (
    id UUID PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('smart_app', 'service_account', 'token', 'ai_agent')),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    name_key TEXT COLLATE "C" NOT NULL,
    description TEXT,
    client_id TEXT CHECK (length(client_id) > 0),
    system_id UUID REFERENCES systems (id),
    environment TEXT NOT NULL CHECK (environment IN ('production', 'staging', 'sandbox', 'unknown')),
    parent_id UUID REFERENCES identities (id),
    vendor_id UUID REFERENCES vendors (id),
    access_basis TEXT CHECK (access_basis IN ('patient_directed', 'treatment', 'business_associate', 'research', 'internal_operations', 'public')),
    purpose TEXT,
    client_type TEXT NOT NULL CHECK (client_type IN ('public', 'confidential', 'bearer_only', 'unknown')),
    grant_types JSONB NOT NULL,
    launch_types JSONB NOT NULL,
    access_token_seconds BIGINT CHECK (access_token_seconds > 0),
    refresh_tokens TEXT NOT NULL CHECK (refresh_tokens IN ('none', 'limited', 'never_expire', 'unknown')),
    refresh_token_seconds BIGINT CHECK (refresh_token_seconds > 0),
    criticality TEXT NOT NULL CHECK (criticality IN ('unknown', 'low', 'moderate', 'high', 'clinical')),
    enabled BOOLEAN NOT NULL,
    vendor_managed BOOLEAN NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('requested', 'approved', 'active', 'suspended', 'revoking', 'revoked', 'rejected')),
    state_cause TEXT NOT NULL CHECK (state_cause IN ('registered', 'imported_enabled', 'imported_disabled', 'imported_request', 'expired', 'decided', 'no_longer_needed', 'vanished')),
    state_changed_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ,
    expires_key TIMESTAMPTZ NOT NULL GENERATED ALWAYS AS (coalesce(expires_at, TIMESTAMPTZ '9999-12-31 23:59:59.999999+00')) STORED,
    review_interval_days BIGINT CHECK (review_interval_days BETWEEN 1 AND 3650),
    next_review_on DATE,
    next_review_key DATE NOT NULL GENERATED ALWAYS AS (coalesce(next_review_on, DATE '9999-12-31')) STORED,
    last_used_at TIMESTAMPTZ,
    last_used_key TIMESTAMPTZ NOT NULL GENERATED ALWAYS AS (coalesce(last_used_at, TIMESTAMPTZ '0001-01-01 00:00:00+00')) STORED,
    last_used_source TEXT,
    use_visible_since TIMESTAMPTZ,
    business_owner_id UUID REFERENCES people (id),
    business_owner_answer TEXT CHECK (business_owner_answer IN ('waiting', 'accepted', 'refused')),
    business_owner_answered_at TIMESTAMPTZ,
    technical_owner_id UUID REFERENCES people (id),
    technical_owner_answer TEXT CHECK (technical_owner_answer IN ('waiting', 'accepted', 'refused')),
    technical_owner_answered_at TIMESTAMPTZ,
    notes JSONB NOT NULL,
    source_format TEXT,
    source_import_id UUID,
    vanished_at TIMESTAMPTZ,
    registered_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    CHECK ((refresh_tokens = 'limited') = (refresh_token_seconds IS NOT NULL)),
    CHECK ((business_owner_id IS NULL) = (business_owner_answer IS NULL)),
    CHECK ((technical_owner_id IS NULL) = (technical_owner_answer IS NULL)),
    CHECK (parent_id IS NULL OR parent_id <> id),
    CHECK (last_used_at IS NULL OR last_used_source IS NOT NULL)
);
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
    identity_id UUID NOT NULL REFERENCES identities (id),
    position BIGINT NOT NULL,
    uri TEXT NOT NULL,
    PRIMARY KEY (identity_id, position)
);

-- The same client in another environment. Stored once, the smaller id first.
CREATE TABLE identity_twins (
    identity_id UUID NOT NULL REFERENCES identities (id),
    twin_id UUID NOT NULL REFERENCES identities (id),
    PRIMARY KEY (identity_id, twin_id),
    CHECK (identity_id < twin_id)
);
CREATE INDEX identity_twins_reversed ON identity_twins (twin_id, identity_id);

CREATE TABLE identity_scopes (
    identity_id UUID NOT NULL REFERENCES identities (id),
    list TEXT NOT NULL CHECK (list IN ('approved', 'issued', 'requested')),
    scope TEXT NOT NULL CHECK (length(scope) > 0),
    position BIGINT NOT NULL,
    optional BOOLEAN NOT NULL,
    in_token BOOLEAN NOT NULL,
    defined BOOLEAN NOT NULL,
    PRIMARY KEY (identity_id, list, scope)
);
CREATE INDEX identity_scopes_by_scope ON identity_scopes (scope, list);

-- What proves an identity: metadata only, never a secret.
CREATE TABLE credentials (
    id UUID PRIMARY KEY,
    identity_id UUID NOT NULL REFERENCES identities (id),
    kind TEXT NOT NULL CHECK (kind IN ('client_secret', 'jwks', 'certificate', 'none')),
    key_id TEXT,
    thumbprint TEXT,
    location TEXT,
    issued_at TIMESTAMPTZ,
    expires_at TIMESTAMPTZ,
    never_expires BOOLEAN NOT NULL,
    strength TEXT NOT NULL CHECK (strength IN ('weak', 'ok', 'unknown')),
    fingerprint TEXT CHECK (length(fingerprint) = 64),
    first_seen_at TIMESTAMPTZ NOT NULL,
    CHECK (NOT (never_expires AND expires_at IS NOT NULL))
);
CREATE INDEX credentials_by_identity ON credentials (identity_id);
CREATE INDEX credentials_by_fingerprint ON credentials (fingerprint) WHERE fingerprint IS NOT NULL;
CREATE INDEX credentials_by_expiry ON credentials (expires_at) WHERE expires_at IS NOT NULL;

-- How an identity is stopped.
CREATE TABLE revocation_paths (
    identity_id UUID PRIMARY KEY REFERENCES identities (id),
    method TEXT NOT NULL CHECK (method IN ('admin_console', 'admin_api', 'client_delete', 'vendor', 'key_removal')),
    steps TEXT NOT NULL,
    contact TEXT NOT NULL,
    proved_at TIMESTAMPTZ,
    proof TEXT,
    updated_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    CHECK ((proved_at IS NULL) = (proof IS NULL))
);

-- Search by any part of a word: trigrams over what a reader types. Between the parts stands a sign that nobody types.
ALTER TABLE identities ADD COLUMN search_text TEXT NOT NULL GENERATED ALWAYS AS (
    lower(name || E'\x1f' || coalesce(client_id, '') || E'\x1f' || coalesce(description, '') || E'\x1f' || coalesce(purpose, ''))
) STORED;
-- Without the right to create the extension, search still answers, only slower.
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX identity_search ON identities USING gin (search_text gin_trgm_ops);
EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
    RAISE NOTICE 'pg_trgm is not available: search reads every row';
END $$;
