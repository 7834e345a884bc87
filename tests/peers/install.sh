#!/bin/bash
# Installs what the tests need and is not there yet: Debian packages, and pinned packages of npm
# and PyPI under tests/peers. Works as root or with sudo. Anything that stays missing is a failure.
set -euo pipefail
cd "$(dirname "$0")"

fail() {
    echo "install.sh: $1" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo --non-interactive --preserve-env=DEBIAN_FRONTEND "$@"
    else
        fail "this needs root or sudo: $*"
    fi
}

has_c_headers() { [ -e /usr/include/stdlib.h ]; }
has_postgres() { [ -x /usr/lib/postgresql/15/bin/initdb ]; }
has_venv() { python3 -c 'import ensurepip, venv' 2>/dev/null; }
has_program() { command -v "$1" >/dev/null; }
# The browser driver needs Node 18, which is what Debian 12 has.
has_node() { has_program node && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 18 ]; }

packages=()
has_program gcc || packages+=(gcc)
has_c_headers || packages+=(libc6-dev)
has_postgres || packages+=(postgresql)
has_program chromium || packages+=(chromium)
has_node || packages+=(nodejs)
has_program npm || packages+=(npm)
has_program python3 || packages+=(python3)
has_venv || packages+=(python3-venv)
has_program openssl || packages+=(openssl)
has_program faketime || packages+=(faketime)
[ -e /etc/ssl/certs/ca-certificates.crt ] || packages+=(ca-certificates)
for package in "$@"; do
    dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q "ok installed" || packages+=("$package")
done

if [ ${#packages[@]} -gt 0 ]; then
    echo "installing Debian packages: ${packages[*]}"
    export DEBIAN_FRONTEND=noninteractive
    as_root apt-get update -qq
    as_root apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
else
    echo "Debian packages: all there"
fi

has_postgres || fail "PostgreSQL 15 is still missing; tests run against the server of Debian 12"
has_venv || fail "python3 still has no venv module"
has_node || fail "node is missing or older than 18"
for program in gcc chromium npm openssl; do
    has_program "$program" || fail "$program is still missing"
done

has_program cargo || fail "cargo is missing; install Rust first (rustup.rs)"
for component in rustfmt clippy; do
    if ! cargo "${component/rustfmt/fmt}" --version >/dev/null 2>&1; then
        has_program rustup || fail "cargo has no $component, and there is no rustup to add it"
        echo "adding $component to the Rust toolchain"
        rustup component add "$component"
    fi
done

# A stamp per lock file: an unchanged lock is not installed again.
fresh() { [ -e "$2" ] && [ "$(cat "$2")" = "$(sha256sum <"$1")" ]; }

if fresh package-lock.json node_modules/.stamp; then
    echo "npm packages: all there"
else
    echo "installing npm packages from package-lock.json"
    npm ci --no-audit --no-fund --loglevel=error
    sha256sum <package-lock.json >node_modules/.stamp
fi
if fresh requirements.txt .venv/stamp; then
    echo "PyPI packages: all there"
else
    echo "installing PyPI packages from requirements.txt"
    rm -rf .venv
    python3 -m venv .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement requirements.txt
    .venv/bin/python -m pip check
    sha256sum <requirements.txt >.venv/stamp
fi
