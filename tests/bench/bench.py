"""The measurements behind tests/bench/run: pages, import, a job, memory, start, size.

Figures are ratios within one run on one machine, since absolutes depend on the machine. A page is
measured beside a handler that returns a constant body of the same size, an import beside bare
inserts of the rows it made. What was not measured for want of time is named in the results.
"""

import argparse
import datetime
import os
import pathlib
import platform
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "peers"))
import asking  # noqa: E402
import imports  # noqa: E402
import pages  # noqa: E402
from browsing import Browser  # noqa: E402
from serving import Server, command, make_fixture  # noqa: E402

RESULTS = pathlib.Path(__file__).resolve().parent / "RESULTS.md"


class Clock:
    """How much time is left for the whole run."""

    def __init__(self, minutes):
        self.end = time.monotonic() + minutes * 60

    def left(self):
        return self.end - time.monotonic()


def psql(url, statement):
    done = subprocess.run(["psql", "-qAt", url, "-c", statement], check=True, capture_output=True, text=True)
    return done.stdout.strip()


class Place:
    """One database to measure on: SQLite in a folder, or a database of the test cluster."""

    def __init__(self, kind, name, scratch):
        self.kind, self.name = kind, name
        self.data = scratch / f"{kind}-{name}"
        self.data.mkdir()
        self.url = None
        if kind == "PostgreSQL":
            base = os.environ["MUSTER_TEST_POSTGRES_URL"]
            psql(base, f"CREATE DATABASE {name}")
            self.url = base.rsplit("/", 1)[0] + f"/{name}"

    def settle(self):
        """Statistics as a database has them after a night."""
        if self.url:
            psql(self.url, "VACUUM ANALYZE")


def measure_pages(binary, scratch, kind, seconds, identities):
    place = Place(kind, "pages", scratch)
    account, took = make_fixture(binary, place.data, place.url, identities)
    place.settle()
    line = command(binary, place.data, place.url, "serve", "--listen", "127.0.0.1:0")
    server = Server(line, place.data / "server.log")
    start, idle = server.ready_after, server.memory()[0]
    try:
        browser = Browser(*server.address, timeout=120)
        browser.sign_in(*account)
        rows = pages.measure(binary, server, browser, pages.choose(browser), seconds, place)
        campaign, asked = asking.ask(browser, binary, place)
        place.settle()
        rows += pages.measure(binary, server, browser, asking.pages(browser, campaign), seconds, place)
        loaded = server.memory()
    finally:
        server.stop()
    starts = [start]
    for _ in range(2):
        again = Server(line, place.data / "server.log")
        starts.append(again.ready_after)
        again.stop()
    facts = [
        (f"{kind}: start to ready with {identities:,} identities", f"{sorted(starts)[1] * 1000:.0f} ms (median of 3)"),
        (f"{kind}: resident memory at start", f"{idle:.0f} MiB"),
        (f"{kind}: resident memory after the load, and peak", f"{loaded[0]:.0f} MiB, {loaded[1]:.0f} MiB"),
        (f"{kind}: making the fixture", f"{took:.0f} s"),
        *asked,
    ]
    return rows, facts


def measure_job(binary, scratch, kind, identities):
    """Raises recertifications over many identities, then again, when nothing is left to raise."""
    place = Place(kind, "job", scratch)
    _, took = make_fixture(binary, place.data, place.url, identities)
    place.settle()
    now = datetime.datetime.now(datetime.timezone.utc)
    facts = [(f"{kind}: making {identities:,} identities", f"{took:.0f} s")]
    before = count_tasks(place)
    for label, at in (("first run", now), ("second run, nothing new", now), ("30 days later", now + datetime.timedelta(days=30))):
        line = command(binary, place.data, place.url, "jobs", "run", "raise_recertifications", "--at", at.strftime("%Y-%m-%dT%H:%M:%SZ"))
        begun = time.monotonic()
        done = subprocess.run(line, capture_output=True, text=True)
        elapsed = time.monotonic() - begun
        if done.returncode != 0:
            raise RuntimeError(f"jobs run raise_recertifications failed: {done.stderr.strip()[-1000:]}")
        after = count_tasks(place)
        facts.append((f"{kind}: raise_recertifications over {identities:,}, {label}",
                      f"{elapsed:.2f} s, {after - before:,} tasks" + (f", {(after - before) / elapsed:,.0f}/s" if after > before else "")))
        before = after
    return facts


def count_tasks(place):
    statement = "SELECT count(*) FROM tasks WHERE kind = 'recertification'"
    if place.url:
        return int(psql(place.url, statement))
    connection = imports.open_database(imports.database_file(place.data))
    try:
        return connection.execute(statement).fetchone()[0]
    finally:
        connection.close()


