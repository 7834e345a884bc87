"""Sends mail through a server that fails in every way, while every part is killed; counts what was lost or doubled.

Notices are put into the outbox by SQL, and digests by the program's own jobs. Then senders work in rounds:
`muster jobs run send_mail` twice beside each other, in some rounds `muster serve` as well, all against
tests/soak/chaos_server.py. In most rounds the senders are killed with -9, in some the mail server is. When all
have stopped, everything that waits in the outbox is moved back by six hours, which is as if they had passed.

At the end, for each mail that was ever queued:
  - it is in the outbox, and has ended;
  - sent: it arrived. Dead: it did not, and no try was in doubt. Uncertain: a try was, and it says why;
  - it arrived at most twice; twice only if the sender of the first could not settle it: the server gave no
    answer, or one of the two was killed. No round left more mails under way than it killed senders;
  - it always had the same Message-ID, which for digests is that of its key.
One mail is deleted by SQL and the Message-ID of another changed between two tries: both must be found.
"""

import argparse
import collections
import datetime
import hashlib
import json
import os
import pathlib
import random
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "peers"))
from browsing import REDIRECTS, Browser, Page, local  # noqa: E402
from serving import Server, command, make_fixture  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
SENDERS = 2
PASSED = datetime.timedelta(hours=6)
WAITS = "state IN ('pending', 'sending', 'uncertain') AND (state = 'pending' OR lease_until IS NOT NULL)"
MOST_ROUNDS = 600
DELETED, CHANGED = "soak:planted:deleted", "soak:planted:changed"

Row = collections.namedtuple("Row", "key state fence message_id error held")


class Outbox:
    """The table of either database."""

    def __init__(self, data, database_url):
        self.file, self.url = pathlib.Path(data) / "muster.db", database_url

    def read(self, query):
        if self.url:
            line = ["psql", self.url, "-XqAt", "-F", "\x1f", "-c", query]
            done = subprocess.run(line, check=True, capture_output=True, text=True)
            return [tuple(row.split("\x1f")) for row in done.stdout.splitlines()]
        connection = sqlite3.connect(self.file, timeout=30)
        try:
            return [tuple("" if value is None else str(value) for value in row) for row in connection.execute(query)]
        finally:
            connection.close()

    def write(self, statements):
        if self.url:
            text = "BEGIN;\n" + ";\n".join(statements) + ";\nCOMMIT;\n"
            line = ["psql", self.url, "-Xq", "-v", "ON_ERROR_STOP=1", "-f", "-"]
            subprocess.run(line, check=True, input=text, capture_output=True, text=True)
            return
        connection = sqlite3.connect(self.file, timeout=30)
        try:
            with connection:
                for statement in statements:
                    connection.execute(statement)
        finally:
            connection.close()

    def identifier(self, value):
        return f"'{value}'" if self.url else f"x'{uuid.UUID(str(value)).hex}'"

    def people(self):
        name = "id::text" if self.url else "lower(hex(id))"
        return [row[0] for row in self.read(f"SELECT {name} FROM people WHERE left_on IS NULL ORDER BY 1 LIMIT 200")]

    def rows(self):
        held = "CASE WHEN lease_until IS NULL THEN 0 ELSE 1 END"
        query = f"SELECT dedupe_key, state, fence, message_id, coalesce(error, ''), {held} FROM outbox"
        return {row[0]: Row(*row) for row in self.read(query)}

    def pass_time(self):
        """What waits has waited six hours longer, and so has whoever waits for a worker that was killed."""
        if self.url:
            by = f"interval '{int(PASSED.total_seconds())} seconds'"
            return self.write([
                f"UPDATE outbox SET next_at = next_at - {by}, lease_until = lease_until - {by} WHERE {WAITS}",
                f"UPDATE job_runs SET lease_until = lease_until - {by} WHERE state = 'claimed'",
            ])
        found = self.read(f"SELECT lower(hex(id)), next_at, coalesce(lease_until, '') FROM outbox WHERE {WAITS}")
        held = self.read("SELECT lower(hex(id)), lease_until FROM job_runs WHERE state = 'claimed'")
        self.write([
            f"UPDATE outbox SET next_at = '{earlier(next_at)}', lease_until = {quoted(earlier(lease))} WHERE id = x'{row}'"
            for row, next_at, lease in found
        ] + [f"UPDATE job_runs SET lease_until = {quoted(earlier(lease))} WHERE id = x'{row}'" for row, lease in held])


