// Lets the confirmations of every session grow old, as time would: a browser cannot wait for that.

import { execFileSync } from 'node:child_process';
import path from 'node:path';

const SQLITE = `
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=30)
with connection:
    connection.execute("UPDATE sessions SET confirmed_at = '2000-01-01T00:00:00.000000Z'")
`;

/** In the database of that folder, or the one that a URL names. */
export function letConfirmationsAge(data, databaseUrl) {
  if (databaseUrl?.startsWith('postgres')) {
    execFileSync('psql', ['-q', '-d', databaseUrl, '-c', "UPDATE sessions SET confirmed_at = '2000-01-01'"]);
  } else {
    execFileSync('python3', ['-c', SQLITE, path.join(data, 'muster.db')]);
  }
}
