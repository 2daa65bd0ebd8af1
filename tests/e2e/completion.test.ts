import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CliProject, LAUNCHER } from '../rig/cli.ts'
import { PseudoTerminal, programPath } from '../rig/pseudo-terminal.ts'

// Completion in the real shells: what a person gets who types the beginning of a command and Tab.

const project = new CliProject()
project.write(
  'shop/assets.yaml',
  `version: 1
project: shop
targets: {local: {}, prod: {}}
default_target: local
jobs: {nightly: {select: "+fact_payment"}}
assets:
  fact_payment: {kind: external, group: marts, path: a.csv, tags: {tier: gold}}
  raw_film: {kind: external, path: b.csv, tags: ["it's $HOME", "two words"]}
`,
)
const root = project.path('shop')
const home = project.path('home')
const bin = project.path('bin')
const node = dirname(process.execPath)
const env = {
  PATH: `${bin}:${node}:/usr/bin:/bin`,
  HOME: home,
  TERM: 'dumb',
  LC_ALL: 'C.UTF-8',
}
const assets = (...args: readonly string[]) =>
  spawnSync(process.execPath, [LAUNCHER, ...args], { cwd: root, env, encoding: 'utf8' })

beforeAll(() => {
  for (const folder of [home, bin]) mkdirSync(folder)
  symlinkSync(LAUNCHER, join(bin, 'assets'))
  // Creates the names of the project.
  expect(assets('list').status).toBe(0)
  expect(assets('materialize', 'raw_film').stderr).toContain('raw_film')
})
afterAll(() => project.remove())

/** Each shell reads the script as the README says. Its `assets` then prints the words that it gets. */
const SHELLS = {
  bash: {
    argv: ['bash', '--norc', '--noprofile', '-i'],
    setup: `PS1='$ '
source <(assets completion bash)
assets() { turn=$((turn + 1)); printf '[%s]' "$@"; echo " end$turn."; }`,
  },
  zsh: {
    argv: ['zsh', '-f', '-i'],
    setup: `PS1='$ '; unsetopt beep; setopt nonomatch
source <(assets completion zsh)
assets() { (( turn++ )); printf '[%s]' "$@"; print " end$turn." }`,
  },
  fish: {
    argv: ['fish', '--no-config', '-i'],
    setup: `command assets completion fish | source
set -g turn 0
function assets; set -g turn (math $turn + 1); printf '[%s]' $argv; echo " end$turn."; end`,
  },
} as const

/** What is typed before Tab, and the words that the command then gets. */
const TYPED: readonly (readonly [typed: string, words: string])[] = [
  ['mat\t', '[materialize]'],
  ['source re\t', '[source][reset]'],
  ['status --exi\t', '[status][--exit-code]'],
  ['list +fact_p\t', '[list][+fact_payment]'],
  ['list raw_film,2+fact_p\t', '[list][raw_film,2+fact_payment]'],
  ['list fact_p+\t', '[list][fact_payment+]'],
  ['list gro\tm\t', '[list][group:marts]'],
  ['list raw_film,tag:ti\t', '[list][raw_film,tag:tier=gold]'],
  ['list tag:it\t', '[list][tag:"it\'s $HOME"]'],
  ['run ni\t', '[run][nightly]'],
  ['runs \t', '[runs][1]'],
  ['plan -t pr\t', '[plan][-t][prod]'],
  ['plan --target=pr\t', '[plan][--target=prod]'],
  ['state restore assets.y\t', '[state][restore][assets.yaml]'],
]

