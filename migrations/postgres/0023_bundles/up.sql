-- What is told about reviews stands in the digest of the day, so that nobody gets a mail for each of them.
CREATE TABLE digest_lines (
    id UUID PRIMARY KEY,
    dedupe_key TEXT NOT NULL UNIQUE,
    mail_id UUID NOT NULL REFERENCES outbox (id),
    review_id UUID NOT NULL REFERENCES reviews (id),
    kind TEXT NOT NULL CHECK (kind IN ('due', 'beside', 'asked', 'passed_on', 'news')),
    says TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX digest_lines_by_mail ON digest_lines (mail_id, id);
CREATE INDEX digest_lines_by_review ON digest_lines (review_id);

-- Findings are counted and listed by rule.
CREATE INDEX findings_by_rule ON findings (rule, id) WHERE closed_at IS NULL;
