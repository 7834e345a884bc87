"""What a sweep costs: the reviews that are due, and nothing for those that are not.

Over registers of growing size the job raise_recertifications is run three times: when nothing is due, when a fixed
number is due, and when one in a hundred is. The time of the first is the price of a start and a look; what the other two
take beyond it is what their reviews cost. Printed is the curve; it fails when the fixed number costs more than 1.5 times
as much in the largest register as in the smallest, or when a review that is due was not opened. At the end an index is
taken away, and the same sweep must be seen to grow; and one identity is taken back that was counted as due, whose missing
review must be seen.

With --print the times are printed and nothing is demanded of them, and each sweep is run once: for registers so small, or
machines so busy, that times say nothing. That every review that is due was opened is demanded all the same.

  sweep.py BINARY [--sizes 10000 100000 1000000] [--due 1000] [--print] [--database-url URL]
"""

import argparse
import datetime
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "peers"))
from serving import command, make_fixture  # noqa: E402

LIMIT = 1.5
RUNS = 3


class Register:
    """One register of a size, on SQLite in a folder or in a database of its own on PostgreSQL."""

    def __init__(self, binary, size, url, scratch):
        self.binary, self.size = binary, size
        self.data = pathlib.Path(scratch) / f"register-{size}"
        self.data.mkdir()
        self.url = None
        if url:
            name = f"sweep_{size}"
            psql(url, f"DROP DATABASE IF EXISTS {name}")
            psql(url, f"CREATE DATABASE {name}")
            self.url = url.rsplit("/", 1)[0] + f"/{name}"
        make_fixture(binary, self.data, self.url, size)
        self.today = datetime.datetime.now(datetime.timezone.utc).date()
        self.later = self.today + datetime.timedelta(days=45)
        # Nothing is due by itself: every clock is set and right, no contract ends, nobody has left.
        self.sql(f"UPDATE identities SET next_review_on = '{self.later}' WHERE state IN ('active', 'suspended')")
        self.sql("UPDATE vendors SET contract_ends_on = NULL")
        self.sql("UPDATE people SET left_on = NULL")
        self.settle()

    def sql(self, statement):
        if self.url:
            return psql(self.url, statement)
        connection = sqlite3.connect(self.data / "muster.db", timeout=60)
        try:
            with connection:
                rows = connection.execute(statement).fetchall()
            return str(rows[0][0]) if rows else ""
        finally:
            connection.close()

    def settle(self):
        if self.url:
            psql(self.url, "VACUUM ANALYZE")

    def due(self, number):
        """Makes so many due today that nobody was asked about; spread over the register."""
        ids = (
            "SELECT id FROM identities WHERE state IN ('active', 'suspended') AND id NOT IN "
            "(SELECT identity_id FROM review_reasons) ORDER BY name_key"
        )
        self.sql(f"UPDATE identities SET next_review_on = '{self.today}' WHERE id IN ({ids} LIMIT {number})")

    def due_no_more(self):
        """Takes one back that is due and that nobody was asked about."""
        one = (
            f"SELECT id FROM identities WHERE next_review_on = '{self.today}' AND id NOT IN "
            "(SELECT identity_id FROM review_reasons) ORDER BY name_key LIMIT 1"
        )
        self.sql(f"UPDATE identities SET next_review_on = '{self.later}' WHERE id IN ({one})")

    def run(self):
        """Runs the job; answers its seconds and how many reviews it opened."""
        before = int(self.sql("SELECT count(*) FROM reviews"))
        line = command(self.binary, self.data, self.url, "jobs", "run", "raise_recertifications")
        begun = time.monotonic()
        done = subprocess.run(line, capture_output=True, text=True)
        took = time.monotonic() - begun
        if done.returncode != 0:
            raise RuntimeError(f"jobs run raise_recertifications failed: {done.stderr.strip()[-1000:]}")
        return took, int(self.sql("SELECT count(*) FROM reviews")) - before

    def quiet(self, runs):
        """The median of runs with nothing to do."""
        return sorted(self.run()[0] for _ in range(runs))[runs // 2]


def psql(url, statement):
    done = subprocess.run(["psql", "-qAt", url, "-c", statement], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def missing(size, opened, wanted):
    """What is said where not every review that is due was opened."""
    return [] if opened == wanted else [f"{size:,}: {opened:,} of {wanted:,} reviews were opened"]


def measure(register, fixed, runs, faults):
    quiet = register.quiet(runs)
    fixed_times = []
    for _ in range(runs):
        register.due(fixed)
        took, opened = register.run()
        faults += missing(register.size, opened, fixed)
        fixed_times.append(took)
    share = max(register.size // 100, 1)
    register.due(share)
    took, opened = register.run()
    faults += missing(register.size, opened, share)
    return quiet, sorted(fixed_times)[runs // 2], share, took


def is_noticed(register):
    """The planted fault: one of two that are counted as due is none, so one review is missing."""
    register.due(2)
    register.due_no_more()
    return bool(missing(register.size, register.run()[1], 2))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", type=pathlib.Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--due", type=int, default=1_000)
    parser.add_argument("--print", action="store_true", help="print the times, and demand nothing of them")
    parser.add_argument("--database-url")
    options = parser.parse_args()
    runs = 1 if options.print else RUNS
    faults, curve = [], []
    kind = "PostgreSQL" if options.database_url else "SQLite"
    with tempfile.TemporaryDirectory(prefix="muster-sweep-") as scratch:
        for size in options.sizes:
            register = Register(options.binary, size, options.database_url, scratch)
            curve.append((size, *measure(register, options.due, runs, faults)))
        if not is_noticed(register):
            faults.append("the planted fault was not seen: a review that was not opened")
        # The planted fault: without the index that holds only what can come due, the register is read.
        register.sql("DROP INDEX identities_clocks")
        register.sql("DROP INDEX identities_by_next_review")
        slow = register.quiet(runs)
    print(f"{kind}: raise_recertifications, seconds of a whole run")
    print(f"{'identities':>12} {'nothing due':>12} {options.due:>8,} due {'of the first':>12} {'1 % due':>10} {'a review':>10}")
    first = curve[0][2]
    for size, quiet, fixed, share, took in curve:
        each = (took - quiet) / share * 1000
        print(f"{size:>12,} {quiet:>12.2f} {fixed:>12.2f} {fixed / first:>12.2f} {took:>10.2f} {each:>8.2f} ms")
    last = curve[-1]
    if not options.print and last[2] > first * LIMIT:
        faults.append(f"{options.due:,} due cost {last[2] / first:.2f} times as much in {last[0]:,} as in {curve[0][0]:,}")
    grown = slow / max(last[1], 0.001)
    print(f"planted: without its indexes a look at {last[0]:,} takes {slow:.2f} s, {grown:.1f} times as long")
    if not options.print and last[0] >= 100_000 and grown < LIMIT:
        faults.append("the planted fault was not seen: a missing index costs nothing")
    for fault in faults:
        print(f"FAULT: {fault}")
    if not faults:
        print("every review that was due was opened, and one that was missing was noticed")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
