#!/usr/bin/env bash
# Installs Debian packages whose command is missing: ensure-debian-packages.sh redis-server chromium poppler=pdfinfo
# An argument is PACKAGE, or PACKAGE=COMMAND where the command is not called like the package. Uses apt-get as
# root or with passwordless sudo; a user who may not is told what to run. Exits 1 if a command is still missing.
set -euo pipefail

usage='usage: ensure-debian-packages.sh PACKAGE[=COMMAND]...'
(($# > 0)) || { echo "$usage" >&2; exit 2; }

missing=()
for wanted in "$@"; do
  command -v "${wanted#*=}" >/dev/null || missing+=("${wanted%%=*}")
done
((${#missing[@]} > 0)) || exit 0

as_root=()
if ((EUID != 0)); then as_root=(sudo -n); fi
if ! command -v apt-get >/dev/null || { ((EUID != 0)) && ! sudo -n true 2>/dev/null; }; then
  echo "missing: ${missing[*]}. Install them and run this again, on Debian: sudo apt-get install ${missing[*]}" >&2
  exit 1
fi

echo "installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -q >/dev/null
"${as_root[@]}" apt-get install -q -y --no-install-recommends "${missing[@]}" >/dev/null

for wanted in "$@"; do
  command -v "${wanted#*=}" >/dev/null || { echo "${wanted%%=*} is installed, but there is no command ${wanted#*=}" >&2; exit 1; }
done
