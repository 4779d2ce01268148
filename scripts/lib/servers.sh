# Redis and PostgreSQL of one run: sourced after common.sh, never run.
# shellcheck shell=bash
#
# Each server lives in $servers, a temporary folder, listens on a free port of 127.0.0.1, and ends with the script:
#
#   trap stop_servers EXIT
#   start_redis               exports TEST_REDIS_URL
#   start_postgres quick      exports TEST_POSTGRES_URL; writes are not waited for on the disk: for tests, which find
#                             initdb and pg_ctl by TEST_POSTGRES_BIN where they need a server of their own
#   start_postgres durable    the same with PostgreSQL's own defaults: for measurements
#
#   make_certificate          before those: they speak TLS too then, as 127.0.0.1. Its file is $certificate, and start_redis
#                             sets $redis_tls_url

servers=''
certificate=''
redis_pid=''
# shellcheck disable=SC2034 # for load.sh
redis_tls_url=''
postgres_bin=''

ensure_redis() { command -v redis-server >/dev/null || ensure_packages "Redis" redis-server; }

ensure_postgres() {
  find_postgres || { ensure_packages "PostgreSQL" postgresql && find_postgres; } ||
    fail "PostgreSQL's initdb is not in PATH, nor where pg_config --bindir or /usr/lib/postgresql point"
}

ensure_openssl() { command -v openssl >/dev/null || ensure_packages "openssl" openssl; }

make_certificate() {
  ensure_openssl
  make_servers_folder
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1 \
    -addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE \
    -keyout "$servers/server.key" -out "$servers/server.crt" 2>"$servers/openssl.log" ||
    { cat "$servers/openssl.log" >&2 && fail "openssl made no certificate; its output is above"; }
  certificate="$servers/server.crt"
}

start_redis() {
  local port tls=() tls_port
  ensure_redis
  make_servers_folder
  mkdir -p "$servers/redis"
  for _ in 1 2 3; do
    port=$(free_port)
    if [ -n "$certificate" ]; then
      tls_port=$(free_port)
      tls=(--tls-port "$tls_port" --tls-cert-file "$certificate" --tls-key-file "$servers/server.key"
        --tls-ca-cert-file "$certificate" --tls-auth-clients no)
    fi
    redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$servers/redis" \
      ${tls[@]+"${tls[@]}"} >"$servers/redis.log" 2>&1 &
    redis_pid=$!
    if wait_for_redis "$port"; then
      export TEST_REDIS_URL="redis://127.0.0.1:$port"
      redis_tls_url="${tls_port:+rediss://127.0.0.1:$tls_port}"
      return
    fi
  done
  cat "$servers/redis.log" >&2
  fail "redis-server did not start; its output is above"
}

# Until it answers, or ended because somebody else was quicker to take the port.
wait_for_redis() {
  while kill -0 "$redis_pid" 2>/dev/null; do
    [ "$(redis-cli -h 127.0.0.1 -p "$1" ping 2>/dev/null)" = PONG ] && return 0
    sleep 0.05
  done
  return 1
}

start_postgres() {
  local port password data settings owner=()
  ensure_postgres
  make_servers_folder
  data="$servers/postgres"
  password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  settings="-c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=300"
  if [ "$1" = quick ]; then
    settings="$settings -c fsync=off -c full_page_writes=off"
  fi
  if [ -n "$certificate" ]; then
    settings="$settings -c ssl=on -c ssl_cert_file=server.crt -c ssl_key_file=server.key"
  fi
  printf '%s\n' "$password" >"$servers/password"
  mkdir -p "$data"
  if [ "$(id -u)" = 0 ]; then
    owner=(-o "$(postgres_user)")
    chown "$(postgres_user)" "$data" "$servers/password"
  fi
  as_postgres "$postgres_bin/initdb" --pgdata="$data" --username=gateway --pwfile="$servers/password" \
    --auth=scram-sha-256 --encoding=UTF8 --no-locale --no-sync --no-instructions >"$servers/initdb.log" 2>&1 ||
    { cat "$servers/initdb.log" >&2 && fail "initdb failed; its output is above"; }
  if [ -n "$certificate" ]; then
    install -m 600 ${owner[@]+"${owner[@]}"} "$certificate" "$servers/server.key" "$data"
  fi
  for _ in 1 2 3; do
    port=$(free_port)
    if as_postgres "$postgres_bin/pg_ctl" --pgdata="$data" --log="$data/server.log" --wait --silent \
      -o "$settings -c port=$port" start >"$servers/pg_ctl.log" 2>&1; then
      export TEST_POSTGRES_URL="postgres://gateway:$password@127.0.0.1:$port/postgres" TEST_POSTGRES_BIN="$postgres_bin"
      return
    fi
  done
  cat "$servers/pg_ctl.log" "$data/server.log" >&2
  fail "PostgreSQL did not start; its output is above"
}

stop_servers() {
  [ -n "$servers" ] || return 0
  if [ -n "$redis_pid" ]; then
    kill "$redis_pid" 2>/dev/null || true
    wait "$redis_pid" 2>/dev/null || true
  fi
  if [ -e "$servers/postgres/postmaster.pid" ]; then
    as_postgres "$postgres_bin/pg_ctl" --pgdata="$servers/postgres" --mode=immediate --silent stop || true
  fi
  rm -rf "$servers"
  servers='' certificate=''
}

# PostgreSQL's user must be able to walk through it, so it is not closed as mktemp makes it; nothing in it is.
make_servers_folder() {
  if [ -z "$servers" ]; then
    servers=$(mktemp -d "${TMPDIR:-/tmp}/wechat-gateway.XXXXXX")
    chmod 711 "$servers"
  fi
}

# Debian keeps the server's programs out of PATH, one folder per version; the newest is taken.
find_postgres() {
  local candidate
  for candidate in "$(command -v initdb || true)" "$(pg_config --bindir 2>/dev/null || true)/initdb" \
    $(printf '%s\n' /usr/lib/postgresql/*/bin/initdb | sort -rV); do
    if [ -x "$candidate" ] && [ -x "$(dirname "$candidate")/pg_ctl" ]; then
      postgres_bin=$(dirname "$candidate")
      return 0
    fi
  done
  return 1
}

# PostgreSQL refuses to run as root; the package's own user, or nobody, runs it instead.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then
    (cd "$servers" && runuser -u "$(postgres_user)" -- "$@")
  else
    (cd "$servers" && "$@")
  fi
}

postgres_user() { if id postgres >/dev/null 2>&1; then echo postgres; else echo nobody; fi; }
