-- Keeping approves nothing: what a system gives beyond what was approved is taken away there, so a review that kept
-- something may wait for proof. The rows stay as they are: only the text of the CHECK changes, as SQLite's own
-- documentation of ALTER TABLE describes.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (state <> ''remediating'' OR outcome NOT IN (''keep'', ''silent_keep''))', 'CHECK (state <> ''remediating'' OR outcome <> ''silent_keep'')')
    WHERE type = 'table' AND name = 'reviews';
PRAGMA writable_schema = RESET;

-- What waits for proof is closed by proof, what was kept as well.
CREATE TRIGGER reviews_close_by_proof BEFORE UPDATE ON reviews
WHEN old.state = 'remediating' AND new.state = 'closed' AND new.outcome = 'keep' AND new.proof IS NULL
BEGIN SELECT RAISE(ABORT, 'a review that waits for proof is closed by proof'); END;
-- A decision is put aside before it takes effect, never after.
CREATE TRIGGER reviews_open_again BEFORE UPDATE ON reviews
WHEN new.state = 'open' AND old.state <> 'open' AND (old.state <> 'decided' OR old.outcome <> 'revoke' OR new.decision_id IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'only what was to be switched off on a later day is asked about again'); END;
