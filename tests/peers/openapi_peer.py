"""Holds the description of the interface for programs against the running server.

    openapi_peer.py BINARY [--plant]     --plant describes an answer wrongly, which must be noticed

The document is judged by openapi-spec-validator; schemathesis makes requests from it, right ones and wrong
ones, and looks whether each answer has a status, a kind and a shape that the document names, and never a 5xx.
"""

import collections
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


def day(days):
    """The day so many days from now."""
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() + days * 24 * 3600))


def token_of(server, email, password):
    """A token with the scopes of a portal, made on the page as a person does."""
    browser = Browser(*server.address)
    browser.sign_in(email, password)
    page = browser.get("/account/tokens")
    form = next(form for form in Page(page.text).forms if form.has("purpose"))
    fields = form.filled(name="Portal", purpose="Drives the interface", ends_on=day(7))
    answer = browser.post("/account/tokens", fields + [("scopes", "read"), ("scopes", "file_requests")])
    found = re.search(r"muster_api_[0-9A-Za-z]{36}", answer.text)
    if found is None:
        raise RuntimeError(f"/account/tokens answered {answer.status} without a token")
    return found[0]


def ask(server, token, method, path, document=None):
    """One request with the token; what was answered."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body = None if document is None else json.dumps(document)
    answer = Browser(*server.address).request(method, path, body, headers)
    if answer.status not in (200, 201):
        raise RuntimeError(f"{method} {path} was answered {answer.status}: {answer.text}")
    return answer.text


def fitted(document, server, token):
    """The same document with examples that are about things of this register."""
    fit = json.loads(json.dumps(document))
    lines = ask(server, token, "GET", "/identities.jsonl").splitlines()
    one, other = (json.loads(line)["id"] for line in lines[:2])
    examples = fit["paths"]["/api/requests"]["post"]["requestBody"]["content"]["application/json"]["examples"]
    examples["A new app"]["value"]["registration"]["business_owner"] = None
    for example in examples.values():
        example["value"]["until"] = day(30)
    change = examples["A change"]["value"]
    for identity in (other, one):
        change["identity_id"] = identity
        change.pop("identity_version", None)
        looked = json.loads(ask(server, token, "POST", "/api/requests/preview", change))
        change["identity_version"] = looked["identity_version"]
        if identity == other:
            filed = json.loads(ask(server, token, "POST", "/api/requests", change))
    for path in ("/api/requests/{id}", "/api/requests/{id}/withdraw"):
        for operation in fit["paths"][path].values():
            operation["parameters"][0]["example"] = filed["id"]
    return fit


def planted(document):
    """The same document, which promises a member that no list has."""
    wrong = json.loads(json.dumps(document))
    wrong["components"]["schemas"]["RequestList"]["required"].append("total")
    return wrong


def drive(document, server, token, folder, only=()):
    """Runs schemathesis; answers its exit code and what it said."""
    described = pathlib.Path(folder) / "openapi.json"
    described.write_text(json.dumps(document))
    line = [
        str(TOOL), "run", str(described), "--url", server.url("").rstrip("/"),
        "--header", f"Authorization: Bearer {token}", "--checks", CHECKS, "--phases", "examples,coverage,fuzzing",
        "--max-examples", EXAMPLES, "--seed", "20260101", "--suppress-health-check", "all", "--no-color",
        "--generation-database", "none", "--warnings", "off", "--continue-on-failure", *only,
    ]
    done = subprocess.run(line, cwd=folder, capture_output=True, text=True, timeout=300, env={**os.environ, "CI": "1"})
    return done.returncode, done.stdout + done.stderr


def statuses(log):
    """How often the server answered at an address for programs, by status."""
    found = collections.Counter()
    for line in log.read_text("utf-8", "replace").splitlines():
        match = re.search(r'"path":"/api/[^}]*?"status":(\d+)', line)
        if match:
            found[int(match[1])] += 1
    return found


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
            described = fitted(document, server, token)
            if plant:
                code, said = drive(planted(described), server, token, folder, ["--include-operation-id", "list_requests"])
            else:
                code, said = drive(described, server, token, folder)
            if server.process.poll() is not None:
                sys.exit("openapi_peer.py: the server ended")
        finally:
            server.stop()
        answered = statuses(server.log)
    if plant:
        if code == 0 or "total" not in said:
            sys.exit(f"openapi_peer.py: a wrong description was not noticed\n{said}")
        print("the planted fault was caught")
        return
    print(said)
    if code != 0:
        sys.exit("openapi_peer.py: an answer is not as described")
    print("answers by status:", dict(sorted(answered.items())))
    if not {200, 201, 400, 404, 409, 422} <= answered.keys():
        sys.exit("openapi_peer.py: the requests do not reach far enough")
    cases = re.search(r"Test cases:\s*\n?\s*(\d+) generated", said) or re.search(r"(\d+) generated", said)
    if cases is None or int(cases[1]) < 100:
        sys.exit("openapi_peer.py: too few requests were made")
    print(f"{passed + int(cases[1])} passed, 0 failed")


if __name__ == "__main__":
    main()
