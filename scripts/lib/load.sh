# The load program, benches/load, in front of servers of its own: sourced after common.sh, never run.
# shellcheck shell=bash
#
#   trap stop_load EXIT
#   run_load FOLDER ARGUMENT...   the program in FOLDER, with the gateway and mock-wechat that lie beside it, and a Redis and
#                                 a PostgreSQL that are started for it and stopped after it

# shellcheck source=scripts/lib/servers.sh
. "$root/scripts/lib/servers.sh"

load_pid=''

# Whatever run_load needs and what may be missing: before minutes of building, rather than after them.
ensure_load() {
  [ -r /proc/self/stat ] || fail "CPU time and memory are read from /proc, which this system does not have"
  ensure_redis
  ensure_postgres
  ensure_openssl
}

run_load() {
  local folder=$1
  shift
  # A folder in memory would make every commit look free.
  if [ "$(stat --file-system --format=%T "${TMPDIR:-/tmp}")" = tmpfs ]; then
    export TMPDIR="$target/tmp"
    mkdir -p "$TMPDIR"
  fi
  make_certificate
  start_redis
  start_postgres durable
  # In the background, so that a signal reaches this script at once.
  "$folder/load" --redis "$TEST_REDIS_URL" --redis-tls "$TEST_REDIS_TLS_URL" --redis-pid "$redis_pid" \
    --postgres "$TEST_POSTGRES_URL" --postgres-pid "$(head -n 1 "$servers/postgres/postmaster.pid")" \
    --certificate "$TEST_CERTIFICATE" "$@" &
  load_pid=$!
  wait "$load_pid"
  load_pid=''
  stop_servers
}

stop_load() {
  if [ -n "$load_pid" ]; then
    kill "$load_pid" 2>/dev/null || true
    wait "$load_pid" || true
  fi
  stop_servers
}
