"""Kills the servers while slots pass every second, and counts: each slot done once, each effect there once.

Seven jobs run every second. With --database-url three replicas share PostgreSQL: one of them is killed every two
seconds, and with --restart a command restarts the database now and then. Without, one process on SQLite is killed
again and again. An identity expires every second besides: the job that suspends it must do so once.

At the end a slot is claimed that came twice, one that never came, one that failed, and an effect that happened twice;
each must be counted. Those faults are planted in what is counted, not in the program.

With --expect-fault the binary is one that is known to be broken, and a fault must be found in what it did: the exit is 0
when one was, and 1 when none was. Build such a binary by hand from a copy of the sources, with one guard taken away: let
`insert_runs` store a slot again under a new key, let `account_for` advance beyond slots that it did not store, or let
`claim` take what another worker holds. It is shown red once, and is no part of tests/run.

  slots.py BROKEN --expect-fault [--stalls 5] [--database-url URL]

With --stalls a replica stands still now and then for longer than its lease and then goes on, so that a worker that lost
its run goes on writing; that takes the three replicas of PostgreSQL.
"""

import argparse
import collections
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "peers"))
from browsing import Browser  # noqa: E402
from schedules import JOBS, Ledger, prepare_environment, set_schedule  # noqa: E402
from serving import Server, command, make_fixture  # noqa: E402

# After the last kill everything that waits must be done within this.
PATIENCE_SECONDS = 180

# A replica that stands still does so for longer than the lease of schedules.ENVIRONMENT.
STALL_SECONDS = 4.5


def verdict(runs, begun, end, effects, expected_effects):
    """What is wrong, one line each. `runs`: (job, slot, state, why); `effects`: how often each happened."""
    faults = []
    states = collections.defaultdict(list)
    for job, slot, state, why in runs:
        if slot <= end:
            states[job, slot].append((state, why))
    for job, since in begun.items():
        for slot in range(since + 1, end + 1):
            found = states.pop((job, slot), [])
            if len(found) != 1:
                faults.append(f"{job} at {slot}: {len(found)} rows")
            elif found[0][0] != "done":
                faults.append(f"{job} at {slot}: {found[0][0]}, {found[0][1]}")
    faults += [f"{job} at {slot}: there is no such slot" for (job, slot) in states if slot > begun[job]]
    faults += [f"the effect on {subject} happened {count} times" for subject, count in effects.items() if count != 1]
    if len(effects) != expected_effects:
        faults.append(f"{len(effects)} effects, {expected_effects} were due")
    return faults


def plant_is_caught(runs, begun, end, effects, expected):
    sound = len(verdict(runs, begun, end, effects, expected))
    first = min(effects)
    planted = [
        (runs + runs[:1], effects),
        (runs[1:], effects),
        ([(*runs[0][:2], "failed", "planted")] + runs[1:], effects),
        (runs, {**effects, first: 2}),
        (runs, {key: count for key, count in effects.items() if key != first}),
    ]
    return all(len(verdict(faulty, begun, end, happened, expected)) > sound for faulty, happened in planted)


def let_expire(ledger, count):
    """From some seconds from now on an identity expires every second; no other ever does."""
    if ledger.database_url:
        at = "date_trunc('second', now()) + make_interval(secs => {0} + 10)"
        short = "id"
    else:
        at = "strftime('%Y-%m-%dT%H:%M:%S.000000Z', 'now', '+' || ({0} + 10) || ' seconds')"
        short = "id"
    ledger.rows("UPDATE identities SET expires_at = NULL")
    chosen = f"SELECT {short} FROM identities WHERE state = 'active' AND criticality <> 'clinical' ORDER BY id LIMIT {count}"
    numbered = f"SELECT id, row_number() OVER (ORDER BY id) AS number FROM ({chosen}) AS c"
    set_at = at.format("n.number")
    ledger.rows(f"UPDATE identities SET expires_at = {set_at} FROM ({numbered}) AS n WHERE identities.id = n.id")


def stall(server):
    """Lets a server stand still for longer than its lease."""
    server.process.send_signal(signal.SIGSTOP)
    try:
        time.sleep(STALL_SECONDS)
    finally:
        server.process.send_signal(signal.SIGCONT)


