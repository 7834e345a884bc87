-- What waits for a group is counted on every start page: from this alone, without reading the tasks.
CREATE INDEX tasks_open_by_group ON tasks (assignee_group, due_on, id, kind, request_id, emergency_id)
    WHERE state = 'open' AND assignee_group IS NOT NULL;
