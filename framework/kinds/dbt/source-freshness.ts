import type { Problem } from '../../model/problem.ts'
import type { NodeSource } from './problems.ts'

/** What dbt found when it looked at how old the rows of a source are (`age_of` in worker_freshness.py). */
export interface SourceAge {
  /** UTC, as `2026-11-29 02:00:00`; null if no row has a time. */
  readonly max_loaded_at: string | null
  /** In seconds, when dbt looked. */
  readonly age: number
  readonly warn_after: SourceAgeLimit | null
  readonly error_after: SourceAgeLimit | null
}

export interface SourceAgeLimit {
  readonly count: number
  readonly period: 'minute' | 'hour' | 'day'
}

const UNITS = { minute: ['min', 60], hour: ['h', 3600], day: ['d', 86_400] } as const

/** The name of the check of a source (SEMANTICS 45). `name` is `source.table`. */
export function freshnessCheckName(name: string): string {
  return `source_freshness_${name.replaceAll('.', '_')}`
}

/** The problem of a source whose rows are too old. `status` is that of dbt: `warn` or `fail`. */
export function sourceTooOld(
  status: 'warn' | 'fail',
  age: SourceAge,
  source: NodeSource,
  reads: readonly string[],
): Problem {
  const limit = status === 'fail' ? age.error_after : age.warn_after
  const word = status === 'fail' ? 'error' : 'warn'
  const after = limit === null ? '' : `, ${word} after ${limitText(limit)}`
  const loaded =
    age.max_loaded_at === null
      ? 'no row has a time of loading'
      : `max loaded_at ${minutesOf(age.max_loaded_at)}, ${ageText(age.age, limit)} ago`
  return {
    code: 'source-too-old',
    message: `${source.name} on ${reads.join(', ')}: ${loaded}${after}`,
    at: locationOf(source, reads),
    hint: 'load the source, or correct `freshness:` of it in dbt',
    asset: source.name,
  }
}

const limitText = ({ count, period }: SourceAgeLimit): string => `${count} ${UNITS[period][0]}`

/** `2026-11-29 02:00` in UTC. */
const minutesOf = (time: string): string => `${time.slice(0, 16)} UTC`

/** In the unit of the limit, so that the two can be compared, or in a smaller one for less than three of it. */
function ageText(seconds: number, limit: SourceAgeLimit | null): string {
  const period = limit?.period ?? 'hour'
  const isFew = seconds < 3 * UNITS[period][1]
  const smaller = { day: 'hour', hour: 'minute', minute: 'minute' } as const
  const [unit, length] = UNITS[isFew ? smaller[period] : period]
  return `${Math.floor(seconds / length)} ${unit}`
}

/** The line that names the table of the source. */
function locationOf({ file, text }: NodeSource, reads: readonly string[]) {
  const lines = text?.split('\n') ?? []
  const [table = ''] = reads.flatMap((name) => name.split('.').slice(-1))
  const named = new RegExp(`(name:\\s*['"]?)${table.replaceAll(/\W/g, '.')}\\b`)
  for (const [at, text] of lines.entries()) {
    const found = named.exec(text)
    if (found === null) continue
    const column = found.index + found[1]!.length + 1
    return { file, line: at + 1, column, endColumn: column + table.length }
  }
  return { file, line: 1, column: 1 }
}
