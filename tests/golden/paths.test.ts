import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { InProcessProject } from '../rig/in-process.ts'

interface Case {
  /** `assets.yaml`, below its first two lines. */
  readonly yaml: string
  readonly files?: Readonly<Record<string, string>>
  /** Links of the project, and where they lead. Their folders exist. */
  readonly links?: Readonly<Record<string, string>>
  readonly line?: string
  readonly env?: Readonly<Record<string, string>>
  readonly codes: readonly string[]
}

const CASES: Readonly<Record<string, Case>> = {
  'paths that lead where they may not': {
    yaml: `include: [../more.yaml]
assets:
  a: {kind: extract, query: select 1, to: ../a.csv}
  b: {kind: extract, query: select 1, to: "s3://bucket/b.csv"}
  c: {kind: command, run: x, outputs: [c/../c.txt, c/../../c.txt, ~/c.txt, /srv/c.txt]}
  d: {kind: command, run: x, outputs: [.assets/state.sqlite, d.csv.assets-tmp]}
  e: {kind: external, path: ~/e.csv}
  f: {kind: external, path: "s3://bucket/f.csv"}
`,
    codes: Array(8).fill('invalid-path'),
  },
  'names that no file can have': {
    yaml: `assets:
  a: {kind: extract, query: select 1, to: "out/${'x'.repeat(252)}.csv"}
  b: {kind: extract, query: select 1, to: "${'long/'.repeat(13_000)}b.csv"}
  c: {kind: external, path: "c\\n.csv"}
  d: {kind: command, run: x, outputs: ["d\\0.csv"], code: ["${'d'.repeat(65_000)}"]}
`,
    codes: Array(5).fill('invalid-path'),
  },
  'names that are too long, or have control characters': {
    yaml: `targets: {${'t'.repeat(201)}: {warehouse: {type: duckdb, path: "w\\0.duckdb"}}}
assets:
  ${'a'.repeat(900)}: {kind: command, run: x}
  b: {kind: command, run: x, group: "a\\0", tags: ["${'b'.repeat(65_000)}", "\\e[31m"]}
  c: {kind: extract, to: c.csv, columns: ["c\\td"], query: "select '\\0'"}
  d: {kind: command, run: "x\\0", deps: ["${'d'.repeat(65_000)}"], owners: ["\\n"]}
  ? ${'e'.repeat(65_000)}
  : {kind: command, run: x}
  f:
    kind: command
    run: x
    ? ${'f'.repeat(65_000)}
    : 1
`,
    codes: [
      ...['invalid-name', 'invalid-path', 'invalid-name', 'invalid-value', 'invalid-value'],
      ...['invalid-value', 'invalid-value', 'invalid-value', 'invalid-value', 'invalid-value'],
      ...['unknown-dependency', 'invalid-value', 'yaml-key', 'yaml-key'],
    ],
  },
  'reserved names': {
    yaml: `pools: {__proto__: 1}
jobs: {__proto__: {select: "*"}}
assets:
  and: {kind: command, run: x}
  not: {kind: command, run: x}
  all: {kind: command, run: x}
  b: {kind: command, run: x, tags: {__proto__: x}}
`,
    codes: Array(5).fill('invalid-name'),
  },
  'links that lead out of the project': {
    yaml: `include: [more.yaml, shared/*.yaml]
assets:
  a: {kind: extract, query: select 1, to: out/a.csv}
  b: {kind: command, run: x, outputs: [b.txt, inner/b.txt]}
  c: {kind: command, run: x, outputs: [own/c.txt]}
  d: {kind: external, path: out/d.csv}
  e: {kind: command, run: x, outputs: [/srv/e.txt]}
targets: {local: {warehouse: {type: duckdb, path: out/w.duckdb}}}
`,
    files: { 'kept/x': '' },
    links: {
      out: '/srv/out',
      'b.txt': '/nowhere/b.txt',
      inner: 'kept',
      own: '.assets',
      'more.yaml': '/srv/more.yaml',
      'shared/a.yaml': '/srv/a.yaml',
    },
    codes: Array(5).fill('invalid-path'),
  },
  'code that can not be read': {
    yaml: `assets:
  a: {kind: command, run: x, code: [assets.yaml, loop, nothing, "loop/*.py"]}
`,
    links: { loop: 'loop' },
    codes: ['code-unreadable', 'code-missing', 'code-unreadable'],
  },
  'one file by two names': {
    yaml: `targets: {local: {warehouse: {type: duckdb, path: w.duckdb}}}
assets:
  a: {kind: command, run: x, outputs: [out/a.csv]}
  b: {kind: command, run: x, outputs: [link/a.csv]}
  c: {kind: command, run: x, outputs: [./x/../c.csv]}
  d: {kind: command, run: x, outputs: [c.csv]}
  e: {kind: command, run: x, outputs: [assets.yaml, .env, link/../w.duckdb]}
`,
    files: { 'out/x': '' },
    links: { link: 'out' },
    codes: Array(5).fill('output-conflict'),
  },
  'a path from a variable': {
    yaml: `targets: {local: {state: {type: sqlite, path: "\${FOLDER}/state.sqlite"}}}\n`,
    env: { FOLDER: 'x'.repeat(300) },
    line: 'status',
    codes: ['invalid-path'],
  },
}

test('a path has one rule for each key', async () => {
  const texts: string[] = []
  const wrong: string[] = []
  for (const [
    title,
    { yaml, files = {}, links = {}, line = 'check', env, codes },
  ] of Object.entries(CASES)) {
    const head = 'version: 1\nproject: shop\n'
    const desk = new InProcessProject({ ...files, 'assets.yaml': `${head}${yaml}` }, env)
    for (const [link, target] of Object.entries(links)) {
      mkdirSync(join(desk.root, link, '..'), { recursive: true })
      symlinkSync(target, join(desk.root, link))
    }
    const { problems } = (await desk.json(`${line} --json`, line === 'check' ? 2 : 1)) as {
      readonly problems: readonly { readonly code: string }[]
    }
    const found = problems.map(({ code }) => code)
    if (`${found}` !== `${codes}`) wrong.push(`${title}:\n  found ${found}\n  not   ${codes}`)
    const text = await desk.show(line)
    if (text.length > 20_000) wrong.push(`${title}: ${text.length} characters`)
    texts.push(`# ${title} [${[...new Set(found)].join(', ')}]\n\n${text}`)
    desk.remove()
  }
  expect(wrong.join('\n')).toBe('')
  await expect(`${texts.join('\n\n\n')}\n`).toMatchFileSnapshot('problems/paths.txt')
})
