-- Keeping approves nothing: what a system gives beyond what was approved is taken away there, so a review that kept
-- something may wait for proof. The CHECK has no name of ours, so it is found by what it says.
DO $$
DECLARE
    found TEXT;
BEGIN
    SELECT c.conname INTO STRICT found FROM pg_constraint c
        WHERE c.conrelid = 'reviews'::regclass AND c.contype = 'c'
        AND pg_get_constraintdef(c.oid) LIKE '%<>%remediating%silent_keep%';
    EXECUTE format('ALTER TABLE reviews DROP CONSTRAINT %I', found);
END $$;
ALTER TABLE reviews ADD CHECK (state <> 'remediating' OR outcome <> 'silent_keep');

-- What waits for proof is closed by proof, what was kept as well.
CREATE TRIGGER reviews_close_by_proof BEFORE UPDATE ON reviews FOR EACH ROW
    WHEN (old.state = 'remediating' AND new.state = 'closed' AND new.outcome = 'keep' AND new.proof IS NULL)
    EXECUTE FUNCTION refuse_change('a review that waits for proof is closed by proof');
-- A decision is put aside before it takes effect, never after.
CREATE TRIGGER reviews_open_again BEFORE UPDATE ON reviews FOR EACH ROW
    WHEN (new.state = 'open' AND old.state <> 'open' AND (old.state <> 'decided' OR old.outcome <> 'revoke' OR new.decision_id IS NOT NULL))
    EXECUTE FUNCTION refuse_change('only what was to be switched off on a later day is asked about again');
