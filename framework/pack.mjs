// `npm pack` and `npm publish` run this before and after they make the package (decisions/0007).
//   before: bundles the program, writes its bill of materials (decisions/0009), and puts the package.json of the
//           package in place of the repository's
//   after:  restores the package.json of the repository
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const file = join(root, 'package.json')
/** The package.json of the repository while the package is made. */
const kept = join(root, 'package.json.kept')

/** What only a clone needs. npm would run `prepare`, or ask about it, where the package is installed. */
const OF_THE_REPOSITORY = ['scripts', 'devDependencies', 'allowScripts']

const when = process.argv[2]
if (when === 'before') {
  await import('./bundle.mjs')
  const sbom = ['--import', 'tsx', join(root, 'framework/supply-chain/sbom.ts')]
  execFileSync(process.execPath, sbom, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  const entries = Object.entries(JSON.parse(readFileSync(file, 'utf8')))
  const published = Object.fromEntries(entries.filter(([key]) => !OF_THE_REPOSITORY.includes(key)))
  renameSync(file, kept)
  writeFileSync(file, `${JSON.stringify(published, null, 2)}\n`)
} else if (when === 'after') {
  if (existsSync(kept)) renameSync(kept, file)
} else {
  console.error('usage: node framework/pack.mjs before|after')
  process.exit(2)
}
