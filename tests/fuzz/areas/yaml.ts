import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { declarationsOf } from '../../../framework/cli/workspace.ts'
import { fileCompiler } from '../../../framework/config/compile/compile-file.ts'
import { parseYaml } from '../../../framework/config/yaml/document.ts'
import { pointerLocation } from '../../../framework/config/yaml/pointer-location.ts'
import { sha256 } from '../../../framework/lib/hash.ts'
import type { Location, Pointer } from '../../../framework/model/location.ts'
import { registries } from '../../../framework/registries.ts'
import { problemsText } from '../../../framework/report/problem.ts'
import { REPOSITORY } from '../../rig/cli.ts'
import { plainStyle } from '../../rig/problem-text.ts'
import type { Area } from '../area.ts'
import { mixWords, mutateText } from '../mutate.ts'

const FOLDERS = ['.', 'assets', 'deploy'].map((folder) => join(REPOSITORY, folder))
const FILES = FOLDERS.filter((folder) => existsSync(folder)).flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => readFileSync(join(folder, name), 'utf8')),
)
const SAMPLE =
  'assets:\n  a: {kind: command, run: make, outputs: [a.txt], deps: [b]}\n  b: {kind: external}\n'
/** Parts of real files: a whole one takes ten times as long. */
const CORPUS = [SAMPLE, ...FILES].flatMap(partsOf)

function partsOf(text: string): readonly string[] {
  const parts = text.match(/[\s\S]{1,600}(?:\n(?! )|$)/g) ?? []
  return parts.map((part) => `version: 1\nproject: a\n${/^ /.test(part) ? 'assets:\n' : ''}${part}`)
}

const WORDS = [
  ...[
    'version: 1\n',
    'project: a\n',
    'assets:\n',
    '  a: ',
    '  b.c:\n',
    '    kind: command\n',
    '    run: x\n',
    '\n',
  ],
  ...[
    '{kind: command, run: make, outputs: [a]}\n',
    'kind: ',
    'dbt',
    'extract',
    'airbyte',
    'external',
    'deps: [a]',
  ],
  ...[
    'freshness: ',
    '{max_age: 1d}',
    '{cron: "0 0 * * *", timezone: UTC}',
    'targets:\n  local: ',
    'jobs:\n  j: ',
  ],
  ...[
    '{select: a+}',
    'selectors:\n  s: ',
    'tag:x',
    '{union: [a, b]}',
    'include: [a/*.yaml]',
    'defaults: {kind: dbt}',
  ],
  ...[
    'warehouse: {type: duckdb, path: w}',
    'connections: {pg: {type: postgres, url: x}}',
    'pools: {p: 2}',
    'policies: ',
  ],
]

const FILE = 'assets.yaml'
const compile = fileCompiler(declarationsOf(registries))

/** A YAML file of a project, up to its problems as they are printed. */
export const yaml: Area = {
  name: 'yaml',
  input: (random) =>
    random.chance(0.3) ? mixWords(random, WORDS) : mutateText(random, CORPUS, WORDS),
  read: async (input) => {
    const bytes = Buffer.from(input)
    const role = input.length % 2 === 0 ? 'project' : { unnamed: null }
    const result = await compile({ file: FILE, bytes, hash: sha256(bytes) }, role, null)
    if (result.state === 'valid') return
    const text = bytes.toString()
    const document = parseYaml(FILE, text)
    const locate = (at: Location | Pointer) =>
      'path' in at && document.ok ? pointerLocation(document.value, at) : at
    const located = result.problems.map((problem) =>
      problem.at === undefined ? problem : { ...problem, at: locate(problem.at) },
    )
    if (located.some((problem) => problem.at === undefined))
      throw new Error('a problem has no location')
    problemsText(located, { style: plainStyle, level: 'error', source: () => text })
  },
}
