"""Kills the server under write load, again and again, and counts what was acknowledged and lost.

Each writer owns one identity and writes a numbered purpose into it through the edit form. A write
is acknowledged by its redirect. After each kill the server is started again, and for each writer:
  - the purpose shown is the last acknowledged one, or the one that was under way: else it is LOST;
  - every acknowledged number stands in the audit log, once;
  - the log's numbers have no gap, and every leaf and node is the hash it should be.
At the end one write that was never made is claimed, and must be counted as lost.
"""

import argparse
import hashlib
import http.client
import pathlib
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "peers"))
from browsing import REDIRECTS, Browser, Page, local  # noqa: E402
from serving import Server, command, make_fixture  # noqa: E402

READY_GOAL_SECONDS = 2.0


class Writer:
    """One person editing one identity; remembers what was acknowledged."""

    def __init__(self, number, identity, cookies):
        self.identity, self.cookies = identity, dict(cookies)
        self.mark = f"soak-{number}"
        self.counter = 0
        self.acknowledged = []
        self.under_way = None
        self.refused = 0

    def token(self, counter):
        return f"{self.mark}-{counter:07d}."

    def write_until(self, stop, address):
        browser = Browser(*address, timeout=10)
        browser.cookies = self.cookies
        path = f"/identities/{self.identity}/edit"
        while not stop.is_set():
            try:
                page = browser.get(path)
                form = next((form for form in Page(page.text).forms if form.has("purpose")), None)
                if form is None:
                    raise RuntimeError(f"{path} answers {page.status} without a form that holds the purpose")
                self.counter += 1
                self.under_way = self.counter
                answer = browser.post(local(form.action) or path, form.filled(purpose=self.token(self.counter)))
            except (OSError, http.client.HTTPException):
                return  # the kill; what was under way may or may not have happened
            if answer.status in REDIRECTS:
                self.acknowledged.append(self.counter)
                self.under_way = None
            else:
                self.refused += 1
                self.under_way = None

    def shown(self, browser):
        """The number of the purpose that stands now, or None."""
        page = browser.get(f"/identities/{self.identity}/edit")
        purposes = [value for form in Page(page.text).forms for name, value in form.values if name == "purpose"]
        match = re.search(rf"{self.mark}-(\d{{7}})\.", " ".join(purposes))
        return int(match[1]) if match else None

    def lost(self, browser, audited):
        """What is missing now, one line each."""
        lines, shown = [], self.shown(browser)
        if self.acknowledged and shown not in (self.acknowledged[-1], self.under_way):
            lines.append(f"{self.mark}: {self.acknowledged[-1]} was acknowledged, {shown} is shown")
        missing = [each for each in self.acknowledged if self.token(each) not in audited]
        lines += [f"{self.mark}: {each} was acknowledged and is not in the audit log" for each in missing]
        return lines


def digest(data):
    return hashlib.sha256(data).digest()


