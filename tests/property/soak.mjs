import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

// Node 20 runs no TypeScript: soak.ts is bundled to where it still finds the packages it imports.
const here = fileURLToPath(new URL('.', import.meta.url))
const outfile = join(here, '../../node_modules/.cache/assets-soak.mjs')
await build({
  entryPoints: [join(here, 'soak.ts')],
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  outfile,
  logLevel: 'error',
})
await import(pathToFileURL(outfile).href)
