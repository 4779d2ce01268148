# Shared by the scripts of this folder: sourced, never run.
# shellcheck shell=bash
#
# common.sh   words, folders, ports, and what a machine must have
# servers.sh  Redis and PostgreSQL of one run, in a temporary folder, on free ports
# load.sh     the load program in front of them

set -euo pipefail

# The checkout, wherever the caller stood; every script works from here.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"

# Where cargo builds. CARGO_TARGET_DIR may be relative: to the checkout.
target=${CARGO_TARGET_DIR:-target}
case $target in /*) ;; *) target="$root/$target" ;; esac

# What is installed once and serves every checkout of this user: cargo's helpers, Python packages.
cache="${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/wechat-gateway"

# shellcheck disable=SC2034 # red, green and plain are for the scripts that source this
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
  bold=$'\033[1m' red=$'\033[31m' green=$'\033[32m' plain=$'\033[0m'
else
  bold='' red='' green='' plain=''
fi

say() { printf '%s\n' "${bold}==> $*${plain}"; }
fail() { printf '%s\n' "${red}error:${plain} $*" >&2; exit 1; }

# The comment at the head of a script is its help.
print_help() { awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$1"; }

# duration SECONDS -> "3m 07s"
duration() { printf '%dm %02ds' $(($1 / 60)) $(($1 % 60)); }

port_is_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# A port nobody listens on, outside the range from which the kernel picks for outgoing connections.
free_port() {
  local port
  for _ in $(seq 100); do
    port=$((20000 + RANDOM % 12000))
    if ! port_is_open "$port"; then
      echo "$port"
      return
    fi
  done
  fail "no free port found between 20000 and 32000 on 127.0.0.1"
}

# ensure_packages WHAT DEBIAN_PACKAGE... installs with apt where that is possible, and otherwise says what to do.
ensure_packages() {
  local what=$1 as_root=()
  shift
  if ! command -v apt-get >/dev/null; then
    fail "$what is missing. Install it with this system's package manager (on Debian: $*) and run this again."
  fi
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || fail "$what is missing. As root: apt-get install $*"
    as_root=(sudo)
  fi
  say "$what is missing: installing $* with apt-get"
  ${as_root[@]+"${as_root[@]}"} apt-get update -qq
  ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null
}

# Rust of at least the version in Cargo.toml, a C compiler for SQLite and ring, and curl.
ensure_build_tools() {
  local wanted found
  command -v curl >/dev/null || ensure_packages "curl" curl ca-certificates
  command -v cc >/dev/null || ensure_packages "a C compiler" build-essential
  wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
  command -v cargo >/dev/null ||
    fail "cargo is missing. Install Rust $wanted or newer, as https://rustup.rs says, and run this again."
  found=$(rustc --version | cut -d ' ' -f 2)
  if [ "$(printf '%s\n%s\n' "$wanted" "$found" | sort -V | head -n 1)" != "$wanted" ]; then
    fail "Rust $wanted or newer is needed, this is $found. Run: rustup update stable"
  fi
}

# ensure_cargo_tool NAME VERSION: a cargo subcommand of exactly this version, built once per user.
# Built without optimisation: it starts in a second anyway and compiles in a third of the time.
ensure_cargo_tool() {
  local name=$1 version=$2
  local home="$cache/$name-$version"
  if [ ! -x "$home/bin/$name" ]; then
    say "$name $version is missing: building it into $home (once)"
    cargo install --quiet --debug --locked --root "$home" --version "$version" "$name"
  fi
  PATH="$home/bin:$PATH"
}

# A browser that tests can drive, with a font for Chinese. Where it came from does not matter: the driver finds it.
ensure_browser() {
  command -v chromedriver >/dev/null || ensure_packages "Chromium with its driver" chromium chromium-driver fonts-noto-cjk
}

# The Python with the packages that serve as oracles; its path goes into TEST_PYTHON.
ensure_python() {
  local requirements=(tests/external/requirements.txt mock-wechat/examples/pytest-werobot/requirements.txt) sum home
  command -v python3 >/dev/null || ensure_packages "Python 3" python3 python3-venv
  python3 -c 'import ensurepip, venv' 2>/dev/null || ensure_packages "Python's venv" python3-venv
  sum=$(cat "${requirements[@]}" | cksum | cut -d ' ' -f 1)
  home="$cache/python-$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')-$sum"
  if [ ! -e "$home/complete" ]; then
    say "The Python packages of ${requirements[*]} are missing: installing them into $home (once)"
    rm -rf "$home"
    python3 -m venv "$home"
    "$home/bin/python" -m pip install --quiet --disable-pip-version-check "${requirements[@]/#/-r}"
    touch "$home/complete"
  fi
  export TEST_PYTHON="$home/bin/python"
}

# The Node packages of mock-wechat's example and of its tests; their folders go into TEST_NODE_MODULES, as NODE_PATH
# wants them.
ensure_node() {
  local packages sum home
  command -v npm >/dev/null || ensure_packages "Node.js with npm" nodejs npm
  TEST_NODE_MODULES=''
  for packages in mock-wechat/examples/node-co-wechat mock-wechat/tests/external; do
    sum=$(cksum <"$packages/package-lock.json" | cut -d ' ' -f 1)
    home="$cache/node-$sum"
    if [ ! -e "$home/complete" ]; then
      say "The Node packages of $packages are missing: installing them into $home (once)"
      rm -rf "$home"
      mkdir -p "$home"
      cp "$packages/package.json" "$packages/package-lock.json" "$home"
      (cd "$home" && npm ci --silent --ignore-scripts --no-audit --no-fund)
      touch "$home/complete"
    fi
    TEST_NODE_MODULES="${TEST_NODE_MODULES:+$TEST_NODE_MODULES:}$home/node_modules"
  done
  export TEST_NODE_MODULES
}
