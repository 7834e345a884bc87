#!/usr/bin/env python3
"""Checks what the binary is built from: licences against a list, and crates that must not return.

`dependencies.py` reads `cargo metadata`; `dependencies.py --self-test` shows that faults are caught.
"""

import json
import re
import subprocess
import sys

ALLOWED_LICENCES = {
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "PostgreSQL",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
}

# Name, a test of the version, and why the crate is unwelcome.
UNWELCOME = [
    ("h2", lambda version: version.startswith("0.3."), "RUSTSEC-2026-0258, not fixed on the 0.3 line"),
    ("aws-lc-sys", lambda _: True, "a second TLS provider beside ring, and it needs cmake"),
    ("openssl-sys", lambda _: True, "TLS is rustls; OpenSSL would have to be installed"),
    ("native-tls", lambda _: True, "TLS is rustls"),
    ("pq-sys", lambda _: True, "PostgreSQL is reached without libpq"),
    ("zstd-sys", lambda _: True, "arrives only with features of actix-web that are switched off"),
]


def permitted(expression):
    """Whether an SPDX expression can be met from the allowed licences alone."""
    tokens = re.findall(r"\(|\)|[^\s()]+", expression.replace("/", " OR "))
    joined = []
    for token in tokens:
        if token == "WITH" or (joined and joined[-1].endswith(" WITH")):
            joined[-1] += f" {token}"
        else:
            joined.append(token)
    position = 0

    def peek():
        return joined[position] if position < len(joined) else None

    def take():
        nonlocal position
        position += 1
        return joined[position - 1]

    def alternatives():
        met = combination()
        while peek() == "OR":
            take()
            met = combination() or met
        return met

    def combination():
        met = one()
        while peek() == "AND":
            take()
            met = one() and met
        return met

    def one():
        token = take()
        if token == "(":
            met = alternatives()
            if take() != ")":
                raise ValueError(expression)
            return met
        return token in ALLOWED_LICENCES

    met = alternatives()
    if peek() is not None:
        raise ValueError(expression)
    return met


def faults(packages):
    """One line for each package that may not be used; `packages` are (name, version, licence)."""
    lines = []
    for name, version, licence in packages:
        if not licence:
            lines.append(f"{name} {version} states no licence")
        elif not permitted(licence):
            lines.append(f"{name} {version} is under {licence}, which is not on the list in tests/dependencies.py")
        for unwelcome, matches, reason in UNWELCOME:
            if name == unwelcome and matches(version):
                lines.append(f"{name} {version} must not be used: {reason}; `cargo tree -i {name}@{version}` says who asks for it")
    return lines


def resolved():
    """The packages built on this platform, with their licences."""
    version = subprocess.run(["rustc", "-vV"], check=True, capture_output=True, text=True).stdout
    host = re.search(r"^host: (\S+)$", version, re.M).group(1)
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", host]
    metadata = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    used = {node["id"] for node in metadata["resolve"]["nodes"]}
    return sorted((p["name"], p["version"], p["license"]) for p in metadata["packages"] if p["id"] in used)


def self_test():
    """Planted faults are caught, and good packages pass."""
    good = [
        ("a", "1.0.0", "MIT OR Apache-2.0"),
        ("b", "1.0.0", "(MIT OR GPL-3.0-only) AND Unicode-3.0"),
        ("c", "1.0.0", "MIT/Apache-2.0"),
        ("d", "1.0.0", "Apache-2.0 WITH LLVM-exception OR GPL-2.0-only"),
        ("h2", "0.4.16", "MIT"),
    ]
    bad = [
        ("e", "1.0.0", "AGPL-3.0-only"),
        ("f", "1.0.0", "MIT AND GPL-3.0-only"),
        ("g", "1.0.0", None),
        ("h2", "0.3.27", "MIT"),
        ("openssl-sys", "0.9.1", "MIT"),
    ]
    assert faults(good) == [], faults(good)
    for package in bad:
        assert len(faults([package])) == 1, f"not caught: {package}"
    print(f"{len(bad)} planted faults caught, {len(good)} good packages passed")


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        return
    packages = resolved()
    assert len(packages) > 10, "cargo metadata named hardly any package"
    lines = faults(packages)
    for line in lines:
        print(f"FAILED {line}")
    print(f"{len(packages)} packages, {len(lines)} faults")
    sys.exit(1 if lines else 0)


if __name__ == "__main__":
    main()
