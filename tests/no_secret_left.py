#!/usr/bin/env python3
"""Searches files for secrets that must not be there, raw or in any usual encoding.

    no_secret_left.py --secrets FILE PATH...    FILE holds one planted secret a line
    no_secret_left.py --self-test               plants one in every encoding and must find each

PATHs are files or folders: a data folder, logs, saved pages. Every file is read as it lies on
disk (so a SQLite file with its write-ahead log and free pages too), then unpacked where it is
gzip, zip or SQLite, because a secret may be split over pages or compressed.

Exit code 0: nothing found. 1: found, naming file and encoding, never the secret. 2: nothing could
be searched, which is not the same as nothing found.
"""

import argparse
import base64
import gzip
import html
import io
import json
import pathlib
import quopri
import re
import sqlite3
import sys
import tempfile
import urllib.parse
import zipfile
import zlib

SHORTEST_SECRET = 8
UNPACKED_LIMIT = 2_000_000_000


def base64_forms(secret):
    """The characters every Base64 text holds that contains `secret`, for each of three alignments."""
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + secret).rstrip(b"=")
        whole = (offset + len(secret)) * 8 // 6
        kept = encoded[-(-offset * 8 // 6):whole]
        yield f"Base64, alignment {offset}", kept
        yield f"Base64 for URLs, alignment {offset}", kept.translate(bytes.maketrans(b"+/", b"-_"))


def encodings(secret):
    """Every form searched for, as name -> bytes. Forms equal to the raw one are left out."""
    text = secret.decode()
    quoted = urllib.parse.quote(text, safe="")
    forms = {
        "raw": secret,
        "UTF-16 little-endian": text.encode("utf-16-le"),
        "UTF-16 big-endian": text.encode("utf-16-be"),
        "hex": secret.hex().encode(),
        "hex, upper case": secret.hex().upper().encode(),
        "percent-encoded": quoted.encode(),
        "percent-encoded, lower case": re.sub("%..", lambda m: m[0].lower(), quoted).encode(),
        "percent-encoded, every byte": "".join(f"%{byte:02X}" for byte in secret).encode(),
        "percent-encoded as in a path": urllib.parse.quote(text, safe="/:@!$&'()*+,;=~").encode(),
        "form-encoded": urllib.parse.quote_plus(text).encode(),
        "JSON": json.dumps(text, ensure_ascii=False)[1:-1].encode(),
        "JSON, ASCII only": json.dumps(text)[1:-1].encode(),
        "JSON, slashes escaped": json.dumps(text)[1:-1].replace("/", "\\/").encode(),
        "JSON in JSON": json.dumps(json.dumps(text, ensure_ascii=False), ensure_ascii=False)[3:-3].encode(),
        "JSON, HTML-safe": re.sub("[<>&']", lambda m: f"\\u{ord(m[0]):04x}", json.dumps(text)[1:-1]).encode(),
        "HTML": html.escape(text, quote=True).encode(),
        "HTML, named apostrophe": html.escape(text, quote=True).replace("&#x27;", "&apos;").encode(),
        "HTML, decimal": re.sub("[&<>\"']", lambda m: f"&#{ord(m[0])};", text).encode(),
        "HTML, text only": html.escape(text, quote=False).encode(),
        "CSV": text.replace('"', '""').encode(),
        "SQL": text.replace("'", "''").encode(),
        "bytes as a JSON array": ",".join(str(byte) for byte in secret).encode(),
        "bytes as a list": ", ".join(str(byte) for byte in secret).encode(),
    }
    forms.update(base64_forms(secret))
    kept, seen = {}, set()
    for name, form in forms.items():
        if form not in seen:
            seen.add(form)
            kept[name] = form
    return kept


def unpacked(data, depth=0):
    """`data` itself and everything found packed inside it, as (how, bytes)."""
    yield "", data
    if depth == 3:
        return
    for how, inner in members(data):
        for deeper, found in unpacked(inner, depth + 1):
            yield f"{how}{', ' + deeper if deeper else ''}", found


def members(data):
    for match in re.finditer(b"\x1f\x8b\x08", data):
        try:
            inner = zlib.decompressobj(wbits=31).decompress(data[match.start():], UNPACKED_LIMIT)
        except zlib.error:
            continue
        if inner:
            yield f"gzip at byte {match.start()}", inner
    if data.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for name in archive.namelist():
                    yield f"zip member {name}", archive.read(name)
        except zipfile.BadZipFile:
            pass


def without_line_breaks(data):
    """Encoded text as mail wraps it: quoted-printable undone, and lines joined for Base64."""
    if b"Content-Transfer-Encoding" in data or data[:200].count(b"\nSubject:"):
        yield "quoted-printable", quopri.decodestring(data)
        yield "joined lines", re.sub(rb"\r?\n[ \t]*", b"", data)
    elif b"-----BEGIN" in data:
        yield "joined lines", re.sub(rb"\r?\n", b"", data)


def database_values(path):
    """Every value of a SQLite file with its write-ahead log: a long one lies scattered over pages."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.text_factory = bytes
    try:
        names = [row[0].decode() for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in names:
            quoted = name.replace('"', '""')
            try:
                rows = connection.execute(f'SELECT * FROM "{quoted}"')
                while batch := rows.fetchmany(2000):
                    values = (value if isinstance(value, bytes) else str(value).encode() for row in batch for value in row if value is not None)
                    yield f"table {name}", b"\n".join(values)
            except sqlite3.OperationalError:
                continue  # a virtual table of a module not built in here; its own tables are read
    finally:
        connection.close()


def views(path):
    """All the ways one file is looked at, as (how, bytes)."""
    data = path.read_bytes()
    for how, found in unpacked(data):
        yield how, found
        for wrapped, joined in without_line_breaks(found):
            yield f"{how}, {wrapped}" if how else wrapped, joined
    if data.startswith(b"SQLite format 3\0"):
        yield from database_values(path)


def files_of(paths):
    for path in map(pathlib.Path, paths):
        if path.is_dir():
            yield from sorted(each for each in path.rglob("*") if each.is_file())
        elif path.is_file():
            yield path
        else:
            raise FileNotFoundError(f"{path} is not there")


def search(secrets, paths):
    """The findings, one line each, and how many files and bytes were read."""
    forms = [(number, name, form) for number, secret in enumerate(secrets, 1) for name, form in encodings(secret).items()]
    findings, files, size = [], 0, 0
    for path in files_of(paths):
        files += 1
        size += path.stat().st_size
        for how, data in views(path):
            for number, name, form in forms:
                at = data.find(form)
                if at >= 0:
                    findings.append(f"{path}{f' ({how})' if how else ''}: secret of line {number}, {name}, at byte {at}")
    return findings, files, size


def read_secrets(path):
    lines = [line for line in pathlib.Path(path).read_bytes().splitlines() if line.strip()]
    for number, line in enumerate(lines, 1):
        if len(line) < SHORTEST_SECRET:
            raise ValueError(f"line {number} of {path} is shorter than {SHORTEST_SECRET} bytes: it would be found by chance")
    if not lines:
        raise ValueError(f"{path} holds no secret")
    return lines


def self_test():
    """Each planted form must be found, in plain files and packed ones; a clean folder must pass."""
    secret = "Zt9/q+\"K'v<W>&é.7xPz".encode()
    plants = {f"form {name}": b"before " + form + b" after" for name, form in encodings(secret).items()}
    for offset in range(3):
        plants[f"real Base64 {offset}"] = base64.b64encode(b"x" * offset + secret + b"tail")
        plants[f"real Base64 for URLs {offset}"] = base64.urlsafe_b64encode(b"x" * offset + secret)
    plants["gzip"] = gzip.compress(b"a" * 5000 + secret)
    plants["gzip inside"] = b"header" * 9 + gzip.compress(secret)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("list.csv", secret * 3)
    plants["zip"] = packed.getvalue()
    mail = b"Subject: x\nContent-Transfer-Encoding: "
    plants["mail, quoted-printable"] = mail + b"quoted-printable\n\n" + quopri.encodestring(b"w" * 66 + secret)
    plants["mail, Base64"] = mail + b"base64\n\n" + base64.encodebytes(b"w" * 50 + secret)
    missed = []
    for name, data in plants.items():
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "clean.txt").write_bytes(b"nothing here")
            assert search([secret], [folder])[0] == [], "a clean folder did not pass"
            (pathlib.Path(folder) / "planted.bin").write_bytes(data)
            if not any("planted.bin" in line for line in search([secret], [folder])[0]):
                missed.append(name)
    for name, planted in (("database row over pages", b"p" * 4050 + secret), ("write-ahead log", secret)):
        with tempfile.TemporaryDirectory() as folder:
            connection = sqlite3.connect(f"{folder}/planted.db")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("CREATE TABLE kept (value BLOB)")
            connection.execute("INSERT INTO kept VALUES (?)", (planted,))
            connection.commit()
            if not search([secret], [folder])[0]:
                missed.append(name)
            connection.close()
    assert not missed, f"planted and not found: {', '.join(missed)}"
    print(f"{len(plants) + 2} passed, 0 failed")


def main():
    parser = argparse.ArgumentParser(description="Searches files for secrets that must not be there.")
    parser.add_argument("--secrets", help="file with one planted secret a line")
    parser.add_argument("--self-test", action="store_true", help="find one secret planted in every encoding")
    parser.add_argument("paths", nargs="*", help="files and folders to search")
    arguments = parser.parse_args()
    if arguments.self_test:
        self_test()
        return 0
    if not arguments.secrets or not arguments.paths:
        parser.error("say --secrets FILE and at least one path, or --self-test")
    try:
        secrets = read_secrets(arguments.secrets)
        findings, files, size = search(secrets, arguments.paths)
    except (OSError, ValueError, sqlite3.Error) as error:
        print(f"no_secret_left.py: {error}", file=sys.stderr)
        return 2
    if files == 0 or size == 0:
        print("no_secret_left.py: there was nothing to search", file=sys.stderr)
        return 2
    for line in findings:
        print(f"FOUND {line}")
    print(f"{len(secrets)} secrets, {files} files, {size} bytes: {len(findings)} places")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
