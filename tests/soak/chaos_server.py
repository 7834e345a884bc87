"""An SMTP server that fails in every way there is, by a seeded random. Standard library only.

    chaos_server.py PORT EVENTS SEED

It writes what it did into the file EVENTS, a JSON object a line, before anybody is told:
  taken       a whole mail was accepted, and will be delivered
  answered    the 250 for it was sent
  unanswered  the text, or some of it, was read, and the sender will not hear what became of it
So whatever kills it, the file tells what arrived and what its sender could know.

A mail whose subject holds `planted` is taken the first time and not answered.
"""

import json
import pathlib
import random
import re
import socket
import socketserver
import sys
import threading
import time

STALL_SECONDS = 20

# What becomes of a connection before any mail, and of each mail, with weights.
GREETINGS = {"greet": 90, "stall": 1, "drop": 4, "refuse": 5}
FATES = {
    "take": 760,
    "drop at MAIL": 20,
    "refuse MAIL": 20,
    "refuse MAIL for good": 5,
    "refuse RCPT": 20,
    "refuse RCPT for good": 10,
    "drop after RCPT": 20,
    "refuse DATA": 20,
    "stall before the text": 2,
    "drop in the text": 20,
    "refuse the text": 20,
    "drop after the text": 20,
    "take and drop": 20,
    "take and stall": 3,
    "answer and drop": 25,
    "stall at RCPT": 3,
}
REFUSALS = ("421 4.3.2 Closing", "451 4.3.0 Try again later", "452 4.3.1 Out of room")


class Gone(Exception):
    """The connection ends here."""


class Chaos:
    """The random and the record, for every connection."""

    def __init__(self, events, seed):
        self.events, self.random, self.lock = pathlib.Path(events), random.Random(seed), threading.Lock()
        # The one before may have been killed in the middle of a line.
        with self.events.open("a", encoding="utf-8") as file:
            file.write("\n")

    def pick(self, weights):
        with self.lock:
            return self.random.choices(list(weights), list(weights.values()))[0]

    def refusal(self):
        with self.lock:
            return self.random.choice(REFUSALS)

    def note(self, event, mail):
        line = json.dumps({"at": time.time(), "event": event, **mail}) + "\n"
        with self.lock, self.events.open("a", encoding="utf-8") as file:
            file.write(line)

    def is_planted(self, mail):
        """Whether this is the first time that a planted mail comes."""
        if "planted" not in mail["subject"]:
            return False
        done = self.events.with_suffix(".planted")
        with self.lock:
            first = not done.exists()
            done.touch()
        return first


class Connection(socketserver.StreamRequestHandler):
    """One client."""

    def handle(self):
        try:
            self.talk()
        except (Gone, OSError):
            pass

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def line(self):
        line = self.rfile.readline(4096)
        if not line:
            raise Gone
        return line.decode("utf-8", "replace").rstrip("\r\n")

    def drop(self):
        self.connection.shutdown(socket.SHUT_RDWR)
        raise Gone

    def stall(self):
        """Says nothing until the client gives up."""
        self.connection.settimeout(STALL_SECONDS)
        while self.connection.recv(4096):
            pass
        raise Gone

    def refuse(self):
        text = self.server.chaos.refusal()
        self.say(text)
        if text.startswith("421"):
            self.drop()

    def talk(self):
        chaos = self.server.chaos
        match chaos.pick(GREETINGS):
            case "stall":
                self.stall()
            case "drop":
                self.drop()
            case "refuse":
                self.say("421 4.3.2 Not now")
                self.drop()
        self.say("220 chaos ESMTP")
        fate = "take"
        while True:
            line = self.line()
            verb = line.split(" ")[0].upper()
            if verb == "EHLO":
                self.say("250-chaos\r\n250 8BITMIME")
            elif verb == "QUIT":
                self.say("221 2.0.0 Bye")
                raise Gone
            elif verb == "MAIL":
                fate = chaos.pick(FATES)
                if fate == "drop at MAIL":
                    self.drop()
                elif fate == "refuse MAIL":
                    self.refuse()
                elif fate == "refuse MAIL for good":
                    self.say("550 5.7.1 Sender refused")
                else:
                    self.say("250 2.1.0 Fine")
            elif verb == "RCPT":
                if fate == "stall at RCPT":
                    self.stall()
                elif fate == "refuse RCPT":
                    self.refuse()
                elif fate == "refuse RCPT for good":
                    self.say("550 5.1.1 No such mailbox")
                else:
                    self.say("250 2.1.5 Fine")
                    if fate == "drop after RCPT":
                        self.drop()
            elif verb == "DATA":
                if fate == "refuse DATA":
                    self.refuse()
                else:
                    self.text(fate)
            else:
                self.say("250 2.0.0 Fine")

    def text(self, fate):
        chaos = self.server.chaos
        self.say("354 Go on")
        head = self.until("")
        mail = {name: find(head, name) for name in ("message-id", "subject", "to")}
        if chaos.is_planted(mail):
            fate = "take and drop"
        if fate in ("stall before the text", "drop in the text"):
            chaos.note("unanswered", mail)
            self.stall() if fate.startswith("stall") else self.drop()
        self.until(".")
        if fate == "refuse the text":
            return self.refuse()
        if fate == "drop after the text":
            chaos.note("unanswered", mail)
            self.drop()
        chaos.note("taken", mail)
        if fate in ("take and drop", "take and stall"):
            chaos.note("unanswered", mail)
            self.stall() if fate.endswith("stall") else self.drop()
        self.say("250 2.0.0 Taken")
        chaos.note("answered", mail)
        if fate == "answer and drop":
            self.drop()

    def until(self, end):
        lines = []
        while (line := self.line()) != end:
            lines.append(line)
        return "\n".join(lines)


def find(head, name):
    """A header's value; those that this looks for are short and plain."""
    match = re.search(rf"^{name}: *(.*(?:\n[ \t].*)*)", head, re.IGNORECASE | re.MULTILINE)
    return " ".join(match[1].split()).strip("<>") if match else ""


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64


def main():
    port, events, seed = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    with Server(("127.0.0.1", port), Connection) as server:
        server.chaos = Chaos(events, seed)
        print("ready", flush=True)
        server.serve_forever(poll_interval=0.05)


if __name__ == "__main__":
    main()