def earlier(text):
    if not text:
        return ""
    at = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ") - PASSED
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def quoted(text):
    return f"'{text}'" if text else "NULL"


def message_id(key):
    """What the program makes of a key."""
    return hashlib.sha256(key.encode()).hexdigest()[:32] + "@muster"


def insert(outbox, key, subject, recipient, at):
    notice = {"subject": subject, "lines": ["One line."], "path": "/tasks", "link_words": "Open your tasks", "if_nothing": ""}
    columns = "id, dedupe_key, kind, recipient_id, digest_on, state, attempts, next_at, fence, message_id, created_at, notice"
    return (
        f"INSERT INTO outbox ({columns}) VALUES ({outbox.identifier(uuid.uuid4())}, '{key}', 'notice', "
        f"{outbox.identifier(recipient)}, '2026-01-05', 'pending', 0, '{at}', 0, '{message_id(key)}', '{at}', "
        f"'{json.dumps(notice)}')"
    )


class MailServer:
    """The server that fails, which is killed and started again at one address."""

    def __init__(self, events, seed):
        self.events, self.seed, self.process = events, seed, None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.start()

    def start(self):
        self.seed += 1
        line = [sys.executable, HERE / "chaos_server.py", str(self.port), self.events, str(self.seed)]
        self.process = subprocess.Popen(line, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        if self.process.stdout.readline() != b"ready\n":
            raise RuntimeError("the mail server did not start")

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def seen(self):
        """What it did so far."""
        lines = []
        for text in self.events.read_text("utf-8").splitlines():
            try:
                lines.append(json.loads(text))
            except ValueError:
                pass  # empty, or cut off by a kill: nobody was told of it
        return lines


class Soak:
    """One run: its processes, and what it saw."""

    def __init__(self, options, folder):
        self.options, self.data, self.log = options, folder / "data", folder / "server.log"
        self.random = random.Random(options.seed)
        self.mail = MailServer(folder / "events", options.seed)
        os.environ.update({
            "MUSTER_SMTP_HOST": "127.0.0.1",
            "MUSTER_SMTP_PORT": str(self.mail.port),
            "MUSTER_SMTP_SECURITY": "none",
            "MUSTER_SMTP_TIMEOUT_SECONDS": "1",
            "MUSTER_MAIL_FROM": "Muster <muster@hospital.example>",
            "RUST_LOG": "error",
        })
        self.sign_in, _ = make_fixture(options.binary, self.data, options.database_url, options.identities)
        self.outbox = Outbox(self.data, options.database_url)
        self.cookies, self.faults, self.subjects = None, [], {}
        # By key: in which rounds it was left under way; and each such claim, by its key and fence.
        self.left = collections.defaultdict(list)
        self.known = set()
        self.kills = collections.Counter()

    def run_job(self, name):
        line = command(self.options.binary, self.data, self.options.database_url, "jobs", "run", name)
        done = subprocess.run(line, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"muster jobs run {name} failed: {done.stderr.strip()[-1000:]}")

    def fill(self):
        for job in ("raise_recertifications", "raise_offboardings"):
            self.run_job(job)
        digests = [row for row in self.outbox.rows().values() if row.key.startswith("digest:")]
        for row in digests:
            if row.message_id != message_id(row.key):
                self.faults.append(f"{row.key}: its Message-ID {row.message_id} is not that of its key")
        people = self.outbox.people()
        statements = []
        for number in range(self.options.mails - len(digests)):
            key, subject = f"soak:{number:06d}", f"Soak notice {number:06d}"
            self.subjects[key] = subject
            statements.append(insert(self.outbox, key, subject, people[number % len(people)], "2026-01-05T08:00:00.000000Z"))
        for key, at in ((DELETED, "2999-01-01T00:00:00.000000Z"), (CHANGED, "2026-01-05T07:00:00.000000Z")):
            self.subjects[key] = f"Soak notice planted {key}"
            statements.append(insert(self.outbox, key, self.subjects[key], people[0], at))
        self.outbox.write(statements)
        # Digests wait for the morning.
        for _ in range(8):
            self.outbox.pass_time()
        self.expected = self.outbox.rows()
        self.waiting = len(self.expected)
        return len(digests)

    def serve(self):
        """Starts the server and has its scheduler send mail."""
        line = command(self.options.binary, self.data, self.options.database_url, "serve", "--listen", "127.0.0.1:0")
        server = Server(line, self.log)
        browser = Browser(*server.address)
        if self.cookies is None:
            browser.sign_in(*self.sign_in)
            self.cookies = dict(browser.cookies)
        browser.cookies = dict(self.cookies)
        page = browser.get("/jobs/send_mail")
        form = next(form for form in Page(page.text).forms if form.action.endswith("/run"))
        if browser.post(local(form.action), form.filled()).status not in REDIRECTS:
            raise RuntimeError("the job could not be started from its page")
        return server

    def round(self, number):
        """Starts the senders, kills some of what runs, and waits until every sender has stopped."""
        before = len(self.mail.seen())
        server = self.serve() if self.random.random() < 0.25 else None
        line = command(self.options.binary, self.data, self.options.database_url, "jobs", "run", "send_mail")
        senders = [subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(SENDERS)]
        kills = collections.Counter()
        # While much waits, nearly every round is cut off; what is left then goes its way.
        if self.random.random() < (0.95 if self.waiting > len(self.expected) / 10 else 0.5):
            time.sleep(self.random.uniform(0.2, self.options.longest))
            if self.random.random() < 0.2:
                self.mail.kill()
                kills["mail server"] += 1
                time.sleep(self.random.uniform(0, 0.5))
                self.mail.start()
                time.sleep(self.random.uniform(0, 0.5))
            for sender in senders:
                if sender.poll() is None:
                    sender.kill()
                    kills["sender"] += 1
                time.sleep(self.random.uniform(0, 0.3))
        if server:
            time.sleep(self.random.uniform(0, 3))
            server.kill()
            kills["serve"] += 1
        for sender in senders:
            _, error = sender.communicate()
            # Two runs of one job are never beside each other: whoever comes second is told so, and sends nothing.
            refused = sender.returncode == 1 and b"a run of this job is under way" in error
            if sender.returncode not in (0, -9) and not refused:
                self.faults.append(f"round {number}: a sender ended with {sender.returncode}: {error.decode()[-500:]}")
        self.kills += kills
        self.account(number, kills, self.mail.seen()[before:])

    def account(self, number, kills, seen):
        """Which mails the round left under way, and why it could."""
        silent = {each["message-id"] for each in seen if each["event"] == "unanswered"}
        unexplained = []
        for row in self.outbox.rows().values():
            if row.held == "1" and (row.key, row.fence) not in self.known:
                self.known.add((row.key, row.fence))
                if row.state == "sending" and self.left[row.key]:
                    continue  # its second sending certainly failed, and waits
                self.left[row.key].append(number)
                if row.message_id not in silent:
                    unexplained.append(row.key)
        senders = SENDERS + kills["serve"]
        most = kills["sender"] + kills["serve"] + kills["mail server"] * senders
        if len(unexplained) > most:
            self.faults.append(f"round {number}: {len(unexplained)} mails were left under way by {most} kills: {unexplained}")
        counted = collections.Counter(each["message-id"] for each in seen if each["event"] == "taken")
        self.faults += [f"round {number}: {each} arrived twice in one round" for each, count in counted.items() if count > 1]

    def plant(self):
        """Changes the Message-ID of a mail that was tried once and waits to be tried again."""
        row = self.outbox.rows()[CHANGED]
        if row.message_id == message_id(CHANGED) and row.held == "1":
            self.outbox.write([f"UPDATE outbox SET message_id = 'changed@muster' WHERE dedupe_key = '{CHANGED}'"])

    def work(self):
        for number in range(1, MOST_ROUNDS):
            self.round(number)
            self.plant()
            self.outbox.pass_time()
            waiting = [row for row in self.outbox.rows().values() if row.state == "pending" or row.held == "1"]
            self.waiting = len(waiting)
            if all(row.key == DELETED for row in waiting):
                break
        self.outbox.write([f"DELETE FROM outbox WHERE dedupe_key = '{DELETED}'"])
        return number

    def judge(self):
        """Everything that is wrong: the key, and a line."""
        rows, taken, silent = self.outbox.rows(), collections.defaultdict(list), set()
        # A server that was started may have queued more.
        expected_rows = {**rows, **self.expected}
        by_subject = {subject: key for key, subject in self.subjects.items()}
        by_message = {row.message_id: key for key, row in expected_rows.items()}
        wrong = []
        for each in self.mail.seen():
            key = by_subject.get(each["subject"]) or by_message.get(each["message-id"])
            if key is None:
                wrong.append((None, f"a mail that nobody queued arrived: {each}"))
            elif each["event"] == "taken":
                taken[key].append(each["message-id"])
            elif each["event"] == "unanswered":
                silent.add(key)
        for key, expected in expected_rows.items():
            row, arrived, left = rows.get(key), taken[key], self.left[key]
            say = lambda text: wrong.append((key, f"{key}: {text}"))  # noqa: E731
            if row is None:
                say(f"it is no longer in the outbox, and arrived {len(arrived)} times")
                continue
            if set(arrived) - {expected.message_id} or row.message_id != expected.message_id:
                say(f"its Message-ID was {expected.message_id}; it arrived as {arrived} and is {row.message_id} now")
            if row.state == "sent" and not arrived:
                say("it is said to be sent and never arrived")
            elif row.state == "dead" and (arrived or key in silent or left or not row.error):
                say(f"it is said to be dead, {arrived=} in doubt {key in silent} left under way {left} because {row.error!r}")
            elif row.state == "uncertain" and (row.held == "1" or not left or not row.error):
                say(f"it is said to be uncertain, held {row.held} left under way {left} because {row.error!r}")
            elif row.state == "empty" and (arrived or left or not key.startswith("digest:")):
                say(f"it is said to have had nothing to say, {arrived=} left under way {left}")
            elif row.state in ("pending", "sending"):
                say(f"it has not ended: {row}")
            if len(arrived) > 2:
                say(f"it arrived {len(arrived)} times")
            if len(arrived) == 2 and not left:
                say("it arrived twice, and no sender of it was lost")
        states = collections.Counter(row.state for row in rows.values())
        doubles = sum(len(each) > 1 for key, each in taken.items() if key != CHANGED)
        return wrong, states, doubles


def soak(options, folder):
    run = Soak(options, folder)
    try:
        digests = run.fill()
        rounds = run.work()
        wrong, states, doubles = run.judge()
    finally:
        run.mail.kill()
    planted = {key for key, _ in wrong if key in (DELETED, CHANGED)}
    failures = run.faults + [line for key, line in wrong if key not in (DELETED, CHANGED)]
    for line in failures[:40]:
        print(f"FAILED {line}")
    caught = planted == {DELETED, CHANGED}
    counts = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    kills = ", ".join(f"{count} of {what}" for what, count in sorted(run.kills.items()))
    print(f"seed {options.seed}: {len(run.expected)} mails ({digests} digests) in {rounds} rounds; {counts}; {doubles} "
          f"arrived twice; kills: {kills or 'none'}; {len(failures)} signs of loss or doubling; planted faults "
          f"{'caught' if caught else 'NOT CAUGHT'}")
    if not run.kills["sender"] or not states["sent"] or not doubles and options.mails >= 1000:
        print("FAILED nothing was killed, sent or doubled: this run proves nothing")
        return 1
    return 1 if failures or not caught else 0


def main():
    parser = argparse.ArgumentParser(description="Sends mail through a server that fails, and counts what is lost or doubled.")
    parser.add_argument("binary")
    parser.add_argument("--mails", type=int, default=5000)
    parser.add_argument("--identities", type=int, default=1000)
    parser.add_argument("--longest", type=float, default=6.0, help="the longest that senders live before they are killed")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--database-url", help="an empty PostgreSQL database; SQLite otherwise")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="muster-mail-") as folder:
        sys.exit(soak(options, pathlib.Path(folder)))


if __name__ == "__main__":
    main()
