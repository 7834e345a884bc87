"""Holds the description of the interface for programs against the running server.

    openapi_peer.py BINARY [--plant]     --plant describes an answer wrongly, which must be noticed

The document is judged by openapi-spec-validator; schemathesis makes requests from it, right ones and wrong
ones, and looks whether each answer has a status, a kind and a shape that the document names, and never a 5xx.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from openapi_spec_validator import validate

from browsing import Browser, Page
from serving import Server, command, make_fixture

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
EXAMPLES = "25"
TOOL = pathlib.Path(sys.executable).parent / "schemathesis"


def token_of(server, email, password):
    """A token with the scopes of a portal, made on the page as a person does."""
    browser = Browser(*server.address)
    browser.sign_in(email, password)
    page = browser.get("/account/tokens")
    form = next(form for form in Page(page.text).forms if form.has("purpose"))
    ends_on = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 7 * 24 * 3600))
    fields = form.filled(name="Portal", purpose="Drives the interface", ends_on=ends_on)
    answer = browser.post("/account/tokens", fields + [("scopes", "read"), ("scopes", "file_requests")])
    found = re.search(r"muster_api_[0-9A-Za-z]{36}", answer.text)
    if found is None:
        raise RuntimeError(f"/account/tokens answered {answer.status} without a token")
    return found[0]


def planted(document):
    """The same document, which promises a member that no list has."""
    wrong = json.loads(json.dumps(document))
    wrong["components"]["schemas"]["RequestList"]["required"].append("total")
    return wrong


def drive(document, server, token, folder):
    """Runs schemathesis; answers its exit code and what it said."""
    described = pathlib.Path(folder) / "openapi.json"
    described.write_text(json.dumps(document))
    line = [
        str(TOOL), "run", str(described), "--url", server.url("").rstrip("/"),
        "--header", f"Authorization: Bearer {token}", "--checks", CHECKS, "--phases", "examples,coverage,fuzzing",
        "--max-examples", EXAMPLES, "--seed", "20260101", "--suppress-health-check", "all", "--no-color",
        "--generation-database", "none", "--warnings", "off", "--continue-on-failure",
    ]
    done = subprocess.run(line, cwd=folder, capture_output=True, text=True, timeout=300, env={**os.environ, "CI": "1"})
    return done.returncode, done.stdout + done.stderr


def main():
    binary, plant = sys.argv[1], "--plant" in sys.argv
    passed = 0
    with tempfile.TemporaryDirectory() as folder:
        data = pathlib.Path(folder) / "data"
        (email, password), _ = make_fixture(binary, data, None, 20)
        server = Server(command(binary, data, None, "serve", "--listen", "127.0.0.1:0"), pathlib.Path(folder) / "log")
        try:
            shown = Browser(*server.address).get("/api/openapi.json")
            document = json.loads(shown.text)
            printed = subprocess.run([binary, "openapi"], capture_output=True, text=True, check=True).stdout
            if json.loads(printed) != document:
                sys.exit("openapi_peer.py: the command prints another description than the server shows")
            validate(document)
            passed += 2
            token = token_of(server, email, password)
            code, said = drive(planted(document) if plant else document, server, token, folder)
            if server.process.poll() is not None:
                sys.exit("openapi_peer.py: the server ended")
        finally:
            server.stop()
    if plant:
        if code == 0 or "total" not in said:
            sys.exit(f"openapi_peer.py: a wrong description was not noticed\n{said}")
        print("the planted fault was caught")
        return
    print(said)
    if code != 0:
        sys.exit("openapi_peer.py: an answer is not as described")
    cases = re.search(r"Test cases:\s*\n?\s*(\d+) generated", said) or re.search(r"(\d+) generated", said)
    if cases is None or int(cases[1]) < 100:
        sys.exit("openapi_peer.py: too few requests were made")
    print(f"{passed + int(cases[1])} passed, 0 failed")


if __name__ == "__main__":
    main()
