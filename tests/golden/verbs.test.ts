import { afterAll, expect, test } from 'vitest'
import { parse } from '../../framework/cli/program.ts'
import { InProcessProject } from '../rig/in-process.ts'

const FILES = {
  'assets.yaml': `version: 1
project: shop
include: [assets/*.yaml]
targets: {local: {}}
default_target: local
jobs: {nightly: {select: "+report", schedule: "0 2 * * *"}}
selectors: {daily: {tag: daily}}
`,
  'assets/shop.yaml': `assets:
  orders: {kind: external, path: data/orders.csv, description: What was sold.}
  days:
    kind: command
    group: marts
    tags: [daily]
    deps: [orders]
    run: cut -d, -f1 data/orders.csv | sort -u > out/days.txt
    outputs: [out/days.txt]
  report:
    kind: command
    group: reports
    owners: [ann@example.com]
    deps: [days]
    run: cat out/days.txt out/days.txt > out/report.txt
    outputs: [out/report.txt]
  late:
    kind: command
    deps: [orders]
    run: echo no such table >&2; exit 3
  later: {kind: command, deps: [late], run: "true"}
`,
  'data/orders.csv': 'mon,1\ntue,2\n',
}

const desk = new InProcessProject(FILES)
afterAll(() => desk.remove())

/** Commands in the order they are typed, by the verb that they are about; a text is done in between. */
const SESSION: readonly (readonly [verb: string, ...lines: (string | (() => void))[]])[] = [
  ['check', 'check', 'check --json'],
  [
    'list',
    'list',
    "list 'group:marts+'",
    'list selector:daily --json',
    'list tag:none',
    'list days --exclude days',
    'list x --exclude y',
  ],
  [
    'graph',
    "graph '+report'",
    "graph '+report' --format mermaid",
    "graph '+report' --format dot",
    "graph '+report' --json",
  ],
  ['status', 'status', 'status --json', 'status report --exit-code', 'status --offline'],
  ['plan', 'plan report', 'plan report --json', 'plan --exit-code'],
  ['why', 'why report', 'why report --json'],
  [
    'materialize',
    'materialize --dry-run',
    'materialize report',
    'materialize report',
    'materialize --json',
    'materialize',
  ],
  ['status', 'status', 'status --json'],
  ['why', 'why report', 'why later', 'why days --json'],
  ['runs', 'runs', 'runs --json', 'runs 3', 'runs 3 --json', 'runs 99'],
  [
    'materialize',
    () => desk.write('data/orders.csv', 'mon,1\ntue,3\n'),
    'status report',
    'plan report',
    'materialize report',
    'materialize days --force',
    'materialize report --fail-fast --no-wait --threads 1',
  ],
  [
    'why',
    () => desk.write('data/orders.csv', 'mon,1\nwed,3\n'),
    'why report',
    'why report --json',
    'why report --offline',
  ],
  ['run', 'run nightly', 'run nightly --json', 'run nightli'],
  ['verify', 'verify report', 'verify report --json', 'verify --sample 0%'],
  ['savings', 'savings', 'savings --json', 'savings --since yesterday'],
  [
    'doctor',
    () => {
      desk.speedup = 1
    },
    'doctor',
    'doctor --json',
    'doctor --target nowhere',
    () => {
      desk.speedup = 100
    },
  ],
  ['source', "source sql 'select 1'", 'source reset --json'],
  ['init', 'init', 'init --json', 'init new', 'init other --json'],
  ['schema', 'schema assets', 'schema tables'],
  [
    'state',
    'state copy --to kept.sqlite',
    'state copy --to kept.sqlite',
    'state copy --to kept.sqlite --replace --json',
    'state copy --from nowhere.sqlite',
    'state copy --to .assets/state.sqlite',
    'state copy',
  ],
]

const shown = new Map<string, string[]>()

test.each([...new Set(SESSION.map(([verb]) => verb))])('what assets %s prints', async (verb) => {
  if (shown.size === 0) await play()
  const text = shown.get(verb)!.join('\n\n')
  await expect(`${text}\n`).toMatchFileSnapshot(`verbs/${verb}.txt`)
})

async function play(): Promise<void> {
  for (const [verb, ...lines] of SESSION) {
    for (const line of lines) {
      if (typeof line !== 'string') line()
      else shown.set(verb, [...(shown.get(verb) ?? []), await desk.show(line)])
    }
  }
}

test('no verb is left out', async () => {
  let help = ''
  const parsed = await parse(
    ['--help'],
    '0',
    (text) => {
      help += text
    },
    () => undefined,
  )
  expect(parsed).toEqual({ is: 'end', code: 0 })
  const [, list = ''] = /Commands:\n(.*?)\n\n/s.exec(help) ?? []
  const verbs = [...list.matchAll(/^ {2}([a-z]+)/gm)].map(([, verb]) => verb)
  expect(verbs.filter((verb) => verb !== 'help' && !shown.has(verb!))).toEqual([])
  expect(verbs.length).toBeGreaterThan(10)
})
