# The load program, benches/load, in front of servers of its own: sourced after common.sh, never run.
# shellcheck shell=bash

# shellcheck source=scripts/lib/servers.sh
. "$root/scripts/lib/servers.sh"

load_pid=''

# run_load ARGUMENT...: the load program that scripts/release has built, and beside it the gateway and mock-wechat, with a
# Redis and a PostgreSQL that are started for it and stopped after it.
run_load() {
  local target="${CARGO_TARGET_DIR:-$root/target}"
  # A folder in memory would make every commit look free.
  if [ "$(stat --file-system --format=%T "${TMPDIR:-/tmp}")" = tmpfs ]; then
    export TMPDIR="$target/tmp"
    mkdir -p "$TMPDIR"
  fi
  start_redis
  start_postgres durable
  # In the background, so that a signal reaches this script at once.
  "$target/shipped/load" --redis "$TEST_REDIS_URL" --redis-pid "$redis_pid" \
    --postgres "$TEST_POSTGRES_URL" --postgres-pid "$(head -n 1 "$servers/postgres/postmaster.pid")" \
    "$@" &
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
trap stop_load EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
