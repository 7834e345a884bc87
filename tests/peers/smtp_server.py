"""The SMTP server behind smtp.sh: aiosmtpd, STARTTLS and sign-in demanded, mail kept in a Maildir.

Two recipients are refused on purpose, so that a sender's treatment of refusals can be tested:
`gone@...` for good (550) and `later@...` for now (451).
"""

import os
import signal
import ssl
import sys
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import AuthResult, LoginPassword

USER = "muster"
PASSWORD = "Pz4-relay-only-for-tests"


class Sink(Mailbox):
    """Keeps accepted mail; refuses the two recipients named above."""

    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@", 1)[0].lower()
        if name == "gone":
            return "550 5.1.1 No such mailbox"
        if name == "later":
            return "451 4.3.0 Try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"


def accepts(server, session, envelope, mechanism, data):
    """The one account there is."""
    known = isinstance(data, LoginPassword) and data == LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=False if not known else True)


def main():
    directory = sys.argv[1]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{directory}/server.pem", f"{directory}/server.key")
    maildir = f"{directory}/maildir"
    controller = Controller(
        Sink(maildir),
        hostname="127.0.0.1",
        port=0,
        tls_context=context,
        require_starttls=True,
        authenticator=accepts,
        auth_required=True,
        auth_require_tls=True,
    )
    # Controller.start() probes the port it was given, which cannot be 0: it is bound here instead.
    port = start(controller)
    lines = {
        "URL": f"smtp://{USER}:{PASSWORD}@localhost:{port}",
        "HOST": "localhost",
        "PORT": port,
        "USER": USER,
        "PASSWORD": PASSWORD,
        "CA": f"{directory}/authority.pem",
        "MAILDIR": maildir,
    }
    with open(f"{directory}/env.new", "w", encoding="utf-8") as file:
        file.writelines(f"MUSTER_TEST_SMTP_{name}={value}\n" for name, value in lines.items())
    os.rename(f"{directory}/env.new", f"{directory}/env")
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    done.wait()
    controller.stop()


def start(controller):
    """Starts on a free port and answers which one."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        controller.port = probe.getsockname()[1]
    controller.start()
    return controller.port


if __name__ == "__main__":
    main()
