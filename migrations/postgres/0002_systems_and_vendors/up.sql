-- Authorization servers, FHIR servers and gateways, each with owners of its own.
CREATE TABLE systems (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    name_key TEXT COLLATE "C" NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('authorization_server', 'fhir_server', 'ehr', 'gateway', 'identity_provider', 'other')),
    base_url TEXT,
    business_owner_id UUID REFERENCES people (id),
    technical_owner_id UUID REFERENCES people (id),
    notes TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0)
);

-- Companies behind identities, and the papers that justify their access.
CREATE TABLE vendors (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    name_key TEXT COLLATE "C" NOT NULL UNIQUE,
    contact TEXT,
    contract_reference TEXT,
    contract_ends_on DATE,
    agreement_reference TEXT,
    agreement_ends_on DATE,
    baa_reference TEXT,
    baa_ends_on DATE,
    notes TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0)
);
CREATE INDEX vendors_by_contract_end ON vendors (contract_ends_on) WHERE contract_ends_on IS NOT NULL;
