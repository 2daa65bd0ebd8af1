import { describe, expect, test } from 'vitest'
import type { TimedStep } from '../../../framework/plan/estimate.ts'
import { type PlanAgainstReport, planAgainstText } from '../../../framework/report/plan-against.ts'
import { planAgainstMarkdown } from '../../../framework/report/plan-against-markdown.ts'
import { createStyle } from '../../../framework/report/style.ts'

const step = (asset: string, more: Partial<TimedStep> = {}): TimedStep => ({
  asset,
  action: 'build',
  full: true,
  verdict: 'stale',
  reasons: [{ reason: 'code', message: 'its code changed: model (models/a.sql)' }],
  pendingOn: [],
  batch: 1,
  estimateSeconds: null,
  ...more,
})
const report = (more: Partial<PlanAgainstReport> = {}): PlanAgainstReport => ({
  project: 'shop',
  target: 'local',
  base: { ref: 'main', commit: 'c'.repeat(40), short: 'ccccccc', relation: 'itself', behind: 0 },
  lacks: null,
  steps: [],
  fresh: ['a'],
  mayReplace: [],
  waiting: [],
  absent: [],
  added: [],
  removed: [],
  moved: [],
  addedChecks: [],
  removedChecks: [],
  files: [],
  columns: { changes: [], unknown: [] },
  comments: [],
  estimate: null,
  criticalPath: [],
  untimed: 0,
  skippedSeconds: 0,
  command: 'assets materialize',
  warnings: [],
  ...more,
})
const EVERYTHING = report({
  steps: [
    step('stg'),
    step('fact', { verdict: 'pending', reasons: [], pendingOn: ['stg'] }),
    step('unique_id', { action: 'check', verdict: 'pending', reasons: [], pendingOn: ['stg'] }),
  ],
  mayReplace: ['view_of_stg'],
  waiting: [{ check: 'related', on: ['other'] }],
  absent: ['rates'],
  added: ['stg'],
  removed: [
    { asset: 'old', kind: 'dbt', relation: 'main.old', files: [] },
    { asset: 'older', kind: 'dbt', relation: null, files: [] },
  ],
  moved: [{ asset: 'fact', from: 'main.fact', to: 'marts.fact' }],
  removedChecks: ['unique_old'],
  files: [{ asset: 'report', kind: 'extract', path: 'out/report.csv', isCertain: false }],
  columns: {
    changes: [
      {
        ...{ asset: 'stg', column: 'amount', change: 'retyped', from: 'INTEGER', to: 'BIGINT' },
        readers: [{ asset: 'fact', file: 'models/fact.sql', line: 3 }],
      },
      { asset: 'stg', column: 'gone', change: 'removed', from: null, to: null, readers: [] },
    ],
    unknown: ['fact'],
  },
  comments: ['dim'],
  estimate: { low: 1, high: 3 },
  base: {
    ref: 'main',
    commit: 'c'.repeat(40),
    short: 'ccccccc',
    relation: 'merge_base',
    behind: 2,
  },
})

test('as text', async () => {
  const style = createStyle({
    ...{ isTTY: false, columns: undefined, env: { NO_COLOR: '1' }, now: 0, zone: 'UTC' },
    ...{ all: false, target: undefined, calledAs: 'assets' },
  })
  await expect(`${planAgainstText(EVERYTHING, style)}\n`).toMatchFileSnapshot(
    '../../golden/plan-against.txt',
  )
})

test('as Markdown', async () => {
  await expect(`${planAgainstMarkdown(EVERYTHING)}\n`).toMatchFileSnapshot(
    '../../golden/plan-against-markdown.txt',
  )
})

/** What GitHub would read as Markdown or HTML of its own, outside of code. */
function outsideOfCode(markdown: string): string {
  return markdown.replaceAll(/<code>[^<]*<\/code>/g, '')
}

describe('a comment', () => {
  const NASTY = [
    ...['@octocat', '@org/team', '#12', 'owner/repo#3', 'www.example.com', ':tada:'],
    ...[
      'a|b',
      '`a`',
      '**a**',
      '[a](https://example.com)',
      '![a](x)',
      '# a',
      '- a',
      '\\|',
      'a\n\n# b',
    ],
    ...[
      '<script>',
      '</code></td></table>',
      '<!-- x -->',
      '-->',
      '&lt;',
      '"\'',
      '\u202Ea\u0000\u001B[31m',
    ],
  ]

  test.each(NASTY)('shows %j as it is, and it ends no cell', (text) => {
    const nasty = report({
      project: text,
      target: text,
      base: { ref: text, commit: text, short: text, relation: 'merge_base', behind: 1 },
      lacks: 'target',
      steps: [
        step(text, { reasons: [{ reason: 'code', message: text }] }),
        step(text, { verdict: 'pending', pendingOn: [text] }),
        step(text, { action: 'check' }),
      ],
      mayReplace: [text],
      waiting: [{ check: text, on: [text] }],
      absent: [text],
      removed: [{ asset: text, kind: 'dbt', relation: text, files: [text] }],
      moved: [{ asset: text, from: text, to: text }],
      removedChecks: [text],
      files: [{ asset: text, kind: 'extract', path: text, isCertain: true }],
      columns: {
        changes: [
          {
            ...{ asset: text, column: text, change: 'retyped', from: text, to: text },
            readers: [{ asset: text, file: text, line: 1 }],
          },
        ],
        unknown: [text],
      },
      comments: [text],
    })
    const plain = (value: string) =>
      JSON.parse(JSON.stringify(nasty).replaceAll(JSON.stringify(text).slice(1, -1), value))
    const shown = planAgainstMarkdown(nasty).split('\n').slice(1).join('\n')
    const simple = planAgainstMarkdown(plain('x')).split('\n').slice(1).join('\n')
    expect(outsideOfCode(shown)).toBe(outsideOfCode(simple))
    const control = ['\u0000', '\u001B', '\u202E'].filter((char) => shown.includes(char))
    expect(control).toEqual([])
  })

  test('has the same first line for the same project and target, and no other', () => {
    const first = (more: Partial<PlanAgainstReport>) =>
      planAgainstMarkdown(report(more)).split('\n')[0]
    expect(first({})).toMatch(/^<!-- assets-plan [0-9a-f]{16} -->$/)
    expect(first({ steps: [step('a')] })).toBe(first({}))
    expect(first({ target: 'prod' })).not.toBe(first({}))
    expect(first({ project: 'x --> @all' })).toMatch(/^<!-- assets-plan [0-9a-f]{16} -->$/)
  })

  test.each([1, 300, 30_000])('of %d steps is short enough, and counts what is cut', (count) => {
    const name = (k: number) => `asset_${k}_${'x'.repeat(150)}`
    const steps = Array.from({ length: count }, (_, k) =>
      step(name(k), {
        reasons: Array.from({ length: 5 }, () => ({ reason: 'code', message: 'm'.repeat(500) })),
      }),
    )
    const text = planAgainstMarkdown(report({ steps }))
    expect(text.length).toBeLessThanOrEqual(65_536)
    const rows = (text.match(/<tr>/g) ?? []).length - 1
    const cut = Number(/<p>([\d,]+) more are cut/.exec(text)?.[1]?.replaceAll(',', '') ?? 0)
    expect(rows + cut).toBe(count)
    expect(cut > 0).toBe(count > 100)
  })
})
