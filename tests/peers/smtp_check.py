"""Checks the SMTP peer itself, so that a test which passes against it means something.

Run with the variables of smtp.sh's env file set. Exits 1 at the first surprise.
"""

import email.message
import mailbox
import os
import smtplib
import ssl
import sys


def setting(name):
    return os.environ[f"MUSTER_TEST_SMTP_{name}"]


def connect(context=None):
    client = smtplib.SMTP(setting("HOST"), int(setting("PORT")), timeout=10)
    if context is not None:
        client.starttls(context=context)
    return client


def trusted():
    return ssl.create_default_context(cafile=setting("CA"))


def message(recipient):
    mail = email.message.EmailMessage()
    mail["From"] = "muster@hospital.example"
    mail["To"] = recipient
    mail["Subject"] = "Peer check"
    mail.set_content("One line.")
    mail.add_alternative("<p>One line.</p>", subtype="html")
    return mail


def mail_is_delivered_over_starttls():
    before = len(mailbox.Maildir(setting("MAILDIR")))
    with connect(trusted()) as client:
        client.login(setting("USER"), setting("PASSWORD"))
        client.send_message(message("owner@hospital.example"))
    box = mailbox.Maildir(setting("MAILDIR"))
    assert len(box) == before + 1, "the mail is not in the Maildir"
    for key in list(box.keys()):
        if box[key]["Subject"] == "Peer check":
            box.remove(key)


def mail_without_tls_is_refused():
    with connect() as client:
        refuses(client, smtplib.SMTPException, lambda: client.send_message(message("owner@hospital.example")))


def a_wrong_password_is_refused():
    with connect(trusted()) as client:
        refuses(client, smtplib.SMTPAuthenticationError, lambda: client.login(setting("USER"), "wrong"))


def mail_without_a_sign_in_is_refused():
    with connect(trusted()) as client:
        refuses(client, smtplib.SMTPException, lambda: client.send_message(message("owner@hospital.example")))


def an_unknown_authority_is_refused_by_the_client():
    try:
        connect(ssl.create_default_context())
    except ssl.SSLCertVerificationError:
        return
    raise AssertionError("the certificate was accepted without its authority")


def the_two_planted_recipients_are_refused():
    for name, code in (("gone", 550), ("later", 451)):
        with connect(trusted()) as client:
            client.login(setting("USER"), setting("PASSWORD"))
            try:
                client.send_message(message(f"{name}@hospital.example"))
            except smtplib.SMTPRecipientsRefused as refusal:
                got = [answer[0] for answer in refusal.recipients.values()]
                assert got == [code], f"{name}@ got {got}, not {code}"
                continue
        raise AssertionError(f"{name}@ was accepted")


def refuses(client, kind, attempt):
    try:
        attempt()
    except kind:
        return
    raise AssertionError("it was accepted")


def main():
    checks = [
        mail_is_delivered_over_starttls,
        mail_without_tls_is_refused,
        a_wrong_password_is_refused,
        mail_without_a_sign_in_is_refused,
        an_unknown_authority_is_refused_by_the_client,
        the_two_planted_recipients_are_refused,
    ]
    for check in checks:
        try:
            check()
        except Exception as failure:
            print(f"FAILED {check.__name__}: {failure!r}")
            sys.exit(1)
        print(f"ok     {check.__name__}")
    print(f"{len(checks)} passed, 0 failed")


if __name__ == "__main__":
    main()
