#!/bin/bash
# A real SMTP server for the tests: STARTTLS and a sign-in are demanded, mail lands in a Maildir.
#
#   smtp.sh start DIR   makes DIR with a certificate authority, starts the server, writes DIR/env
#   smtp.sh stop DIR    stops it and removes DIR
#
# DIR/env holds MUSTER_TEST_SMTP_URL, _HOST, _PORT, _USER, _PASSWORD, _CA and _MAILDIR.
set -euo pipefail

verb=${1:?start or stop}
directory=${2:?a directory for the server}
here=$(cd "$(dirname "$0")" && pwd)
python=$here/.venv/bin/python

# The server's certificate is signed by an authority of its own: TLS libraries rightly refuse
# an authority's certificate used as a server's.
make_certificates() {
    cd "$directory"
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=Muster test authority" \
        -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign" \
        -keyout authority.key -out authority.pem 2>openssl.log
    openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" -keyout server.key -out server.csr 2>>openssl.log
    printf '%s\n' "subjectAltName=DNS:localhost,IP:127.0.0.1" "basicConstraints=CA:FALSE" \
        "extendedKeyUsage=serverAuth" >server.ext
    openssl x509 -req -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 30 \
        -extfile server.ext -out server.pem 2>>openssl.log
}

start() {
    if [ ! -x "$python" ]; then
        echo "smtp.sh: tests/peers/.venv is missing; tests/run makes it" >&2
        exit 1
    fi
    mkdir -p "$directory"
    directory=$(cd "$directory" && pwd)
    (make_certificates)
    "$python" "$here/smtp_server.py" "$directory" >"$directory/log" 2>&1 </dev/null &
    echo $! >"$directory/pid"
    local waited
    for waited in $(seq 1 100); do
        if [ -e "$directory/env" ]; then
            cat "$directory/env"
            return
        fi
        if ! kill -0 "$(cat "$directory/pid")" 2>/dev/null; then
            break
        fi
        sleep 0.1
    done
    echo "smtp.sh: the server did not come up (looked $waited times):" >&2
    cat "$directory/log" >&2
    exit 1
}

stop() {
    if [ -e "$directory/pid" ]; then
        kill "$(cat "$directory/pid")" 2>/dev/null || true
        rm -rf "$directory"
    fi
}

case $verb in
start) start ;;
stop) stop ;;
*)
    echo "smtp.sh: say start or stop, not $verb" >&2
    exit 2
    ;;
esac
