// Bundles framework/main.ts, and the entry points of worker threads and child processes, into dist/.
// The output is a few CommonJS files that run from V8's code cache (decisions/0004). Imports stay lazy:
// esbuild runs a bundled module only when it is first imported.
// Pure JavaScript packages are bundled, because one file opens faster than forty; they are devDependencies.
// Packages with WebAssembly, data files or large optional parts are not; they are dependencies. The native
// SQLite driver is bundled too, so that a user's npm has no install script to ask about (decisions/0007).
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'
import { build } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const dist = join(root, 'dist')
const SQLITE = '@photostructure/sqlite'

/** Identifies the sources of a build. The configuration cache is valid for one build only. */
function buildId() {
  const digest = createHash('sha256')
  const framework = join(root, 'framework')
  for (const file of readdirSync(framework, { recursive: true }).sort()) {
    if (/\.(?:tsx?|css|html)$/.test(file))
      digest.update(file).update(readFileSync(join(framework, file)))
  }
  return digest.digest('hex').slice(0, 16)
}

/** The package.json of a package. */
function packageOf(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}

const writtenFiles = new Set()
/** Folders of the packages whose code is in the bundle. */
const bundledPackages = new Set()

/** Bundles each entry point into its own file. Returns the file names. */
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
    // `import()` would start Node's ES module loader, which takes a sixth of Node's start-up time.
    supported: { 'dynamic-import': false },
    charset: 'ascii',
    metafile: true,
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: 'warning',
    ...options,
  })
  const names = Object.keys(metafile.outputs).map((file) => basename(file))
  for (const name of names) writtenFiles.add(name)
  noteBundled(metafile)
  return names
}

/** Notes the packages whose code is in a bundle. */
function noteBundled({ inputs }) {
  for (const file of Object.keys(inputs)) {
    const [folder] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []
    if (folder !== undefined) bundledPackages.add(folder)
  }
}

// The SQLite driver looks for its native code in its own package. Here that is a folder of dist/, which
// never changes: a running process has such a file mapped.
const driver = createRequire(import.meta.url).resolve(SQLITE)
const driverPackage = dirname(dirname(driver))
const builds = `sqlite-${packageOf(driverPackage).version}`
const nativeBuilds = {
  name: 'native-builds',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node-gyp-build$/ }, ({ path, resolveDir }) => ({
      path,
      namespace: 'native-builds',
      pluginData: resolveDir,
    }))
    onLoad({ filter: /./, namespace: 'native-builds' }, ({ pluginData }) => ({
      contents: `const load = require('node-gyp-build/node-gyp-build.js')
        module.exports = () => load(require('node:path').join(__dirname, '${builds}'))`,
      resolveDir: pluginData,
    }))
  },
}

/** The graph of the page was built once already, so it has no cycle, and graphology is not needed to name one. */
const withoutCycles = {
  name: 'without-cycles',
  setup({ onResolve }) {
    onResolve({ filter: /\/cycles\.ts$/ }, () => ({
      path: join(root, 'framework/ui/page/no-cycles.ts'),
    }))
  },
}

/**
 * Bundles the page of `assets ui` into one HTML file. Its Content-Security-Policy allows its own script and styles by
 * their hashes, and nothing from elsewhere.
 */
async function bundlePage() {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['framework/ui/page/main.tsx'],
    outdir: dist,
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: ['chrome110', 'firefox115', 'safari16.4'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    alias: { 'node:path/posix': './framework/ui/page/posix-path.ts' },
    plugins: [withoutCycles],
    minify: true,
    legalComments: 'none',
    charset: 'utf8',
    metafile: true,
    logLevel: 'warning',
  })
  noteBundled(metafile)
  const textOf = (ending) => outputFiles.find(({ path }) => path.endsWith(ending)).text.trim()
  // Nothing in a script can end its element.
  const script = textOf('.js').replaceAll('</script', '<\\/script')
  const style = textOf('.css')
  const hashOf = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  const policy = [
    `default-src 'none'`,
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    `connect-src 'self'`,
    'img-src data:',
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ')
  const html = readFileSync(join(root, 'framework/ui/page/page.html'), 'utf8')
    .replace('POLICY', () => policy)
    .replace('STYLE', () => style)
    .replace('SCRIPT', () => script)
  writeFileSync(join(dist, 'page.html'), html)
  writtenFiles.add('page.html')
}

/** The words of the command line for completion in shells: the declarations of the verbs, without their code. */
async function staticWords() {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['framework/cli/completion/static-words.ts'],
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    plugins: [withoutLazyImports],
    logLevel: 'warning',
  })
  const module = { exports: {} }
  const run = new Script(`(function (module, exports, require) {${outputFiles[0].text}\n})`)
  run.runInThisContext()(module, module.exports, createRequire(import.meta.url))
  return module.exports.staticWords()
}

const withoutLazyImports = {
  name: 'without-lazy-imports',
  setup({ onResolve }) {
    onResolve({ filter: /./ }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path, external: true } : null,
    )
  },
}

