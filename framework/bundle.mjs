// Bundles framework/main.ts and the entries of its other threads and processes into dist/.
// ESM with splitting: without it esbuild hoists lazy imports and every verb pays for all of them.
// Pure JavaScript is bundled, for one file opens faster than forty; what holds native code, WebAssembly
// or data files stays a package of its own.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const dist = join(root, 'dist')

/** Names these sources: what one build has compiled, another must not trust (config's cache). */
function buildId() {
  const digest = createHash('sha256')
  const framework = join(root, 'framework')
  for (const file of readdirSync(framework, { recursive: true }).sort()) {
    if (file.endsWith('.ts')) digest.update(file).update(readFileSync(join(framework, file)))
  }
  return digest.digest('hex').slice(0, 16)
}

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: {
    main: 'framework/main.ts',
    'command-helper': 'framework/kinds/command/helper-entry.ts',
    'embedded-worker': 'framework/connections/postgres/embedded/worker.ts',
  },
  outdir: dist,
  chunkNames: '[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: [
    '@aws-sdk/*',
    '@duckdb/*',
    '@electric-sql/*',
    '@photostructure/sqlite',
    'pg',
    'pg-native',
    'graphology*',
    'axios',
    'snowflake-sdk',
  ],
  define: { __BUILD_ID__: JSON.stringify(buildId()) },
  // CommonJS packages ask for `require`, which ESM does not give them.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  metafile: true,
  minifySyntax: true,
  minifyWhitespace: true,
  logLevel: 'warning',
})

// Only now, so that a build that failed leaves the one before it in place.
const made = new Set(Object.keys(metafile.outputs).map((file) => basename(file)))
for (const file of readdirSync(dist)) if (!made.has(file)) rmSync(join(dist, file))

// Python is not bundled: the worker's files lie beside the bundle as they lie beside their source.
const dbt = join(root, 'framework/kinds/dbt')
for (const file of readdirSync(dbt).filter((name) => name.endsWith('.py'))) {
  cpSync(join(dbt, file), join(dist, file))
}

// For editors: `# yaml-language-server: $schema=…` in a YAML file names one of these.
for (const file of ['project', 'assets']) {
  const schema = execFileSync(process.execPath, [join(dist, 'main.js'), 'schema', file])
  writeFileSync(join(dist, `${file}.schema.json`), schema)
}
