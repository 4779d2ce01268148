# The load program, benches/load, in front of servers of its own: sourced after common.sh, never run.
# shellcheck shell=bash
#
#   trap stop_load EXIT
#   start_load_servers            a Redis and a PostgreSQL
#   run_load FOLDER ARGUMENT...   the program in FOLDER, with the gateway and mock-wechat that lie beside it, in front of them

# shellcheck source=scripts/lib/servers.sh
. "$root/scripts/lib/servers.sh"

load_pid=''

start_load_servers() {
  [ -r /proc/self/stat ] || fail "CPU time and memory are read from /proc, which this system does not have"
  # A folder in memory would make every commit look free.
  if [ "$(stat --file-system --format=%T "${TMPDIR:-/tmp}")" = tmpfs ]; then
    export TMPDIR="$target/tmp"
    mkdir -p "$TMPDIR"
  fi
  make_certificate
  start_redis
  start_postgres durable
}

run_load() {
  local folder=$1
  shift
  # In the background, so that a signal reaches this script at once.
  "$folder/load" --redis "$TEST_REDIS_URL" --redis-tls "$redis_tls_url" --redis-pid "$redis_pid" \
    --postgres "$TEST_POSTGRES_URL" --postgres-pid "$(head -n 1 "$servers/postgres/postmaster.pid")" \
    --certificate "$certificate" "$@" &
  load_pid=$!
  wait "$load_pid"
  load_pid=''
}

stop_load() {
  if [ -n "$load_pid" ]; then
    kill "$load_pid" 2>/dev/null || true
    wait "$load_pid" || true
  fi
  stop_servers
}
