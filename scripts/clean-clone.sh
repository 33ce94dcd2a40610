#!/usr/bin/env bash
# Does the README keep its word? Clones HEAD into an empty folder and runs there, one after the other, the
# commands of the README's first fenced block. Run it before a release: scripts/clean-clone.sh
# What is not committed is not tested. Exits 1 at the first command that fails; the clone is kept then.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
clone=$(mktemp -d "${TMPDIR:-/tmp}/ballast-clean-clone-XXXXXX")

git clone --quiet --no-hardlinks "$root" "$clone"
echo "cloned $(git -C "$clone" rev-parse --short HEAD) into $clone"
git -C "$root" diff --quiet HEAD || echo 'note: there are changes that are not committed; they are not in the clone'
cd "$clone"

mapfile -t commands < <(awk '/^```/ { if (inside) exit; inside = 1; next } inside && NF && !/^#/' README.md)
((${#commands[@]} > 0)) || { echo 'README.md has no fenced block with commands' >&2; exit 1; }

for command in "${commands[@]}"; do
  # Somebody who follows the README is in a clone already.
  case $command in 'git clone '* | 'cd '*) echo "skipped: $command"; continue ;; esac
  echo "\$ $command"
  started=$SECONDS
  # The demo runs until it is told to stop.
  case $command in 'npx ballast demo') command+=' --seconds 30' ;; esac
  if ! bash -c "$command"; then
    echo "FAILED after $((SECONDS - started)) s: $command (in $clone)" >&2
    exit 1
  fi
  echo "done in $((SECONDS - started)) s"
done

cd /
rm -rf "$clone"
echo "the README's ${#commands[@]} commands work in a clean clone"
