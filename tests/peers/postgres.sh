#!/bin/bash
# A throw-away PostgreSQL 15 cluster for the tests.
#
#   postgres.sh start DIR   makes DIR, starts the cluster in it and writes DIR/env
#   postgres.sh restart DIR stops it as a crash would, and starts it again on the same port
#   postgres.sh stop DIR    stops it and removes DIR
#
# DIR/env holds MUSTER_TEST_POSTGRES_URL: a superuser, so that each test makes its own database.
# Nothing in the cluster is worth keeping: fsync is off, and only the loopback address listens.
set -euo pipefail

verb=${1:?start, restart or stop}
directory=${2:?a directory for the cluster}

binaries=$(ls -d /usr/lib/postgresql/15/bin 2>/dev/null || true)
if [ -z "$binaries" ]; then
    binaries=$(dirname "$(command -v pg_ctl || echo /missing/pg_ctl)")
fi
if [ ! -x "$binaries/initdb" ]; then
    echo "postgres.sh: no PostgreSQL server here; install the package postgresql" >&2
    exit 1
fi

# PostgreSQL refuses to run as root: then the account of the Debian package owns the cluster.
as_owner() {
    if [ "$(id -u)" = 0 ]; then
        (cd / && runuser -u postgres -- "$@")
    else
        "$@"
    fi
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

start() {
    if [ -e "$directory/cluster" ]; then
        echo "postgres.sh: $directory already holds a cluster; stop it first" >&2
        exit 1
    fi
    mkdir -p "$directory"
    directory=$(cd "$directory" && pwd)
    if [ "$(id -u)" = 0 ]; then
        chown postgres "$directory"
    fi
    as_owner "$binaries/initdb" --pgdata="$directory/cluster" --username=postgres --auth=trust \
        --encoding=UTF8 --locale=C.UTF-8 --no-sync >/dev/null
    local attempt port
    for attempt in 1 2 3; do
        port=$(free_port)
        as_owner tee "$directory/cluster/postgresql.auto.conf" >/dev/null <<CONFIGURATION
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = ''
max_connections = 200
fsync = off
synchronous_commit = off
full_page_writes = off
timezone = 'UTC'
CONFIGURATION
        if as_owner "$binaries/pg_ctl" --pgdata="$directory/cluster" --log="$directory/log" \
            --wait --timeout=60 --silent start; then
            echo "MUSTER_TEST_POSTGRES_URL=postgres://postgres@127.0.0.1:$port/postgres" >"$directory/env"
            cat "$directory/env"
            return
        fi
        echo "postgres.sh: start $attempt failed on port $port" >&2
    done
    cat "$directory/log" >&2
    exit 1
}

restart() {
    as_owner "$binaries/pg_ctl" --pgdata="$directory/cluster" --log="$directory/log" \
        --wait --timeout=60 --silent --mode=immediate restart
}

stop() {
    if [ -e "$directory/cluster/postmaster.pid" ]; then
        as_owner "$binaries/pg_ctl" --pgdata="$directory/cluster" --wait --silent --mode=immediate stop
    fi
    if [ -e "$directory/cluster" ]; then
        rm -rf "$directory"
    fi
}

case $verb in
start) start ;;
restart) restart ;;
stop) stop ;;
*)
    echo "postgres.sh: say start, restart or stop, not $verb" >&2
    exit 2
    ;;
esac
