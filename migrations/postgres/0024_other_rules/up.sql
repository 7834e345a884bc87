-- A review is also opened because other rules count for an identity since its record was changed by hand.
ALTER TABLE review_reasons DROP CONSTRAINT review_reasons_cause_check;
ALTER TABLE review_reasons ADD CONSTRAINT review_reasons_cause_check CHECK (cause IN ('clock', 'campaign', 'scope_change', 'owner_change', 'owner_left', 'new_key', 'promotion', 'critical_finding', 'first_use', 'contract_ends', 'other_rules'));