describe.concurrent.each(Object.entries(SHELLS))('in %s', (shell, { argv, setup }) => {
  test.skipIf(programPath(shell) === null)(`Tab completes (needs ${shell})`, async () => {
    const file = project.path(`setup.${shell}`)
    writeFileSync(file, `${setup}\necho re""ady\n`)
    const terminal = new PseudoTerminal(argv, root, env)
    try {
      terminal.type(`source ${file}\n`)
      await terminal.until('ready')
      const made: string[] = []
      for (const [at, [typed]] of TYPED.entries()) {
        const end = ` end${at + 1}.`
        terminal.type(`assets ${typed}\n`)
        await terminal.until(end)
        const [before = ''] = terminal.screen.split(end)
        made.push(before.slice(before.lastIndexOf('\n') + 1).trim())
      }
      expect(made).toEqual(TYPED.map(([, words]) => words))
      expect(terminal.screen).not.toMatch(/error|not found|bad |unknown/i)
    } finally {
      await terminal.close()
    }
  })
})

const bash = (script: string, path: string = env.PATH) =>
  spawnSync('bash', ['--norc', '--noprofile', '-c', script], {
    cwd: root,
    env: { ...env, PATH: path },
    encoding: 'utf8',
  })

test.skipIf(programPath('bash') === null)(
  'bash calls the program that printed the script where no assets is on the PATH, as with npx (needs bash)',
  () => {
    const { stdout } = assets('completion', 'bash')
    const tab = 'COMP_LINE="assets mat" COMP_POINT=10; _assets assets mat; echo "$COMPREPLY"'
    const path = `${node}:/usr/bin:/bin`
    expect(bash(`${stdout}\ncomplete -p assets\n${tab}`, path)).toMatchObject({
      stdout: 'complete -F _assets assets\nmaterialize\n',
      stderr: '',
    })
  },
)

test.skipIf(programPath('fish') === null)('fish shows descriptions (needs fish)', () => {
  const { stdout } = assets('completion', 'fish')
  const script = `${stdout}\ncomplete -C'assets list fact'; complete -C'assets run '; complete -C'assets runs '`
  const shown = spawnSync('fish', ['--no-config', '-c', script], {
    cwd: root,
    env,
    encoding: 'utf8',
  })
  expect(shown.stdout).toMatch(
    /^fact_payment\texternal, marts\nnightly\t\+fact_payment\n1\t\S+ \S+ +failed +materialize raw_film\n$/,
  )
  expect(shown.stderr).toBe('')
})

/** What a shell gets at a Tab after these words. */
const words = (cwd: string, ...typed: readonly string[]) => {
  const args = [LAUNCHER, 'completion', '--words', '--', 'assets', ...typed]
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' })
  expect(stderr).toBe('')
  return { words: stdout.split('\n').map((line) => line.split('\t')[0]!), status }
}

test('a project is found in a folder above; without one, the words of the program are completed', () => {
  const below = join(root, 'reports', 'daily')
  mkdirSync(below, { recursive: true })
  expect(words(below, 'why', '')).toEqual({ words: ['fact_payment', 'raw_film', ''], status: 0 })
  const nowhere = mkdtempSync(join(tmpdir(), 'assets-nowhere-'))
  try {
    expect(words(nowhere, 'why', '')).toEqual({ words: [''], status: 0 })
    expect(words(nowhere, 'list', 'st').words).toEqual(['state:', 'status:', ''])
    expect(words(nowhere, 'sav').words).toEqual(['savings', ''])
  } finally {
    rmSync(nowhere, { recursive: true })
  }
})

test('damaged names are written again by the next command, and so are those of an edited file', () => {
  const file = join(root, '.assets', 'cache', 'completion.bin')
  const whole = readFileSync(file)
  for (const at of [3, whole.length >> 1]) {
    const damaged = Buffer.from(whole)
    damaged[at]! ^= 0x55
    writeFileSync(file, damaged)
    expect(words(root, 'sav').words).toEqual(['savings', ''])
    expect(assets('list').status).toBe(0)
    expect(readFileSync(file)).toEqual(whole)
  }
  project.write(
    'shop/assets.yaml',
    'version: 1\nproject: shop\nassets: {b: {kind: external, path: b}}\n',
  )
  assets('list')
  expect(words(root, 'why', '').words).toEqual(['b', ''])
})
