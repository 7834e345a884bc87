"""Imports a realm of 300 MB and 50,000 clients, by the command and through the page, and watches the memory.

The file is read whole, so what is resident follows its size and its rows. The check fails when a row is
lost, when the same file through the page is not unchanged row by row, or when the peak of either process
is over the goal. At the end the goal is set to what no process can hold, and must be missed.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "peers"))
from browsing import REDIRECTS, Browser, Page  # noqa: E402
from serving import Server, command, make_fixture  # noqa: E402

CLIENTS = 50_000
FILE_BYTES = 300_000_000
GOAL_MEBIBYTES = 1536
PATIENCE = 1800


def write_realm(path):
    """A realm export of that size: what a client weighs beyond its own settings is in its mappers."""
    padding = "x " * ((FILE_BYTES // CLIENTS - 800) // 2)
    with path.open("w", encoding="utf-8") as out:
        out.write('{"realm":"Large","keycloakVersion":"26.0.0","accessTokenLifespan":300,"clients":[\n')
        for number in range(CLIENTS):
            client = {
                "clientId": f"app-{number:06}", "name": f"Application {number}", "enabled": True, "publicClient": False,
                "protocol": "openid-connect", "secret": f"a secret of client {number:032}", "fullScopeAllowed": False,
                "redirectUris": [f"https://app-{number}.example/callback"],
                "defaultClientScopes": ["openid", "profile", "patient/Observation.rs"], "optionalClientScopes": ["offline_access"],
                "attributes": {"pkce.code.challenge.method": "S256", "client.secret.creation.time": "1700000000"},
                "protocolMappers": [{"name": "padding", "protocolMapper": "oidc-hardcoded-claim-mapper", "config": {"claim.value": padding}}],
            }
            out.write(json.dumps(client) + (",\n" if number + 1 < CLIENTS else "\n"))
        out.write("]}\n")
    while path.stat().st_size < FILE_BYTES:
        with path.open("ab") as out:
            out.write(b" " * min(1 << 20, FILE_BYTES - path.stat().st_size))


def by_command(line):
    """The last line, the seconds and the peak resident memory in MiB."""
    begun = time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=out, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        if process.returncode != 0:
            raise RuntimeError(f"muster import failed: {errors.read().decode('utf-8', 'replace')[-1000:]}")
        last = out.read().decode("utf-8", "replace").rstrip().rsplit("\n", 1)[-1]
    return last, time.monotonic() - begun, usage.ru_maxrss / 1024


def by_page(browser, realm, folder):
    """The preview that a form with the file leads to."""
    form = next(form for form in Page(browser.get("/imports/new").text).forms if form.has("format"))
    boundary = "muster-large-import"
    body = folder / "body"
    with body.open("wb") as out:
        for name, value in form.filled(format="keycloak-realm", environment="production", system="Large"):
            out.write(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
        out.write(f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="realm.json"\r\n\r\n'.encode())
        with realm.open("rb") as file:
            while chunk := file.read(1 << 20):
                out.write(chunk)
        out.write(f"\r\n--{boundary}--\r\n".encode())
    with body.open("rb") as sent:
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Content-Length": str(body.stat().st_size)}
        answer = browser.request("POST", "/imports/new", sent, headers)
    body.unlink()
    if answer.status not in REDIRECTS:
        raise RuntimeError(f"the page answered {answer.status}: {re.sub('<[^>]+>', ' ', answer.text)[-1000:]}")
    return browser.get(answer.location)


def over_goal(peaks, goal):
    return [f"{what} held {peak:,.0f} MiB, the goal is {goal:,} MiB" for what, peak in peaks.items() if peak > goal]


def check(options, folder):
    data, realm = folder / "data", folder / "realm.json"
    write_realm(realm)
    (email, password), _ = make_fixture(options.binary, data, options.database_url, 10)
    line = command(options.binary, data, options.database_url, "import", "keycloak-realm", str(realm), "--environment", "production")
    told, seconds, command_peak = by_command(line)
    print(f"command: {realm.stat().st_size / 1e6:,.0f} MB in {seconds:.1f} s, peak {command_peak:,.0f} MiB, {told}")
    faults = [] if told == f"{CLIENTS:,} created" else [f"the command said: {told}"]
    server = Server(command(options.binary, data, options.database_url, "serve", "--listen", "127.0.0.1:0"), folder / "server.log")
    try:
        browser = Browser(*server.address, timeout=PATIENCE)
        browser.sign_in(email, password)
        begun = time.monotonic()
        page = by_page(browser, realm, folder)
        _, page_peak = server.memory()
        text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))
        print(f"page: preview in {time.monotonic() - begun:.1f} s, peak {page_peak:,.0f} MiB")
        if f"{CLIENTS:,} Unchanged" not in text:
            faults.append("the page does not show every row as unchanged")
    finally:
        server.stop()
    peaks = {"the command": command_peak, "the server": page_peak}
    faults += over_goal(peaks, GOAL_MEBIBYTES)
    caught = len(over_goal(peaks, 1)) == 2
    for fault in faults:
        print(f"FAILED {fault}")
    print(f"{len(faults)} faults, planted fault {'caught' if caught else 'NOT CAUGHT'}")
    return 1 if faults or not caught else 0


def main():
    parser = argparse.ArgumentParser(description="Imports 300 MB and 50,000 clients, and watches the memory.")
    parser.add_argument("binary")
    parser.add_argument("--database-url", help="an empty PostgreSQL database; SQLite otherwise")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="muster-large-") as folder:
        sys.exit(check(options, pathlib.Path(folder)))


if __name__ == "__main__":
    main()
