import { expect, test } from 'vitest'
import type { RunEvent } from '../../../framework/model/event.ts'
import { NO_OUTCOMES } from '../../../framework/model/step.ts'
import { checkReporter } from '../../../framework/report/check.ts'
import { Console } from '../../../framework/report/console.ts'
import { listReporter } from '../../../framework/report/list.ts'
import { sourceResetReporter, sourceSqlReporter } from '../../../framework/report/source.ts'
import { golden, NOW, pages, SOURCES } from './fixture.ts'

function open(more: { json?: boolean; isTTY?: boolean } = {}) {
  const texts = { out: '', err: '' }
  const stream = (name: 'out' | 'err') => ({
    isTTY: more.isTTY ?? false,
    columns: 80,
    write: (text: string) => {
      texts[name] += text
    },
  })
  const output = new Console({
    stdout: stream('out'),
    stderr: stream('err'),
    env: { NO_COLOR: '1' },
    json: more.json ?? false,
    all: false,
    zone: 'UTC',
    clock: () => NOW,
    later: () => () => undefined,
    calledAs: 'assets',
    source: (file) => SOURCES[file] ?? null,
  })
  return { output, texts }
}

const failure = {
  code: 'dbt-failed' as const,
  message: 'stg_film: no column titel',
  detail: 'LINE 3',
  hint: 'fix it',
}

const orphans = {
  code: 'check-failed' as const,
  message: 'no_orphans: 2 rows of raw_film name an actor that is not there',
  hint: 'look at them',
  asset: 'no_orphans',
}

const EVENTS: readonly RunEvent[] = [
  { event: 'run_started', run: 42, target: 'local', at: NOW, steps: 6 },
  { event: 'notice', message: 'making the Python environment of dbt' },
  {
    event: 'batch_started',
    batch: 1,
    kind: 'dbt',
    steps: ['raw_payment', 'unique_payment'],
    checks: [{ check: 'unique_payment', asset: 'raw_payment' }],
  },
  { event: 'batch_progress', batch: 1, message: 'dbt: reading the project' },
  { event: 'batch_progress', batch: 1, message: null },
  { event: 'run_estimate', secondsLeft: null, untimed: 6 },
  { event: 'run_estimate', secondsLeft: { low: 12.5, high: 40 }, untimed: 2 },
  {
    event: 'step_started',
    asset: 'raw_payment',
    reasons: [{ reason: 'missing', message: 'never built' }],
    batch: 1,
    phase: 'running',
  },
  {
    event: 'step_progress',
    asset: 'raw_payment',
    phase: 'reading',
    message: '500 of about 2,000 rows read',
    amount: { done: 500, of: 2_000, isEstimate: true, unit: 'rows', perSecond: 250 },
  },
  {
    event: 'step_progress',
    asset: 'raw_payment',
    phase: 'hashing',
    message: 'hashing 2,001 rows',
  },
  {
    event: 'step_note',
    asset: 'raw_payment',
    message: 'its columns changed, so it is read in full',
  },
  { event: 'comments_set', assets: ['raw_film'] },
  {
    event: 'adopted',
    assets: [
      { asset: 'v1', is: 'view', because: 'definition' },
      { asset: 'v2', is: 'view', because: 'definition' },
      { asset: 'v3', is: 'view', because: 'vouched' },
      { asset: 'totals', is: 'table', because: 'vouched' },
    ],
    left: [
      { asset: 'v4', because: 'its definition in the warehouse is another one' },
      { asset: 'v5', because: 'its definition in the warehouse is another one' },
    ],
    hasCandidates: true,
  },
  { event: 'adopted', assets: [], left: [], hasCandidates: true },
  { event: 'adopted', assets: [], left: [], hasCandidates: false },
  {
    event: 'step_finished',
    asset: 'raw_payment',
    action: 'build',
    outcome: { state: 'built', version: 'c:1', rows: 14_597 },
    seconds: 3.21,
  },
  {
    event: 'step_finished',
    asset: 'raw_film',
    action: 'build',
    outcome: { state: 'unchanged', version: 'c:2', rows: 1000 },
    seconds: 0.2,
  },
  {
    event: 'step_finished',
    asset: 'raw_actor',
    action: 'build',
    outcome: { state: 'adopted', version: null, rows: null },
    seconds: 0,
  },
  {
    event: 'step_finished',
    asset: 'stg_film',
    action: 'build',
    outcome: { state: 'failed', problem: failure },
    seconds: 75,
  },
  {
    event: 'step_finished',
    asset: 'dim_film',
    action: 'build',
    outcome: { state: 'blocked', by: 'stg_film' },
    seconds: 0,
  },
  {
    event: 'step_finished',
    asset: 'stg_actor',
    action: 'build',
    outcome: { state: 'released' },
    seconds: 0,
  },
  {
    event: 'check_finished',
    check: 'few_nulls',
    assets: ['raw_film'],
    outcome: 'warn',
    failures: 3,
    problem: { code: 'check-warned', message: 'few_nulls: 3 rows of raw_film', asset: 'raw_film' },
  },
  {
    event: 'step_finished',
    asset: 'few_nulls',
    action: 'build',
    outcome: { state: 'checked', result: 'warn', failures: 3 },
    seconds: 0.1,
  },
  {
    event: 'check_finished',
    check: 'unique_film',
    assets: ['raw_film'],
    outcome: 'pass',
    failures: 0,
  },
  {
    event: 'step_finished',
    asset: 'unique_film',
    action: 'build',
    outcome: { state: 'checked', result: 'pass', failures: 0 },
    seconds: 0.1,
  },
  {
    event: 'check_finished',
    check: 'no_orphans',
    assets: ['raw_film', 'raw_actor'],
    outcome: 'fail',
    failures: 2,
    problem: orphans,
  },
  {
    event: 'step_finished',
    asset: 'no_orphans',
    action: 'check',
    outcome: { state: 'failed', problem: orphans },
    seconds: 0.1,
  },
  {
    event: 'step_finished',
    asset: 'extract',
    action: 'build',
    outcome: { state: 'cancelled' },
    seconds: 1,
  },
  {
    event: 'problem',
    problem: {
      code: 'input-moved',
      message: 'raw_rental moved while the run went on',
      hint: 'run it again',
    },
  },
  {
    event: 'run_finished',
    run: 42,
    outcome: 'failed',
    counts: {
      ...NO_OUTCOMES,
      built: 1,
      unchanged: 1,
      adopted: 1,
      released: 1,
      checked: 2,
      failed: 2,
      blocked: 1,
      cancelled: 1,
    },
    seconds: 82.4,
  },
]

