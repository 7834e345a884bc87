"""Stops the server for a second to forty days of its own clock, and accounts for every slot that passed meanwhile.

The clock is moved by libfaketime (Debian package faketime). After each start every slot since the first must have one
row, and the row must say what its schedule wants: run, made up for by a later run that it names, or missed and why.
At last the clock jumps while the server runs, forwards and back: both jumps must be counted, and no slot come twice.

At the end rows are taken away, doubled and falsified; each must be noticed.
"""

import argparse
import glob
import os
import pathlib
import re
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "peers"))
from browsing import REDIRECTS, Browser, Page, local  # noqa: E402
from schedules import Ledger, moment, prepare_environment, set_schedule  # noqa: E402
from serving import Server, command, make_fixture  # noqa: E402

HOUR, DAY = 3600, 24 * 3600

# Each job with its cron expression, the seconds between slots, what it wants of missed ones, and within how many hours.
WANTED = {
    "expire_identities": ("0 0 * * * *", HOUR, "all", 720),
    "move_tasks": ("0 0 * * * *", HOUR, "all", 24),
    "settle_requests": ("0 */5 * * * *", 300, "latest", 720),
    "lapse_grants": ("0 */5 * * * *", 300, "none", 720),
    "raise_offboardings": ("0 0 * * * *", HOUR, "paused", 720),
}
ALL_DOWN = [1, 59, 61, 299, 301, 601, HOUR, HOUR + 1, 6 * HOUR, DAY - 1, DAY, 3 * DAY, 10 * DAY, 31 * DAY, 40 * DAY]
FEW_DOWN = [1, 601, 6 * HOUR, 40 * DAY]

# A slot that is so much late is on time; looks and the clock of this program are this far apart at most.
ON_TIME, SLACK = 600, 60


def verdict(runs, begun, looked, until):
    """What is wrong, one line each. `looked`: the spans in which the server ran, by its own clock."""
    faults, found = [], {}
    by_slot = {(job, slot): (state, why) for job, slot, state, why in runs}
    for job, slot, state, why in runs:
        if slot > until:
            continue
        if (job, slot) in found:
            faults.append(f"{job} at {slot}: two rows")
        found[job, slot] = (state, why)
    for job, (_, period, wants, hours) in WANTED.items():
        first = begun[job] // period * period + period
        for slot in range(first, until + 1, period):
            state, why = found.pop((job, slot), ("without a row", ""))
            late = max(next((start for start, end in looked if slot <= end), until) - slot, 0)
            right, close = expected(wants, hours, late)
            if state not in right and not (close and state in ("done", "coalesced", "missed")):
                faults.append(f"{job} at {slot}, {late} s late: {state} ({why}), {' or '.join(right)} was due")
            if state in ("missed", "coalesced") and not why:
                faults.append(f"{job} at {slot}: {state}, and nothing says why")
            if state == "coalesced" and not is_made_up_for(by_slot, job, slot):
                faults.append(f"{job} at {slot}: {why}, and that leads to no later run that was done")
    faults += [f"{job} at {slot}: there is no such slot" for job, slot in found if slot > begun.get(job, slot)]
    return faults


def is_made_up_for(by_slot, job, slot):
    """Whether the run that a slot names was done, or names another that was: a later look may find a later slot."""
    state, why = by_slot[job, slot]
    while state == "coalesced":
        named = re.search(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) ([+-]\d\d:\d\d)", why)
        later = moment(f"{named[1]}T{named[2]}{named[3]}") if named else slot
        if later <= slot:
            return False
        slot = later
        state, why = by_slot.get((job, slot), ("without a row", ""))
    return state == "done"


def expected(wants, hours, late):
    """The states that are right so late, and whether it is so close to a border that the other may be."""
    window = hours * HOUR
    if wants == "paused":
        return ("missed",), False
    border = ON_TIME if wants == "none" else window
    run = ("done", "coalesced") if wants == "latest" else ("done",)
    return (("missed",) if late > border else run), abs(late - border) <= SLACK


