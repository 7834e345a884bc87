"""An import of many clients beside bare inserts of the very rows it made, with the same indexes."""

import json
import pathlib
import sqlite3
import subprocess
import time

from serving import command

# The rows that are the clients themselves; the log and the record of the import are Muster's own cost.
TABLES = ("identities", "identity_redirect_uris", "identity_scopes", "credentials")
ROWS_IN_ONE_INSERT = 1000


def realm(clients):
    """A Keycloak realm export with `clients` clients of a usual mixture."""
    scopes = ["openid", "fhirUser", "launch/patient", "patient/Patient.rs", "patient/Observation.rs"]
    made = []
    for number in range(clients):
        service = number % 3 == 0
        made.append({
            "clientId": f"import-{number:06d}", "name": f"Imported application {number:06d}",
            "description": f"Synthetic client number {number}", "enabled": number % 20 != 0, "protocol": "openid-connect",
            "clientAuthenticatorType": "client-secret", "publicClient": not service, "bearerOnly": False,
            "standardFlowEnabled": not service, "implicitFlowEnabled": False, "directAccessGrantsEnabled": False,
            "serviceAccountsEnabled": service, "redirectUris": [] if service else [f"https://app-{number}.example/callback"],
            "attributes": {"client.secret.creation.time": str(1_700_000_000 + number)} if service else {"pkce.code.challenge.method": "S256"},
            "defaultClientScopes": ["system/Patient.rs", "system/Observation.rs"] if service else scopes,
            "optionalClientScopes": ["offline_access"], "fullScopeAllowed": False,
        })
    return {"realm": "bench", "enabled": True, "accessTokenLifespan": 300, "keycloakVersion": "26.0.0", "clients": made, "clientScopes": []}


def database_file(folder):
    """The SQLite file of a data folder."""
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.is_file() and path.open("rb").read(16) == b"SQLite format 3\0":
            return path
    raise RuntimeError(f"no SQLite database under {folder}")


def open_database(path):
    return sqlite3.connect(path, isolation_level=None)


def measure(binary, place, clients):
    """One line of the table of results."""
    file = place.data / "realm.json"
    file.write_text(json.dumps(realm(clients)), encoding="utf-8")
    migrated = subprocess.run(command(binary, place.data, place.url, "migrate"), capture_output=True, text=True)
    if migrated.returncode != 0:
        raise RuntimeError(f"muster migrate failed: {migrated.stderr.strip()[-1000:]}")
    line = command(binary, place.data, place.url, "import", "keycloak-realm", str(file), "--environment", "production", "--system", "Bench")
    begun = time.monotonic()
    done = subprocess.run(line, capture_output=True, text=True)
    took = time.monotonic() - begun
    if done.returncode != 0:
        raise RuntimeError(f"muster import failed: {done.stderr.strip()[-1000:]}")
    rows, bare = (bare_postgres if place.url else bare_sqlite)(place)
    if rows["identities"] < clients:
        raise RuntimeError(f"{clients} clients were imported, {rows['identities']} identities are there")
    total = sum(rows.values())
    return (f"| {place.kind} | {total:,} ({clients:,} clients) | {took:.2f} s: {clients / took:,.0f} clients/s, {total / took:,.0f} rows/s "
            f"| {bare:.2f} s: {total / bare:,.0f} rows/s | {bare / took:.1%} |")


def bare_sqlite(place):
    """Seconds to insert the same rows into a database of the same schema, in one durable transaction."""
    source_file = database_file(place.data)
    source = open_database(source_file)
    target_file = place.data / "bare.sqlite"
    target = open_database(target_file)
    target.execute("PRAGMA journal_mode = WAL")
    target.execute("PRAGMA synchronous = FULL")
    wanted = source.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' "
                            "AND name NOT LIKE 'identity\\_search\\_%' ESCAPE '\\' ORDER BY type = 'trigger', type = 'index', rowid").fetchall()
    triggers = source.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'identity\\_search\\_%' ESCAPE '\\'").fetchall()
    for (statement,) in [*wanted, *triggers]:
        target.execute(statement)
    rows, work = {}, []
    for table in TABLES:
        # hidden columns are computed ones
        columns = [name for _, name, *_, hidden in source.execute(f"PRAGMA table_xinfo({table})") if hidden == 0]
        content = source.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall()
        rows[table] = len(content)
        work.append((f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", content))
    begun = time.monotonic()
    target.execute("BEGIN IMMEDIATE")
    for statement, content in work:
        target.executemany(statement, content)
    target.execute("COMMIT")
    return rows, time.monotonic() - begun


def bare_postgres(place):
    """Seconds for psql to run inserts of a thousand rows each, in one transaction."""
    target = place.url.rsplit("/", 1)[0] + "/bare"
    base = place.url.rsplit("/", 1)[0] + "/postgres"
    subprocess.run(["psql", "-qAt", base, "-c", "CREATE DATABASE bare"], check=True)
    schema = subprocess.run(["pg_dump", "--schema-only", place.url], check=True, capture_output=True).stdout
    subprocess.run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", target], input=schema, check=True, capture_output=True)
    # Rows the clients refer to come first and are not counted.
    tables = [f"--table={table}" for table in TABLES]
    others = [f"--exclude-table-data={table}" for table in (*TABLES, "audit_*")]
    for arguments, timed in ((others, False), (tables, True)):
        dump = subprocess.run(["pg_dump", "--data-only", f"--rows-per-insert={ROWS_IN_ONE_INSERT}", *arguments, place.url],
                              check=True, capture_output=True).stdout
        begun = time.monotonic()
        subprocess.run(["psql", "-qX1", "-v", "ON_ERROR_STOP=1", target], input=dump, check=True, capture_output=True)
        took = time.monotonic() - begun
    rows = {}
    for table in TABLES:
        done = subprocess.run(["psql", "-qAt", target, "-c", f"SELECT count(*) FROM {table}"], check=True, capture_output=True, text=True)
        rows[table] = int(done.stdout)
    return rows, took