function show(events: readonly RunEvent[], more: { json?: boolean } = {}) {
  const { output, texts } = open(more)
  const progress = output.run()
  for (const event of events) progress.take(event)
  progress.end({ selected: new Set(['dim_film', 'extract']), fresh: 40 })
  return texts
}

test('a run without a terminal: one line per step, then a summary', async () => {
  const done: RunEvent = {
    event: 'run_finished',
    run: 43,
    outcome: 'succeeded',
    counts: NO_OUTCOMES,
    seconds: 0.1,
  }
  const failed = show(EVENTS)
  const nothing = show([done])
  const comments = show([{ event: 'comments_set', assets: ['dim_film', 'raw_film'] }, done])
  await expect(
    pages({
      'a run that fails, on stderr': failed.err,
      'and its summary on stdout': failed.out,
      'a run that had nothing to do': nothing.out,
      'a run that set comments, on stderr': comments.err,
      'and its summary': comments.out,
    }),
  ).toMatchFileSnapshot(golden('run-log'))
})

test('a call that fails as a whole is one message with its steps', () => {
  const broken = {
    code: 'dbt-hook',
    message: 'the hook is wrong',
    detail: 'line 2',
    hint: 'mend',
  } as const
  const { code, message } = broken
  const events = ['dim_film', 'unique_film', 'extract'].map(
    (asset, k): RunEvent => ({
      event: 'step_finished',
      asset,
      action: k === 1 ? 'check' : 'build',
      outcome:
        k === 0
          ? { state: 'failed', problem: broken, together: ['dim_film', 'unique_film', 'extract'] }
          : { state: 'failed', problem: { code, message }, together: [] },
      seconds: 0.2,
    }),
  )
  expect(show(events).err.replace(/^\S+ */, '')).toBe(
    `failed     3 steps                       0.2 s
    dim_film  unique_film  extract
    error  the hook is wrong
        line 2
      hint: mend
`,
  )
  const lines = show(events, { json: true })
    .out.trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.map(({ problem, failed_together }) => [problem, failed_together])).toEqual([
    [broken, ['dim_film', 'unique_film', 'extract']],
    [{ code, message }, undefined],
    [{ code, message }, undefined],
  ])
})

