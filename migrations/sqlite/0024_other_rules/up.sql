-- A review is also opened because other rules count for an identity since its record was changed by hand. The rows stay
-- as they are: only the text of the CHECK changes, as SQLite's own documentation of ALTER TABLE describes.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '''first_use'', ''contract_ends''))', '''first_use'', ''contract_ends'', ''other_rules''))')
    WHERE type = 'table' AND name = 'review_reasons';
PRAGMA writable_schema = RESET;