def soak(options, folder):
    prepare_environment()
    count = options.seconds + 30
    (email, password), _ = make_fixture(options.binary, folder / "data", options.database_url, count * 3)
    ledger = Ledger(folder / "data", options.database_url)

    def line(number):
        data = folder / ("data" if number == 0 else f"data-{number}")
        return command(options.binary, data, options.database_url, "serve", "--listen", "127.0.0.1:0")

    server = Server(line(0), folder / "server-0.log")
    browser = Browser(*server.address)
    browser.sign_in(email, password)
    for job in JOBS:
        set_schedule(browser, job, "* * * * * *", "all")
    server.stop()
    let_expire(ledger, count)
    begun = ledger.begun(JOBS)

    replicas = 3 if options.database_url else 1
    servers = [Server(line(number), folder / f"server-{number}.log") for number in range(replicas)]
    started, kills, restarts, stalls, slowest = time.time(), 0, 0, 0, 0.0
    next_restart = started + 15
    while time.time() - started < options.seconds or kills < options.kills:
        time.sleep(2 - random.uniform(0.0, 0.6) if replicas > 1 else random.uniform(0.05, 0.9))
        number = random.randrange(replicas)
        if replicas > 1 and stalls < options.stalls:
            stall(servers[(number + 1) % replicas])
            stalls += 1
        servers[number].kill()
        kills += 1
        if options.restart and time.time() > next_restart:
            subprocess.run(options.restart, shell=True, check=True, stdout=subprocess.DEVNULL)
            restarts += 1
            next_restart = time.time() + 15
        servers[number] = Server(line(number), folder / f"server-{number}.log", patience=120)
        slowest = max(slowest, servers[number].ready_after)
        for other, each in enumerate(servers):
            if each.process.poll() is not None:
                raise RuntimeError(f"replica {other} ended by itself with {each.process.returncode}")
    end = int(time.time()) - 1
    deadline = time.time() + PATIENCE_SECONDS
    while (ledger.accounted(JOBS) < end or ledger.waiting(JOBS, end)) and time.time() < deadline:
        time.sleep(1)
    # What expired just before is suspended by the slot after it.
    time.sleep(5)
    for each in servers:
        each.stop()

    runs = ledger.runs(JOBS)
    audited = ledger.rows("SELECT entity_id, count(*) FROM audit_entries WHERE action = 'identity.expire' GROUP BY entity_id")
    effects = {subject: int(times) for subject, times in audited}
    # The schedule that ran last says how far they got.
    expired = "SELECT count(*) FROM identities WHERE state = 'suspended' AND state_cause = 'expired' AND expires_at IS NOT NULL"
    suspended = int(ledger.rows(expired)[0][0])
    overdue = int(ledger.rows(
        f"SELECT count(*) FROM identities WHERE state = 'active' AND criticality <> 'clinical' AND expires_at <= {stamp(ledger, end)}"
    )[0][0])
    faults = verdict(runs, begun, end, effects, suspended)
    if overdue:
        faults.append(f"{overdue} identities expired and were not suspended")
    slots = sum(end - since for since in begun.values())
    if options.expect_fault:
        return found_as_expected(faults, slots, kills, options)
    caught = plant_is_caught([run for run in runs if run[1] <= end and run[1] > begun[run[0]]], begun, end, effects, suspended)
    for fault in faults[:20]:
        print(f"FAILED {fault}")
    print(f"seed {options.seed}: {slots} slots, {replicas} processes, {kills} kills, {restarts} restarts of the database, {stalls} stalls, "
          f"{len(effects)} effects, {len(faults)} faults, slowest start {slowest:.1f} s, planted faults {'caught' if caught else 'NOT CAUGHT'}")
    if slots < options.slots or not effects or kills < options.kills:
        print(f"FAILED {slots} slots, {kills} kills and {len(effects)} effects: this run proves nothing")
        return 1
    return 1 if faults or not caught else 0


def found_as_expected(faults, slots, kills, options):
    """Whether the faults of a binary that is known to be broken were seen."""
    for fault in faults[:20]:
        print(f"found {fault}")
    if slots < options.slots or kills < options.kills:
        print(f"FAILED {slots} slots and {kills} kills: this run proves nothing")
        return 1
    if not faults:
        print(f"FAILED seed {options.seed}: the binary is broken, and over {slots} slots and {kills} kills nothing was found")
        return 1
    print(f"seed {options.seed}: {slots} slots, {kills} kills, {len(faults)} faults: a fault was found, as was expected")
    return 0


def stamp(ledger, second):
    if ledger.database_url:
        return f"to_timestamp({second})"
    return f"strftime('%Y-%m-%dT%H:%M:%S.000000Z', {second}, 'unixepoch')"


def main():
    parser = argparse.ArgumentParser(description="Kills servers while slots pass, and counts slots and effects.")
    parser.add_argument("binary")
    parser.add_argument("--seconds", type=int, default=60, help="how long slots pass while servers are killed")
    parser.add_argument("--kills", type=int, default=20, help="kills at least")
    parser.add_argument("--slots", type=int, default=0, help="slots at least")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--database-url", help="an empty PostgreSQL database, for three replicas; SQLite and one process otherwise")
    parser.add_argument("--restart", help="a command that restarts the database at once")
    parser.add_argument("--stalls", type=int, default=0, help="how often a replica stands still for longer than its lease")
    parser.add_argument("--expect-fault", action="store_true", help="the binary is broken: 0 when a fault is found, 1 when none is")
    options = parser.parse_args()
    random.seed(options.seed)
    with tempfile.TemporaryDirectory(prefix="muster-slots-") as folder:
        sys.exit(soak(options, pathlib.Path(folder)))


if __name__ == "__main__":
    main()
