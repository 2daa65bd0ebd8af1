// Bundles framework/main.ts and the entries of its other threads and processes into dist/.
// CommonJS in few files, each run from compiled code (decisions/0004). Imports stay lazy: esbuild runs
// a module's code when it is first asked for, though it stands in the file that was read.
// Pure JavaScript is bundled, for one file opens faster than forty; what holds native code, WebAssembly
// or data files stays a package of its own.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
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

const made = new Set()

/** Bundles entries into files of their own, and tells the name of each. */
async function bundle(entryPoints, entryNames, options = {}) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints,
    entryNames,
    outdir: dist,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    // `import()` would start Node's other loader, a sixth of a bare start.
    supported: { 'dynamic-import': false },
    charset: 'ascii',
    metafile: true,
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: 'warning',
    ...options,
  })
  const names = Object.keys(metafile.outputs).map((file) => basename(file))
  for (const name of names) made.add(name)
  return names
}

/** Large packages that few commands need. */
const [yaml] = await bundle({ yaml: 'yaml' }, '[name]-[hash]')
const [zod] = await bundle({ zod: 'zod' }, '[name]-[hash]')
const apart = {
  name: 'apart',
  setup({ onResolve }) {
    const files = { yaml, zod }
    onResolve({ filter: /^(yaml|zod)$/ }, ({ path }) => ({
      path: `./${files[path]}`,
      external: true,
    }))
  },
}

const program = {
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
  define: { __BUILD_ID__: JSON.stringify(buildId()), 'import.meta.url': '__bundleUrl' },
  banner: { js: "const __bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
  plugins: [apart],
}
const [main] = await bundle({ program: 'framework/main.ts' }, '[name]-[hash]', program)
await bundle(
  {
    'command-helper': 'framework/kinds/command/helper-process.ts',
    'embedded-worker': 'framework/connections/postgres/embedded/worker.ts',
  },
  '[name]',
  program,
)
await bundle({ main: 'framework/launcher.ts' }, '[name]', {
  define: { __PROGRAM__: JSON.stringify(`./${main}`) },
})

// Only now, so that a build that failed leaves the one before it in place.
for (const file of readdirSync(dist)) if (!made.has(file)) rmSync(join(dist, file))
// The package's own files are ES modules.
writeFileSync(join(dist, 'package.json'), '{"type":"commonjs"}\n')

// Python is not bundled: its files are copied next to the bundle, as they are next to the TypeScript that starts them.
for (const folder of ['worker', 'python']) {
  const from = join(root, 'framework/kinds/dbt', folder)
  for (const file of readdirSync(from).filter((name) => name.endsWith('.py'))) {
    cpSync(join(from, file), join(dist, file))
  }
}

/** What a command prints. It also adds the code that it needed to what is kept compiled. */
const run = (cwd, ...args) =>
  execFileSync(process.execPath, [join(dist, 'main.js'), ...args], {
    cwd,
    env: { ...process.env, ASSETS_LEARN: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })

// For editors: `# yaml-language-server: $schema=…` in a YAML file names one of these.
for (const file of ['project', 'assets']) {
  writeFileSync(join(dist, `${file}.schema.json`), run(root, 'schema', file))
}

// What a day asks of a project, so that its code is compiled before somebody waits for it.
const sample = mkdtempSync(join(tmpdir(), 'assets-learn-'))
const declared = (command) => `version: 1
project: learn
assets:
  first: {kind: command, run: ${command}, outputs: [first]}
  second: {kind: command, deps: [first], run: cp first second, outputs: [second]}
`
try {
  for (const command of ['echo 1 > first', 'echo 2 > first']) {
    writeFileSync(join(sample, 'assets.yaml'), declared(command))
    for (const verb of ['status', 'plan', 'materialize']) run(sample, verb)
  }
  run(sample, 'why', 'second')
  run(sample, 'status', '--offline')
  for (const verb of ['list', 'check', 'materialize', '--help']) run(sample, verb)
} catch (error) {
  // Commands compile for themselves then, and the next one to be run tells what is wrong.
  console.warn(`no code was compiled ahead: ${error.message}`)
} finally {
  rmSync(sample, { recursive: true })
}
