#!/usr/bin/env bash
# The extension in the real editor: a build of Visual Studio Code's server from npm, seen through a
# headless Chromium. Says what it did and saw; pictures are in build/try. Needs Chromium, Node.js 20
# (the editor's own version), what `npm ci` installs, and `sessionzero`, on PATH or named by SESSIONZERO.
set -euo pipefail
cd "$(dirname "$0")"
checkout=$(cd ../.. && pwd)
work=$PWD/build/try

missing() { echo "not tried: $*" >&2; exit 77; }
program=${SESSIONZERO:-$(command -v sessionzero || true)}
browser=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || true)}
[ -x "$program" ] || missing "there is no sessionzero on PATH, and SESSIONZERO names none"
"$program" lsp --help >/dev/null 2>&1 || missing "$program has no language server: install it with its extra [lsp]"
[ -x "$browser" ] || missing "there is no Chromium (Debian: apt install chromium fonts-dejavu-core)"
[[ $(node --version 2>/dev/null) == v20.* ]] || missing "this editor's server runs on Node.js 20 alone"
[ -d node_modules ] || missing "the extension's packages are not installed: npm ci --ignore-scripts"

editor=$PWD/try/node_modules/code-server/lib/vscode
if [ ! -e "$editor/.installed" ]; then
  quietly=(--ignore-scripts --no-audit --no-fund --loglevel=error)
  npm ci --prefix try "${quietly[@]}"
  # Its list of versions is pinned, but lacks one that `npm ci` asks for.
  npm install --prefix "$editor" --omit=dev "${quietly[@]}"
  touch "$editor/.installed"
fi
npm run --silent package >/dev/null

rm -rf "$work"
mkdir -p "$work/data/User" "$work/data/Machine"
cp -R "$checkout/fixtures/programs/three-files-away" "$work/service"
code=(node "$editor/out/server-main.js" --accept-server-license-terms --server-data-dir "$work/server"
  --user-data-dir "$work/data" --extensions-dir "$work/extensions")
"${code[@]}" --install-extension build/sessionzero.vsix >"$work/install.log" 2>&1 ||
  { cat "$work/install.log" >&2; exit 1; }

# The program has the name that is searched for, wherever it is.
mkdir "$work/bin"
ln -s "$program" "$work/bin/sessionzero"
PATH="$work/bin:$PATH" "${code[@]}" --host 127.0.0.1 --port 0 --without-connection-token \
  --telemetry-level off --force-disable-user-env >"$work/server.log" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null || true' EXIT
for _ in $(seq 120); do
  address=$(grep -o 'http://[a-z0-9.]*:[0-9]*' "$work/server.log" | head -1) && break
  kill -0 $server 2>/dev/null || { cat "$work/server.log" >&2; exit 1; }
  sleep 0.25
done
node try/drive.mjs "$browser" "${address:?the server of the editor did not start}" "$work"
