import type { CheckResult, Materialization } from '../../../framework/model/record.ts'
import type { ProblemContext } from '../../../framework/report/problem.ts'
import type { StatusAsset } from '../../../framework/report/status.ts'
import { createStyle, type Style } from '../../../framework/report/style.ts'

/** Seven in the morning, UTC. */
export const NOW = Date.parse('2026-03-12T07:00:30Z')
const HOUR = 3_600_000

export function style(more: { columns?: number; all?: boolean; now?: number } = {}): Style {
  return createStyle({
    isTTY: more.columns !== undefined,
    columns: more.columns,
    env: { NO_COLOR: '1' },
    now: more.now ?? NOW,
    zone: 'UTC',
    all: more.all ?? false,
  })
}

export const SOURCES: Record<string, string> = {
  'assets/marts.yaml':
    'defaults: {kind: dbt}\nassets:\n  fact_payment: {deps: [stg_paymnt, stg_rental]}\n\tdim: {}\n',
  'assets.yaml': `version: 1\nproject: ${'x'.repeat(300)} end\n`,
}

export function problemContext(more: Parameters<typeof style>[0] = {}): ProblemContext {
  return { style: style(more), level: 'error', source: (file) => SOURCES[file] ?? null }
}

export function build(
  asset: string,
  run: number,
  more: Partial<Materialization> = {},
): Materialization {
  const startedAt = NOW - (run === 41 ? 5 : 29) * HOUR
  return {
    asset,
    run,
    startedAt,
    finishedAt: startedAt + 12_000,
    codeVersion: 'c0de0001',
    parts: [],
    inputs: [],
    dataVersion: 'c:duckdb-1.5/1:3f2a91c0ffff',
    shape: null,
    installed: null,
    rows: 14_597,
    bytes: null,
    token: null,
    source: null,
    reference: null,
    how: 'built',
    ...more,
  }
}

export function result(
  check: string,
  outcome: CheckResult['outcome'],
  failures: number | null,
): CheckResult {
  return {
    check,
    run: 41,
    startedAt: NOW - 5 * HOUR,
    finishedAt: NOW - 5 * HOUR,
    codeVersion: 'c0de0002',
    parts: [],
    inputs: [],
    outcome,
    failures,
    message: null,
  }
}

export function statusAsset(
  name: string,
  verdict: StatusAsset['verdict'],
  last: Materialization | null = build(name, 41),
): StatusAsset {
  return { name, kind: 'dbt', group: null, verdict, last }
}

export function golden(name: string): string {
  return `../../golden/${name}.txt`
}

/** Several texts as one golden file, each below what it shows. */
export function pages(texts: Readonly<Record<string, string>>): string {
  return Object.entries(texts)
    .map(([title, text]) => `━━ ${title}\n\n${text}\n`)
    .join('\n')
}
