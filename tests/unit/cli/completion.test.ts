import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { bashQuoted, readBashLine } from '../../../framework/cli/completion/bash-line.ts'
import { candidatesFor } from '../../../framework/cli/completion/candidates.ts'
import type { CommandWords } from '../../../framework/cli/completion/command-words.ts'
import { keepNames } from '../../../framework/cli/completion/keep-names.ts'
import { readNames, storedKey } from '../../../framework/cli/completion/names-file.ts'
import type { ProjectNames } from '../../../framework/cli/completion/project-names.ts'
import {
  addRun,
  KEPT_RUNS,
  keepRuns,
  runWords,
} from '../../../framework/cli/completion/runs-file.ts'
import { readSelectionWord } from '../../../framework/cli/completion/selection-word.ts'
import { staticWords } from '../../../framework/cli/completion/static-words.ts'
import { verbs } from '../../../framework/cli/verbs/index.ts'
import { AssetTable } from '../../../framework/model/tables/asset-table.ts'
import { plainAsset } from '../../rig/asset.ts'

const known = staticWords()
const word = (text: string) => ({ word: text, about: '' })
const names: ProjectNames = {
  assets: (start) =>
    ['fact_a', 'fact_b', 'odd name', 'raw'].filter((one) => one.startsWith(start)).map(word),
  methods: {
    group: ['marts'],
    tag: ['tier=gold', 'a b', 'say "x"'],
    kind: ['dbt'],
    owner: [],
    selector: ['daily'],
  },
  jobs: [word('nightly')],
  targets: ['local', 'prod'],
  defaultTarget: 'local',
  connections: ['shop'],
  runs: (target) => (target === 'prod' ? [word('9')] : [word('2'), word('1')]),
}

/** The candidates for the last word of a line; one space stands before it. */
function offered(line: string, project: ProjectNames | null = names) {
  const offer = candidatesFor(['assets', ...line.split(' ')], known, project)
  return offer === 'files' ? offer : offer.map((one) => one.word)
}

describe('the words after assets', () => {
  test('are verbs, groups and their verbs', () => {
    const all = ['help', ...verbs.map(({ name }) => name)].sort()
    expect([...offered('')].sort()).toEqual(all)
    expect(offered('st')).toEqual(['status', 'state'])
    expect(offered('state re')).toEqual(['restore'])
    expect(offered('help ver')).toEqual(['verify'])
    expect(offered('frobnicate f')).toEqual([])
  })

  test('are options, each once, by their long names', () => {
    expect(offered('status --of')).toEqual(['--offline'])
    expect(offered('status --offline --of')).toEqual([])
    expect(offered('status -t prod --t')).toEqual([])
    expect(offered('list --exclude a --ex')).toEqual(['--exclude'])
    expect(offered('status -')).toEqual(expect.arrayContaining(['--json', '--help', '--select']))
    expect(offered('status -t')).toEqual(['-t'])
    expect(offered('--ver')).toEqual(['--version'])
    expect(offered('verify --read')).toEqual([])
  })

  test('are values of options, also behind =', () => {
    expect(offered('status -t p')).toEqual(['prod'])
    expect(offered('status --target=p')).toEqual(['--target=prod'])
    expect(offered('graph --format ')).toEqual(['text', 'mermaid', 'dot', 'json'])
    expect(offered('graph --format=m')).toEqual(['--format=mermaid'])
    expect(offered('source sql x --connection ')).toEqual(['shop'])
    expect(offered('list --exclude fact_a fa')).toEqual(['fact_a', 'fact_b'])
    expect(offered('runs --limit ')).toEqual([])
    expect(offered('status --no-such=')).toEqual([])
  })

  test('are arguments', () => {
    expect(offered('schema ')).toEqual(['project', 'assets'])
    expect(offered('why fact')).toEqual(['fact_a', 'fact_b'])
    expect(offered('why fact_a f')).toEqual([])
    expect(offered('run ')).toEqual(['nightly'])
    expect(offered('runs ')).toEqual(['2', '1'])
    expect(offered('runs -t prod ')).toEqual(['9'])
    expect(offered('runs --target=prod ')).toEqual(['9'])
    expect(offered('list fact_a ra')).toEqual(['raw'])
    expect(offered('list -- --')).toEqual([])
    expect(offered('list -- ra')).toEqual(['raw'])
  })

  test('are files where a file belongs', () => {
    expect(offered('state restore ')).toBe('files')
    expect(offered('state copy --from=x')).toBe('files')
    expect(offered('init ')).toBe('files')
  })

  test('are those of the program without a project', () => {
    expect(offered('why ', null)).toEqual([])
    expect(offered('runs ', null)).toEqual([])
    expect(offered('list group:', null)).toEqual([])
    expect(offered('list state:pend', null)).toEqual(['state:pending'])
  })
})

test.each([
  ['+fact', ['+fact_a', '+fact_b']],
  ['2+fact_a', ['2+fact_a']],
  ['@ra', ['@raw']],
  ['raw,+ra', ['raw,+raw']],
  ['fact_a+', ['fact_a+']],
  ['r+2', ['raw+2']],
  ['odd', ['"odd name"']],
  ['"od', ['"odd name"']],
  ['"ra', ['"raw"']],
  ['gr', ['group:']],
  ['owner', []],
  ['tag:', ['tag:tier=gold', 'tag:"a b"']],
  ['raw,tag:ti', ['raw,tag:tier=gold']],
  ['+tag:a+', ['+tag:"a b"+']],
  ['selector:', ['selector:daily']],
  ['name:ra', ['name:raw']],
  ['(kind:', ['(kind:dbt']],
  ['result:bu', ['result:built']],
  ['no_such:', []],
  ['config.materialized:', []],
])('the selection %s is completed to %j', (typed, words) => {
  expect(offered(`list ${typed}`)).toEqual(words)
})

