-- What the last failure of a mail was about: the mail server, or the address. What could not be sent before is told apart
-- by the words that were written then.
ALTER TABLE outbox ADD COLUMN fault TEXT CHECK (fault IN ('server', 'address'));
UPDATE outbox SET fault = CASE
    WHEN error LIKE 'the mail server refused the recipient%' OR error LIKE 'the address %' THEN 'address'
    ELSE 'server'
END WHERE state = 'dead';