class Clock:
    """What the server takes for the time."""

    def __init__(self, folder):
        libraries = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
        if not libraries:
            raise RuntimeError("libfaketime is missing; install the Debian package faketime")
        self.file, self.ahead = folder / "clock", 0
        self.environment = {
            "LD_PRELOAD": libraries[0],
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": "1",
            # Threads that wait would hang otherwise.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        self.move(0)

    def move(self, seconds):
        self.ahead += seconds
        # In one step: the server reads it meanwhile.
        fresh = self.file.with_suffix(".new")
        fresh.write_text(f"{self.ahead:+d}\n")
        os.replace(fresh, self.file)

    def now(self):
        return int(time.time()) + self.ahead


def until_settled(ledger, clock, patience):
    """Waits until every slot up to now is accounted for and nothing waits."""
    jobs, deadline = list(WANTED), time.time() + patience
    want = clock.now()
    while time.time() < deadline:
        rows = ledger.rows("SELECT job, last_slot_at FROM schedules")
        behind = [job for job, at in rows if job in WANTED and moment(at) + WANTED[job][1] <= want]
        if not behind and not ledger.waiting(jobs, want):
            return
        time.sleep(0.5)
    raise RuntimeError(f"after {patience} s slots are still open: {behind}")


def soak(options, folder):
    prepare_environment()
    (email, password), _ = make_fixture(options.binary, folder / "data", options.database_url, 50)
    ledger, clock = Ledger(folder / "data", options.database_url), Clock(folder)
    line = command(options.binary, folder / "data", options.database_url, "serve", "--listen", "127.0.0.1:0")

    def start():
        return Server(line, folder / "server.log", extra=clock.environment)

    server = start()
    browser = Browser(*server.address)
    browser.sign_in(email, password)
    for job, (cron, _, wants, hours) in WANTED.items():
        set_schedule(browser, job, cron, "all" if wants == "paused" else wants, hours=hours)
    page = browser.get("/jobs/raise_offboardings")
    form = next(form for form in Page(page.text).forms if form.has("reason"))
    if browser.post(local(form.action), form.filled(reason="the soak")).status not in REDIRECTS:
        raise RuntimeError("the job could not be paused")
    begun, looked = ledger.begun(WANTED), []
    since, downs = clock.now(), FEW_DOWN if options.few else ALL_DOWN
    for down in downs:
        until_settled(ledger, clock, 600)
        server.stop()
        looked.append((since, clock.now()))
        clock.move(down)
        since = clock.now()
        server = start()
    until_settled(ledger, clock, 600)

    # The clock jumps beneath the server. A slot that ran ahead does not run again.
    for jump in (2 * HOUR, -2 * HOUR, DAY):
        clock.move(jump)
        deadline = time.time() + 90
        counted = lambda: ledger.rows("SELECT coalesce(sum(jumps), 0) FROM schedulers")[0][0]  # noqa: E731
        before = counted()
        while counted() == before and time.time() < deadline:
            time.sleep(0.5)
        if counted() == before:
            raise RuntimeError(f"the clock jumped by {jump} s, and nobody noticed")
        looked.append((since, clock.now() - jump))
        since = clock.now()
        if jump > 0:
            until_settled(ledger, clock, 600)
    looked.append((since, clock.now()))
    skews = [int(skew) for (skew,) in ledger.rows("SELECT skew_seconds FROM schedulers WHERE skew_seconds IS NOT NULL")]
    server.stop()

    until = min(slot for slot in (moment(at) for job, at in ledger.rows("SELECT job, last_slot_at FROM schedules") if job in WANTED))
    runs = ledger.runs(WANTED)
    faults = verdict(runs, begun, looked, until)
    if options.database_url and not any(skew > 60 for skew in skews):
        faults.append("the clock was days ahead of the database's, and nobody noticed")
    caught = plant_is_caught(runs, begun, looked, until)
    states = {state: sum(1 for run in runs if run[2] == state) for state in sorted({run[2] for run in runs})}
    for fault in faults[:20]:
        print(f"FAILED {fault}")
    print(f"{len(downs)} times down, the longest {max(downs) // DAY} days: {len(runs)} slots, {states}, {len(faults)} faults, "
          f"planted faults {'caught' if caught else 'NOT CAUGHT'}")
    return 1 if faults or not caught else 0


def plant_is_caught(runs, begun, looked, until):
    sound = len(verdict(runs, begun, looked, until))
    of = lambda state: next(at for at, run in enumerate(runs) if run[2] == state and run[1] <= until)  # noqa: E731
    done, missed, coalesced = of("done"), of("missed"), of("coalesced")

    def with_one(at, *rows):
        return runs[:at] + list(rows) + runs[at + 1:]

    planted = [
        with_one(missed),
        with_one(done, runs[done], runs[done]),
        with_one(missed, (*runs[missed][:3], "")),
        with_one(coalesced, (*runs[coalesced][:3], "the run for 2020-01-01 00:00:00 +00:00 makes up for it")),
        [(job, slot, "failed", "planted") if at == done else (job, slot, state, why) for at, (job, slot, state, why) in enumerate(runs)],
    ]
    return all(len(verdict(faulty, begun, looked, until)) > sound for faulty in planted)


def main():
    parser = argparse.ArgumentParser(description="Stops the server for up to forty days of its clock, and accounts for every slot.")
    parser.add_argument("binary")
    parser.add_argument("--few", action="store_true", help="some of the spans only")
    parser.add_argument("--database-url", help="an empty PostgreSQL database; SQLite otherwise")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="muster-downtime-") as folder:
        sys.exit(soak(options, pathlib.Path(folder)))


if __name__ == "__main__":
    main()
