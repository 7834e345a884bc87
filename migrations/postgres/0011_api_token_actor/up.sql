-- An API token is an actor of its own. No entry changes, and no trigger is lifted.
ALTER TABLE audit_entries DROP CONSTRAINT audit_entries_actor_kind_check;
ALTER TABLE audit_entries ADD CONSTRAINT audit_entries_actor_kind_check CHECK (actor_kind IN ('person', 'job', 'command', 'setup', 'api_token'));