// Large packages that few commands need are separate files.
const [yaml] = await bundle({ yaml: 'yaml' }, '[name]-[hash]')
const [zod] = await bundle({ zod: 'zod' }, '[name]-[hash]')
const [sqlite] = await bundle({ sqlite: driver }, '[name]-[hash]', { plugins: [nativeBuilds] })
const separatePackages = {
  name: 'separate-packages',
  setup({ onResolve }) {
    const files = { yaml, zod, [SQLITE]: sqlite }
    onResolve({ filter: /^(yaml|zod|@photostructure\/sqlite)$/ }, ({ path }) => ({
      path: `./${files[path]}`,
      external: true,
    }))
  },
}

const program = {
  external: [
    '@aws-sdk/*',
    '@duckdb/*',
    '@electric-sql/pglite',
    'pg',
    'pg-native',
    'fast-xml-parser',
    'graphology*',
    'axios',
    'snowflake-sdk',
  ],
  define: { __BUILD_ID__: JSON.stringify(buildId()), 'import.meta.url': '__bundleUrl' },
  banner: { js: "const __bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
  plugins: [separatePackages],
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
const [completion] = await bundle(
  { completion: 'framework/cli/completion/main.ts' },
  '[name]-[hash]',
  { define: { __STATIC_WORDS__: JSON.stringify(await staticWords()) } },
)
await bundle({ main: 'framework/launcher.ts' }, '[name]', {
  define: {
    __PROGRAM__: JSON.stringify(`./${main}`),
    __COMPLETION__: JSON.stringify(`./${completion}`),
  },
})

await bundlePage()

if (!existsSync(join(dist, builds))) {
  const temporary = join(dist, `${builds}.${process.pid}`)
  cpSync(join(driverPackage, 'prebuilds'), join(temporary, 'prebuilds'), { recursive: true })
  renameSync(temporary, join(dist, builds))
}
writtenFiles.add(builds)

// Old files are removed last, so that a failed build leaves the previous build intact.
for (const file of readdirSync(dist)) {
  if (!writtenFiles.has(file)) rmSync(join(dist, file), { recursive: true })
}
// package.json of the repository says ES modules; the bundle is CommonJS.
writeFileSync(join(dist, 'package.json'), '{"type":"commonjs"}\n')

// Python files, locked requirements and shell scripts are copied next to the bundle, because the code that uses
// them looks for them in its own folder.
for (const folder of [
  'kinds/dbt/worker',
  'kinds/dbt/python',
  'engines/duckdb',
  'python',
  'formats/hyper',
  'cli/verbs/completion',
]) {
  const from = join(root, 'framework', folder)
  for (const file of readdirSync(from).filter((name) => /\.(?:py|txt|bash|zsh|fish)$/.test(name))) {
    cpSync(join(from, file), join(dist, file))
  }
}

// The licenses of bundled packages ask to be passed on with their code. `npm run sbom` reads the first lines.
const licenses = [...bundledPackages].map(licenseOf)
writeFileSync(
  join(dist, 'LICENSES.txt'),
  [...licenses, ...nativeLicenses()].sort().join('\n\n---\n\n'),
)

/** The name, version and license texts of a package in a folder below the root. */
function licenseOf(folder) {
  const { name, version, license } = packageOf(join(root, folder))
  const files = readdirSync(join(root, folder)).filter((one) => /^(licen[cs]e|notice)/i.test(one))
  if (files.length === 0) throw new Error(`${name} is bundled and has no license text`)
  const texts = files.map((file) => readFileSync(join(root, folder, file), 'utf8').trim())
  return `${name} ${version} (${license})\n\n${texts.join('\n\n')}`
}

/** The same of what is compiled into the SQLite driver and has no license text in its package. */
function nativeLicenses() {
  const { versions, license: mit } = packageOf(driverPackage)
  const header = readFileSync(join(driverPackage, 'src/upstream/sqlite3.h'), 'utf8')
  const [blessing] = /The author disclaims[\s\S]*?than you give\./.exec(header)
  const [, permission] = readFileSync(join(driverPackage, 'LICENSE'), 'utf8').split(
    /(?=Permission is)/,
  )
  const nodeNotice = `Copyright Node.js contributors. All rights reserved.\n\n${permission.trim()}`
  return [
    `SQLite ${versions.sqlite} (blessing)\n\n${blessing.replaceAll(/\n\*\* ?/g, '\n')}`,
    `Node.js ${versions.nodejs} (${mit})\n\n${nodeNotice}`,
    licenseOf('node_modules/node-addon-api'),
  ]
}

/**
 * Runs a command and returns its output. ASSETS_LEARN makes it add the code that it ran to the code
 * cache.
 */
const run = (cwd, ...args) =>
  execFileSync(process.execPath, [join(dist, 'main.js'), ...args], {
    cwd,
    env: { ...process.env, ASSETS_LEARN: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })

// JSON schemas for editors. A YAML file names one with `# yaml-language-server: $schema=…`.
for (const file of ['project', 'assets']) {
  writeFileSync(join(dist, `${file}.schema.json`), run(root, 'schema', file))
}

// Run the everyday commands once, so that their code is in the cache before a user runs them.
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
  run(sample, 'completion', '--words', '--', 'assets', 'list', '+f')
  for (const verb of ['list', 'check', 'materialize', '--help']) run(sample, verb)
} catch (error) {
  // Without a cache, commands still work: they compile the code themselves and report any error.
  console.warn(`the code cache was not filled: ${error.message}`)
} finally {
  rmSync(sample, { recursive: true })
}