test('a run as JSON: one event per line on stdout, nothing on stderr', async () => {
  const { out, err } = show(EVENTS, { json: true })
  expect(err).toBe('')
  for (const line of out.trimEnd().split('\n')) expect(() => JSON.parse(line)).not.toThrow()
  await expect(out).toMatchFileSnapshot(golden('run-json'))
})

test('the live view is removed before the summary', () => {
  const { output, texts } = open({ isTTY: true })
  const progress = output.run()
  for (const event of EVENTS.slice(0, 5)) progress.take(event)
  output.notice('one more thing')
  progress.end({ selected: new Set(), fresh: 0 })
  expect(texts.err).toContain('one more thing\n')
  expect(texts.err.endsWith('\n')).toBe(true)
  expect(texts.out).toBe('')
})

test('problems are the JSON document of a command without a result, else text', () => {
  const withoutResult = open({ json: true })
  expect(withoutResult.output.problems([failure], 2)).toBe(2)
  expect(JSON.parse(withoutResult.texts.out)).toMatchObject({ schema: 'assets/problems/1' })
  const withResult = open({ json: true })
  withResult.output.show(listReporter, [{ name: 'a' }])
  withResult.output.problems([failure], 1)
  expect(JSON.parse(withResult.texts.out)).toEqual({ schema: 'assets/list/1', assets: ['a'] })
  expect(withResult.texts.err).toContain('stg_film: no column titel')
})

test('results of check, list and source; warnings; a bug', async () => {
  const opened = open()
  opened.output.show(listReporter, [])
  opened.output.show(listReporter, [{ name: 'a' }, { name: 'b' }])
  opened.output.show(checkReporter, {
    project: 'dvd_rental',
    target: 'local',
    assets: 57,
    checks: 90,
    comparedWithDbt: true,
    cursors: ['raw_film', 'raw_actor', 'raw_log'].map((asset, index) => ({
      asset,
      column: index < 2 ? 'last_update' : 'id',
    })),
    warnings: [],
  })
  opened.output.show(checkReporter, {
    project: 'dvd_rental',
    target: 'local',
    assets: 1,
    checks: 0,
    comparedWithDbt: false,
    cursors: [],
    warnings: [],
  })
  opened.output.show(sourceResetReporter, 'dvd_rental')
  opened.output.show(sourceSqlReporter, [
    {
      columns: ['payment_id', 'note'],
      rows: [
        ['1', null],
        ['20000', 'two\nlines'],
      ],
      affected: null,
    },
    { columns: [], rows: [], affected: 1 },
    { columns: [], rows: [], affected: null },
  ])
  opened.output.warnings([{ code: 'selection-empty', message: 'nothing matches tag:x' }])
  opened.output.bug('boom')
  await expect(pages({ stdout: opened.texts.out, stderr: opened.texts.err })).toMatchFileSnapshot(
    golden('answers'),
  )
})

test('secrets are redacted, even when escaped or encoded', () => {
  const secret = 'p@ss"wörd/1'
  for (const json of [false, true]) {
    const { output, texts } = open({ json })
    output.redact([secret])
    const url = `postgres://u:${encodeURIComponent(secret)}@host/db`
    output.problems(
      [
        {
          code: 'x',
          message: `no route to ${url}`,
          detail: `with ${secret}`,
          hint: new URL(url).href,
        },
      ],
      1,
    )
    output.notice(secret)
    output.show(sourceSqlReporter, [{ columns: ['p'], rows: [[secret]], affected: null }])
    const all = texts.out + texts.err
    expect(all).not.toContain('ss"w')
    expect(all).not.toContain('rd/1')
    expect(all).not.toMatch(/%2F1/i)
    expect(all).toContain('***')
  }
})
