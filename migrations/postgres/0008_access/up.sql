-- Sessions of before know neither how nor when somebody proved who they are: they end with this change.
DELETE FROM sessions;
DROP TABLE sessions;

-- Who may sign in, as what, and what they know. An account without a password signs in another way, or not yet.
CREATE TABLE accounts_of_before (
    person_id UUID,
    role TEXT,
    password_hash TEXT,
    disabled_at TIMESTAMPTZ,
    last_sign_in_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ,
    updated_at TIMESTAMPTZ,
    version BIGINT
);
INSERT INTO accounts_of_before SELECT person_id, role, password_hash, disabled_at, last_sign_in_at, created_at, updated_at, version FROM accounts;
DROP TABLE accounts;
CREATE TABLE accounts (
    person_id UUID PRIMARY KEY REFERENCES people (id),
    role TEXT NOT NULL CHECK (role IN ('administrator', 'security_analyst', 'owner', 'auditor')),
    password_hash TEXT,
    single_sign_on_subject TEXT UNIQUE,
    disabled_at TIMESTAMPTZ,
    last_sign_in_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0)
);
INSERT INTO accounts (person_id, role, password_hash, disabled_at, last_sign_in_at, created_at, updated_at, version) SELECT person_id, role, password_hash, disabled_at, last_sign_in_at, created_at, updated_at, version FROM accounts_of_before;
DROP TABLE accounts_of_before;

-- Server-side sessions. Only the digest of the cookie's value is kept.
CREATE TABLE sessions (
    id UUID PRIMARY KEY,
    digest BYTEA NOT NULL UNIQUE CHECK (length(digest) = 32),
    person_id UUID NOT NULL REFERENCES accounts (person_id),
    method TEXT NOT NULL CHECK (method IN ('password', 'password_and_code', 'passkey', 'single_sign_on', 'link')),
    created_at TIMESTAMPTZ NOT NULL,
    last_seen_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL,
    confirmed_at TIMESTAMPTZ NOT NULL,
    address TEXT NOT NULL,
    agent TEXT NOT NULL,
    tries BIGINT NOT NULL DEFAULT 0 CHECK (tries >= 0)
);
CREATE INDEX sessions_by_person ON sessions (person_id, last_seen_at);
CREATE INDEX sessions_by_end ON sessions (ends_at);

-- One-time links: for the first administrator, for a new account, for the way back in.
CREATE TABLE account_links (
    digest BYTEA PRIMARY KEY CHECK (length(digest) = 32),
    person_id UUID REFERENCES accounts (person_id),
    purpose TEXT NOT NULL CHECK (purpose IN ('first_administrator', 'new_account', 'way_back')),
    created_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ,
    CHECK ((purpose = 'first_administrator') = (person_id IS NULL))
);
CREATE INDEX account_links_by_person ON account_links (person_id) WHERE person_id IS NOT NULL;

-- Attempts to prove who one is, counted for every replica. The subject is a keyed digest, or an address.
CREATE TABLE sign_in_attempts (
    id UUID PRIMARY KEY,
    subject TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL
);
CREATE INDEX sign_in_attempts_by_subject ON sign_in_attempts (subject, at);
CREATE INDEX sign_in_attempts_by_time ON sign_in_attempts (at);

-- A time-based one-time code (RFC 6238). The secret is sealed with the deployment's key.
CREATE TABLE code_generators (
    person_id UUID PRIMARY KEY REFERENCES accounts (person_id),
    sealed_secret BYTEA NOT NULL,
    confirmed_at TIMESTAMPTZ,
    last_step BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

-- Codes for the day on which the generator is lost. Each opens once.
CREATE TABLE recovery_codes (
    digest BYTEA PRIMARY KEY CHECK (length(digest) = 32),
    person_id UUID NOT NULL REFERENCES accounts (person_id),
    created_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ
);
CREATE INDEX recovery_codes_by_person ON recovery_codes (person_id);

-- Passkeys (WebAuthn): the public half, and the counter that shows a copy.
CREATE TABLE passkeys (
    id UUID PRIMARY KEY,
    person_id UUID NOT NULL REFERENCES accounts (person_id),
    credential_id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    credential JSONB NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    last_used_at TIMESTAMPTZ
);
CREATE INDEX passkeys_by_person ON passkeys (person_id);

-- Something with two steps that has had its first: a code to type, a passkey to touch, a provider to come back from.
CREATE TABLE ceremonies (
    digest BYTEA PRIMARY KEY CHECK (length(digest) = 32),
    kind TEXT NOT NULL CHECK (kind IN ('second_factor', 'passkey_registration', 'passkey_sign_in', 'single_sign_on')),
    person_id UUID REFERENCES accounts (person_id),
    state JSONB NOT NULL,
    return_to TEXT NOT NULL,
    tries BIGINT NOT NULL DEFAULT 0,
    created_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX ceremonies_by_end ON ceremonies (ends_at);

-- A form that waits while its sender proves again who they are. It goes when it is sent, or after ten minutes.
CREATE TABLE held_forms (
    id UUID PRIMARY KEY,
    session_id UUID NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    target TEXT NOT NULL,
    fields JSONB NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL,
    sent_at TIMESTAMPTZ
);
CREATE INDEX held_forms_by_session ON held_forms (session_id);
CREATE INDEX held_forms_by_end ON held_forms (ends_at);

-- Tokens of Muster's own interface. Only the digest is kept. Each is an identity of the register.
CREATE TABLE api_tokens (
    id UUID PRIMARY KEY,
    identity_id UUID NOT NULL UNIQUE REFERENCES identities (id),
    person_id UUID NOT NULL REFERENCES accounts (person_id),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    digest BYTEA NOT NULL UNIQUE CHECK (length(digest) = 32),
    ending TEXT NOT NULL,
    scopes JSONB NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('administrator', 'security_analyst', 'owner', 'auditor')),
    created_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL,
    last_used_at TIMESTAMPTZ,
    last_used_from TEXT,
    revoked_at TIMESTAMPTZ,
    revoked_by UUID REFERENCES people (id),
    version BIGINT NOT NULL CHECK (version > 0)
);
CREATE INDEX api_tokens_by_person ON api_tokens (person_id, created_at);