test('a selection keeps what stands before the last name', () => {
  expect(readSelectionWord('kind:dbt and not key:"a, b')).toEqual({
    head: 'kind:dbt and not ',
    method: 'key',
    start: 'a, b',
    isQuoted: true,
    tail: '',
  })
})

test('a placeholder that is completed as nothing is one of a few', () => {
  const free = new Set<string>()
  const visit = (command: CommandWords) => {
    command.commands.forEach(visit)
    for (const { names, value } of command.options) {
      if (value?.is === 'any' && value.choices.length === 0) free.add(names.at(-1)!)
    }
    for (const { is, choices } of command.arguments) {
      if (is === 'any' && choices.length === 0) free.add(command.name)
    }
  }
  visit(known.program)
  expect([...free].sort()).toMatchInlineSnapshot(`
    [
      "--against",
      "--host",
      "--limit",
      "--older-than",
      "--port",
      "--sample",
      "--seed",
      "--since",
      "--threads",
      "--vars",
      "sql",
    ]
  `)
})

describe('a line of bash', () => {
  test.each([
    ['assets list ', ['assets', 'list', ''], null],
    ['assets  list tag:a\\ b', ['assets', 'list', 'tag:a b'], null],
    ["assets list 'a b", ['assets', 'list', 'a b'], "'"],
    ['assets list x"a \\" b', ['assets', 'list', 'xa " b'], '"'],
    ['assets \'\' "" x', ['assets', '', '', 'x'], null],
    ['assets list "a\\b', ['assets', 'list', 'a\\b'], '"'],
    ['assets list \\', ['assets', 'list', ''], null],
  ] as const)('%s is split as bash does', (line, words, quote) => {
    expect(readBashLine(line)).toEqual({ words, quote })
  })

  test.each([null, "'", '"'] as const)(
    'a word is quoted so that it is read again (%s)',
    (quote) => {
      const odd = 'a b\'c"d$e`f\\g!h*(é)~;|&<>'
      const line = (quote ?? '') + bashQuoted(odd, quote)
      expect(readBashLine(line).words).toEqual([odd])
    },
  )
})

describe('what is kept for the shell', () => {
  const home = mkdtempSync(join(tmpdir(), 'assets-completion-'))
  afterAll(() => rmSync(home, { recursive: true }))
  const file = join(home, 'cache', 'completion.bin')
  const project = (...assets: readonly string[]) => ({
    name: 'shop',
    defaultTarget: 'local',
    targets: {},
    assets: AssetTable.of(
      assets.map((name) => plainAsset(name, { group: 'marts', tags: { tier: 'gold', daily: '' } })),
      { build: '', files: [{ file: 'a.yaml', hash: assets.join(), from: 0, to: assets.length }] },
    ),
    policies: [],
    jobs: {},
    pools: {},
    selectors: {},
    dbt: null,
    files: [],
  })

  test('the names of a project, written only when they may have changed', () => {
    keepNames(home, project('b', 'a'))
    const names = readNames(home)
    expect(names!.assets('').map(({ word }) => word)).toEqual(['a', 'b'])
    expect(names!.methods).toMatchObject({ group: ['marts'], tag: ['daily', 'tier=gold'] })
    const key = storedKey(home)
    const damaged = Buffer.concat([readFileSync(file), Buffer.from('!')])
    writeFileSync(file, damaged)
    keepNames(home, project('b', 'a'))
    expect(readFileSync(file)).toEqual(damaged)
    keepNames(home, project('b', 'c'))
    expect(storedKey(home)).not.toBe(key)
    expect(
      readNames(home)!
        .assets('')
        .map(({ word }) => word),
    ).toEqual(['b', 'c'])
  })

  test('a damaged file is removed', () => {
    const whole = readFileSync(file)
    for (let at = 40; at < whole.length; at += 7) {
      const damaged = Buffer.from(whole)
      damaged[at]! ^= 1
      writeFileSync(file, damaged)
      expect(readNames(home)).toBeNull()
      expect(storedKey(home)).toBeNull()
    }
  })

  test('the latest runs on each target, newest first', () => {
    const run = (number: number) =>
      ({ run: number, startedAt: 0, outcome: 'succeeded', command: 'materialize' }) as const
    for (let number = 1; number <= KEPT_RUNS + 2; number++) addRun(home, 'local', run(number))
    const words = runWords(home, 'local')
    expect(words).toHaveLength(KEPT_RUNS)
    expect(words[0]!.word).toBe(String(KEPT_RUNS + 2))
    expect(words[0]!.about).toMatch(/^19(69|70)-\d\d-\d\d \d\d:\d\d {2}succeeded {2}materialize$/)
    addRun(home, 'local', run(5))
    expect(runWords(home, 'local')[0]).toEqual(words[0])
    expect(runWords(home, 'prod')).toEqual([])
    keepRuns(home, 'local', [run(3)])
    expect(runWords(home, 'local').map((one) => one.word)).toEqual(['3'])
  })
})