def output_of(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


OWN = ("Pages", "Import of ", "Other figures", "Not measured")


def kept_of(results):
    """The sections that were measured by something else, as they stand."""
    if not results.exists():
        return []
    kept = []
    for section in results.read_text("utf-8").split("\n## ")[1:]:
        if not section.startswith(OWN):
            kept += ["", f"## {section.strip()}"]
    return kept


def source():
    """The commit that is measured, as it stands before: somebody may go on while it is."""
    changed = output_of("git", "status", "--porcelain", "--untracked-files=no") != "unknown"
    return output_of("git", "rev-parse", "HEAD") + (" with uncommitted changes" if changed else "")


def write_results(results, commit, binary, clients, page_rows, import_rows, facts, skipped):
    asked = [word for at, word in enumerate(sys.argv[2:], 2) if "--scratch" not in (word, sys.argv[at - 1])]
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "unknown")
    lines = [
        "# Measurements", "",
        "Written by `tests/bench/run`. Read ratios, not absolutes: both sides of a ratio ran on one machine, one after the other, "
        "with the load generator and PostgreSQL on the same cores. wrk waits for each answer, so its p99 is that of a queue of 16.", "",
        f"- commit: {commit}",
        f"- date: {datetime.date.today().isoformat()}",
        f"- machine: {os.cpu_count()} cores, {model}, {platform.system()} {platform.release()}",
        f"- load before: {os.getloadavg()[0]:.1f}",
        f"- command: `{' '.join(['tests/bench/run', *asked])}`",
        f"- {output_of('rustc', '--version')}; {output_of('psql', '--version')}",
        f"- binary: {binary.stat().st_size / 1e6:.1f} MB", "",
        "## Pages", "",
        "Requests a second with 16 connections, signed in; `constant` is a handler with a body of the same size.", "",
        "| database | page | bytes | requests/s | p50 | p99 | constant | share of constant | one client, p50 |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        *page_rows, "", f"## Import of {clients:,} clients", "",
        "| database | rows made | Muster | bare inserts of the same rows, same indexes | share |",
        "| --- | --- | --- | --- | --- |",
        *import_rows, "", "## Other figures", "", "| figure | value |", "| --- | --- |",
        *(f"| {name} | {value} |" for name, value in facts),
    ]
    if skipped:
        lines += ["", "## Not measured", "", *(f"- {each}" for each in skipped)]
    lines += kept_of(results)
    results.parent.mkdir(parents=True, exist_ok=True)
    results.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", type=pathlib.Path)
    parser.add_argument("--scratch", type=pathlib.Path, required=True)
    parser.add_argument("--minutes", type=float, default=25)
    parser.add_argument("--quick", action="store_true", help="a hundredth of the data, one second a page: to try the bench itself")
    options = parser.parse_args()
    identities, clients, many, seconds = (1000, 500, 10_000, 1) if options.quick else (100_000, 50_000, 1_000_000, 6)
    clock, commit = Clock(options.minutes), source()
    page_rows, import_rows, facts, skipped = [], [], [], []
    # Each part with the seconds it may take at worst: a part that may not end in time is not begun.
    parts = []
    for kind in ("SQLite", "PostgreSQL"):
        parts.append((f"pages on {kind}", 420, lambda kind=kind: measure_pages(options.binary, options.scratch, kind, seconds, identities)))
        parts.append((f"import on {kind}", 150, lambda kind=kind: imports.measure(options.binary, Place(kind, "import", options.scratch), clients)))
    for kind in ("SQLite", "PostgreSQL"):
        parts.append((f"raise_recertifications on {kind}", 300, lambda kind=kind: measure_job(options.binary, options.scratch, kind, many)))
    failed = False
    for name, worst, part in parts:
        if clock.left() < (10 if options.quick else worst):
            skipped.append(f"{name}: {clock.left():.0f} s were left of {options.minutes:.0f} minutes")
            continue
        print(f"== {name}", flush=True)
        try:
            found = part()
        except (RuntimeError, OSError, subprocess.CalledProcessError) as failure:
            failed = True
            output = getattr(failure, "stderr", None) or ""
            failure = f"{failure} {output if isinstance(output, str) else output.decode('utf-8', 'replace')}".strip()
            skipped.append(f"{name}: failed: {failure}")
            print(f"FAILED {name}: {failure}", flush=True)
            continue
        if name.startswith("pages"):
            page_rows += found[0]
            facts += found[1]
        elif name.startswith("import"):
            import_rows.append(found)
        else:
            facts += found
    # A trial run says nothing about Muster: it does not replace the results.
    results = RESULTS.parent.parent / "output/bench-quick.md" if options.quick else RESULTS
    write_results(results, commit, options.binary, clients, page_rows, import_rows, facts, skipped)
    sys.exit(1 if failed or skipped else 0)


if __name__ == "__main__":
    main()
