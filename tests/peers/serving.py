"""Starts the muster program for tests/bench and tests/soak. Standard library only."""

import http.client
import os
import pathlib
import re
import subprocess
import threading
import time

from browsing import sign_ins


def command(binary, data, database_url, *words):
    """A command line; SQLite in the data folder unless a database is named."""
    line = [str(binary), *words, "--data", str(data)]
    return line + (["--database-url", database_url] if database_url else [])


def make_fixture(binary, data, database_url, identities):
    """Fills an empty database; answers an address and password to sign in with, and the seconds."""
    begun = time.monotonic()
    done = subprocess.run(
        command(binary, data, database_url, "bench-fixture", "--identities", str(identities)),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    if done.returncode != 0:
        raise RuntimeError(f"muster bench-fixture failed: {done.stderr.strip()[-2000:]}")
    found = sign_ins(done.stdout)
    if not found:
        raise RuntimeError("muster bench-fixture printed no line `ROLE EMAIL PASSWORD`")
    return next(iter(found.values())), time.monotonic() - begun


class Server:
    """A running program that prints `Serving http://ADDRESS:PORT`."""

    def __init__(self, line, log, ready_path="/readyz", patience=60, extra=None):
        self.log = pathlib.Path(log)
        self.begun = time.monotonic()
        # What is measured signs in with a password alone, and one account stands for many: it asks faster
        # than any person.
        environment = {
            **os.environ,
            "MUSTER_SECOND_FACTOR": "offered",
            "MUSTER_REQUESTS_PER_MINUTE": "60000000",
            **(extra or {}),
        }
        with self.log.open("ab") as errors:
            self.process = subprocess.Popen(
                line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, env=environment
            )
        self.address = None
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.ready_after = self._wait(ready_path, patience)

    def _read(self):
        for raw in self.process.stdout:
            match = re.search(r"https?://(127\.0\.0\.1|localhost):(\d+)", raw.decode("utf-8", "replace"))
            if match and self.address is None:
                self.address = (match[1], int(match[2]))

    def _wait(self, ready_path, patience):
        while time.monotonic() - self.begun < patience:
            if self.process.poll() is not None:
                break
            if self.address and self._answers(ready_path):
                return time.monotonic() - self.begun
            time.sleep(0.002)
        self.kill()
        raise RuntimeError(f"the server did not become ready; it wrote:\n{self.log.read_text('utf-8', 'replace')[-3000:]}")

    def _answers(self, path):
        connection = http.client.HTTPConnection(*self.address, timeout=5)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def url(self, path):
        return f"http://{self.address[0]}:{self.address[1]}{path}"

    def memory(self):
        """Resident and peak resident memory in MiB."""
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return tuple(int(re.search(rf"{name}:\s+(\d+)", text)[1]) / 1024 for name in ("VmRSS", "VmHWM"))

    def kill(self):
        """SIGKILL, and wait until it is gone."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
