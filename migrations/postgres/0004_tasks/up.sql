-- Work with an assignee and a due date. The same work is never raised twice.
CREATE TABLE tasks (
    id UUID PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('recertification', 'offboarding', 'ownership')),
    identity_id UUID NOT NULL REFERENCES identities (id),
    period TEXT NOT NULL,
    cause TEXT NOT NULL CHECK (cause IN ('review_due', 'expired', 'contract_ended', 'owners_gone', 'revoking', 'owner_named')),
    reason TEXT NOT NULL,
    assignee_id UUID REFERENCES people (id),
    assignee_group TEXT CHECK (assignee_group IN ('security_analysts')),
    assigned_as TEXT NOT NULL CHECK (assigned_as IN ('business_owner', 'deputy', 'technical_owner', 'fallback', 'by_hand', 'handed_on')),
    due_on DATE NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'done', 'cancelled')),
    answer TEXT CHECK (answer IN ('keep', 'until', 'remove', 'dont_know', 'another', 'done', 'accept', 'refuse', 'obsolete')),
    wanted_until DATE,
    note TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    closed_at TIMESTAMPTZ,
    closed_by UUID REFERENCES people (id),
    version BIGINT NOT NULL CHECK (version > 0),
    UNIQUE (kind, identity_id, period),
    CHECK ((assignee_id IS NULL) <> (assignee_group IS NULL)),
    CHECK ((state = 'open') = (closed_at IS NULL))
);
CREATE INDEX tasks_by_due ON tasks (due_on, id);
CREATE INDEX tasks_open_by_due ON tasks (due_on, id) WHERE state = 'open';
CREATE INDEX tasks_by_state ON tasks (state, due_on, id);
CREATE INDEX tasks_by_assignee ON tasks (assignee_id, state, due_on, id);
CREATE INDEX tasks_by_group ON tasks (assignee_group, state, due_on, id);
CREATE INDEX tasks_by_identity ON tasks (identity_id, state);

-- Mail to be sent, written in the transaction that makes it needed.
CREATE TABLE outbox (
    id UUID PRIMARY KEY,
    dedupe_key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('digest')),
    recipient_id UUID NOT NULL REFERENCES people (id),
    digest_on DATE NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'sent', 'uncertain', 'dead', 'empty')),
    attempts BIGINT NOT NULL,
    next_at TIMESTAMPTZ NOT NULL,
    lease_until TIMESTAMPTZ,
    fence BIGINT NOT NULL,
    message_id TEXT NOT NULL,
    sent_at TIMESTAMPTZ,
    error TEXT,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX outbox_waiting ON outbox (next_at, id) WHERE state IN ('pending', 'sending', 'uncertain');
CREATE INDEX outbox_by_recipient ON outbox (recipient_id, digest_on);
