#!/bin/sh
# Rebuilds console/static/vendor from the locked packages. Needs Node 20 or newer; running Sendoff does not.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$here/../../console/static/vendor
axe=$here/../../tests/browser/axe.min.js
cd "$here"
npm ci --no-audit --no-fund --silent
mkdir -p "$out/icons"
modules=$here/node_modules

# The maps are not shipped, and the manifest storage refuses a reference to a file that is not there.
strip() { sed -e 's|/\*# sourceMappingURL=[^*]*\*/||' -e 's|^//# sourceMappingURL=.*||' "$1"; }

strip "$modules/@tabler/core/dist/css/tabler.min.css" > "$out/tabler.min.css"
{ echo '/* htmx 2.0.11, 0BSD, https://htmx.org */'; strip "$modules/htmx.org/dist/htmx.min.js"; } > "$out/htmx.min.js"
cp "$modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2" "$out/inter.woff2"
cp "$modules/@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2" "$out/jetbrains-mono.woff2"
"$modules/.bin/esbuild" sql-editor.entry.js --bundle --minify --format=iife --global-name=SqlEditor --target=es2021 \
  --banner:js='/* CodeMirror 6 and Lezer, MIT, see LICENCES.txt */' --outfile="$out/sql-editor.js"

rm -f "$out"/icons/*.svg
while read -r name; do
  cp "$modules/@tabler/icons/icons/outline/$name.svg" "$out/icons/$name.svg"
done < icons.txt
strip "$modules/axe-core/axe.min.js" > "$axe"
node licences.mjs > "$out/LICENCES.txt"
