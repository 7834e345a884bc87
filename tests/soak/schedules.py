"""What the soak of the scheduler shares: schedules set through the pages, and a ledger read by SQL.

Standard library only.
"""

import datetime
import os
import pathlib
import re
import sqlite3
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "peers"))
from browsing import REDIRECTS, Page, local  # noqa: E402

JOBS = (
    "raise_recertifications",
    "raise_offboardings",
    "expire_identities",
    "lapse_grants",
    "settle_requests",
    "move_tasks",
    "purge_sessions",
)

# Every replica has the same key, and looks as often as it may.
ENVIRONMENT = {
    "MUSTER_FINGERPRINT_KEY": "5a" * 32,
    "MUSTER_TICK_SECONDS": "1",
    "MUSTER_LEASE_SECONDS": "3",
    "RUST_LOG": "warn",
}


def prepare_environment():
    os.environ.update(ENVIRONMENT)


def moment(text):
    """A moment as either database prints it, in whole seconds since 1970."""
    text = re.sub(r"\.\d+", "", text.strip().replace(" ", "T")).replace("Z", "+00:00")
    return int(datetime.datetime.fromisoformat(re.sub(r"([+-]\d\d)$", r"\1:00", text)).timestamp())


class Ledger:
    """The database, read beside the servers. Written only before they start."""

    def __init__(self, data, database_url):
        self.file, self.database_url = pathlib.Path(data) / "muster.db", database_url

    def rows(self, query):
        if self.database_url:
            done = subprocess.run(
                ["psql", self.database_url, "-AtqF", "\t", "-v", "ON_ERROR_STOP=1", "-c", query],
                check=True, capture_output=True, text=True,
            )
            return [line.split("\t") for line in done.stdout.splitlines()]
        connection = sqlite3.connect(f"file:{self.file}", uri=True, timeout=20, isolation_level=None)
        try:
            return [["" if value is None else str(value) for value in row] for row in connection.execute(query)]
        finally:
            connection.close()

    def runs(self, jobs):
        """(job, slot, state, reason) of every slot of these jobs."""
        named = ", ".join(f"'{job}'" for job in jobs)
        query = f"SELECT job, slot_at, state, coalesce(reason, coalesce(error, '')) FROM job_runs WHERE started_by = 'schedule' AND job IN ({named})"
        return [(job, moment(slot), state, reason) for job, slot, state, reason in self.rows(query)]

    def waiting(self, jobs, until):
        """Slots up to a second that have no end yet."""
        return sum(1 for _, slot, state, _ in self.runs(jobs) if slot <= until and state in ("due", "claimed"))

    def begun(self, jobs):
        """Since which second the slots of a job count."""
        return {job: moment(at) for job, at in self.rows("SELECT job, updated_at FROM schedules") if job in jobs}

    def accounted(self, jobs):
        """Up to which second the slots of every job are accounted for."""
        return min(moment(at) for job, at in self.rows("SELECT job, last_slot_at FROM schedules") if job in jobs)


def set_schedule(browser, job, cron, catch_up, overlap="queue", hours=720):
    """Through the form of the job's page."""
    page = browser.get(f"/jobs/{job}")
    form = next((form for form in Page(page.text).forms if form.has("cron")), None)
    if form is None:
        raise RuntimeError(f"/jobs/{job} answers {page.status} without a form that holds the schedule")
    filled = form.filled(cron=cron, time_zone="UTC", catch_up=catch_up, overlap=overlap, catch_up_hours=str(hours))
    answer = browser.post(local(form.action), filled)
    if answer.status not in REDIRECTS:
        raise RuntimeError(f"the schedule of {job} was answered {answer.status}: {re.sub('<[^>]+>', ' ', answer.text)[-500:]}")
