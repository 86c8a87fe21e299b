// The licence of every package whose code or drawings end up in console/static/vendor.
import { readdirSync, readFileSync } from "node:fs";

const tools = /^node_modules\/(esbuild|@esbuild\/.*|axe-core|@popperjs\/.*)$/;
const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8"));
for (const folder of Object.keys(packages).filter((name) => name && !tools.test(name)).sort()) {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  console.log(`${"=".repeat(80)}\n${name} ${version} (${license})\n${"=".repeat(80)}\n`);
  console.log(file ? readFileSync(`${folder}/${file}`, "utf8").trim() : `${license}; the package ships no licence text.`);
  console.log();
}