class Log:
    """The audit log of either database, read beside the server."""

    def __init__(self, data, database_url):
        self.data, self.database_url = pathlib.Path(data), database_url

    def rows(self, query):
        if self.database_url:
            done = subprocess.run(["psql", self.database_url, "-AtF", "|", "-c", query], check=True, capture_output=True, text=True)
            return [line.split("|") for line in done.stdout.splitlines()]
        connection = sqlite3.connect(f"file:{self.file()}?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(query.replace("encode(", "lower(hex(").replace(", 'hex')", "))")).fetchall()
        finally:
            connection.close()

    def file(self):
        for path in sorted(self.data.rglob("*")):
            if path.is_file() and path.open("rb").read(16) == b"SQLite format 3\0":
                return path
        raise RuntimeError(f"no SQLite database under {self.data}")

    def faults(self):
        """What is torn, one line each."""
        lines = []
        if not self.database_url:
            for (answer,) in self.rows("PRAGMA integrity_check"):
                if answer != "ok":
                    lines.append(f"integrity check: {answer}")
            lines += [f"foreign key: {row}" for row in self.rows("PRAGMA foreign_key_check")]
        entries = self.rows("SELECT seq, encode(body, 'hex'), encode(leaf, 'hex') FROM audit_entries ORDER BY seq")
        nodes = {(int(level), int(at)): node for level, at, node in self.rows("SELECT level, position, encode(hash, 'hex') FROM audit_nodes")}
        size = int(self.rows("SELECT size FROM audit_head")[0][0])
        first = int(entries[0][0]) if entries else 0
        if [int(row[0]) for row in entries] != list(range(first, first + size)):
            lines.append(f"the head says {size}, and the entries' numbers do not run through")
        leaves = [digest(b"\0" + bytes.fromhex(body)) for _, body, _ in entries]
        lines += [f"entry {row[0]}: its leaf is not the hash of its body" for row, leaf in zip(entries, leaves) if row[2] != leaf.hex()]
        expected, level = {}, 0
        while leaves:
            expected.update({(level, at): node.hex() for at, node in enumerate(leaves)})
            leaves = [digest(b"\1" + leaves[at] + leaves[at + 1]) for at in range(0, len(leaves) - 1, 2)]
            level += 1
        if expected != nodes:
            lines.append(f"{len(set(expected.items()) ^ set(nodes.items()))} nodes of the tree are not what the entries make")
        return lines

    def tokens(self):
        """Every numbered purpose that stands in an audit body."""
        found = set()
        for (body,) in self.rows("SELECT encode(body, 'hex') FROM audit_entries"):
            found.update(re.findall(r"soak-\d+-\d{7}\.", bytes.fromhex(body).decode("utf-8", "replace")))
        return found


def newest(browser):
    """Ids of identities on the first page."""
    identifiers = re.findall(r'href="/identities/([0-9a-f-]{36})"', browser.get("/identities").text)
    return list(dict.fromkeys(identifiers))


def main():
    parser = argparse.ArgumentParser(description="Kills the server under write load and counts lost acknowledged writes.")
    parser.add_argument("binary")
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--database-url", help="an empty PostgreSQL database; SQLite otherwise")
    options = parser.parse_args()
    random.seed(options.seed)
    with tempfile.TemporaryDirectory(prefix="muster-soak-") as folder:
        sys.exit(soak(options, pathlib.Path(folder)))


def soak(options, folder):
    data, log = folder / "data", folder / "server.log"
    (email, password), _ = make_fixture(options.binary, data, options.database_url, 1000)
    line = command(options.binary, data, options.database_url, "serve", "--listen", "127.0.0.1:0")
    server = Server(line, log)
    browser = Browser(*server.address)
    browser.sign_in(email, password)
    identities = newest(browser)
    if len(identities) < options.writers:
        raise RuntimeError(f"the list shows {len(identities)} identities, {options.writers} are needed")
    writers = [Writer(number, identities[number], browser.cookies) for number in range(options.writers)]
    audit = Log(data, options.database_url)
    lost, torn, slow, kills, readiest = [], [], 0, 0, 0.0
    end = time.monotonic() + options.seconds
    failures = []

    def run(writer, stop):
        try:
            writer.write_until(stop, server.address)
        except Exception as failure:  # reported by the main thread
            failures.append(f"{writer.mark}: {failure}")

    while time.monotonic() < end and not lost and not torn and not failures:
        stop = threading.Event()
        threads = [threading.Thread(target=run, args=(writer, stop)) for writer in writers]
        for thread in threads:
            thread.start()
        time.sleep(random.uniform(0.05, 0.9))
        server.kill()
        stop.set()
        for thread in threads:
            thread.join()
        kills += 1
        server = Server(line, log)
        readiest = max(readiest, server.ready_after)
        slow += server.ready_after > READY_GOAL_SECONDS
        browser = Browser(*server.address)
        browser.cookies = dict(writers[0].cookies)
        # The whole log is read now and then; it grows, and the kills are the point.
        thorough = kills % 10 == 0 or time.monotonic() >= end
        audited = audit.tokens() if thorough else Everything()
        for writer in writers:
            lost += writer.lost(browser, audited)
        if thorough:
            torn += audit.faults()
        for writer in writers:
            if writer.under_way is not None and writer.shown(browser) == writer.under_way:
                writer.acknowledged.append(writer.under_way)  # it was shown to a reader: it must stay
            writer.under_way = None

    audited = audit.tokens()
    for writer in writers:
        lost += writer.lost(browser, audited)
    torn += audit.faults()
    writers[0].acknowledged.append(9_999_999)
    caught = len(writers[0].lost(browser, audited)) >= 2
    server.stop()
    written = sum(len(writer.acknowledged) for writer in writers) - 1
    refused = sum(writer.refused for writer in writers)
    lost = list(dict.fromkeys(lost))
    for text in failures + lost + torn:
        print(f"FAILED {text}")
    print(f"seed {options.seed}: {kills} kills, {written} writes acknowledged, {refused} refused, {len(lost)} signs of loss, "
          f"{len(torn)} torn, {slow} starts over {READY_GOAL_SECONDS} s (slowest {readiest:.2f} s), "
          f"planted loss {'caught' if caught else 'NOT CAUGHT'}")
    if written == 0 or kills == 0:
        print("FAILED nothing was written or nothing was killed: this run proves nothing")
        return 1
    return 1 if failures or lost or torn or slow or not caught else 0


class Everything:
    """A set that holds every token: stands in when the log is not read this time."""

    def __contains__(self, _):
        return True


if __name__ == "__main__":
    main()
