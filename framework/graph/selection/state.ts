import { REASONS } from '../../model/verdict.ts'
import type { StateFacts } from './facts.ts'

const DBT_STATES = [
  'new',
  'old',
  'modified',
  'unmodified',
  'modified.body',
  'modified.configs',
  'modified.contract',
  'modified.macros',
  'modified.persisted_descriptions',
  'modified.relation',
  'modified.vars',
] as const

/** The values of `state:` and `status:`: verdicts, reasons, and dbt's states. */
export const STATE_WORDS: readonly string[] = [
  'fresh',
  'stale',
  'pending',
  'waiting',
  'building',
  ...REASONS,
  ...DBT_STATES,
]

/** dbt's states of modified nodes, by the first word of a code part's label. */
const MODIFIED: Readonly<Record<string, (typeof DBT_STATES)[number]>> = {
  model: 'modified.body',
  seed: 'modified.body',
  snapshot: 'modified.body',
  sql: 'modified.body',
  test: 'modified.body',
  config: 'modified.configs',
  contract: 'modified.contract',
  macro: 'modified.macros',
  description: 'modified.persisted_descriptions',
  relation: 'modified.relation',
  var: 'modified.vars',
  env_var: 'modified.vars',
}

/** The states of a node. As in dbt, a new node also counts as modified. */
export function stateWords({ verdict, recorded }: StateFacts): readonly string[] {
  const reasons = verdict.state === 'stale' ? verdict.reasons : []
  const code = reasons.filter(({ reason }) => reason === 'code')
  const parts = code.flatMap((reason) => reason.parts ?? [])
  return [
    verdict.state,
    ...reasons.map(({ reason }) => reason),
    ...(recorded ? ['old'] : ['new']),
    ...(recorded && code.length === 0 ? ['unmodified'] : ['modified']),
    ...parts.flatMap(({ label }) => MODIFIED[label.split(' ', 1)[0] ?? ''] ?? []),
  ]
}

/** The values of `result:`: outcomes of steps and of checks, and dbt's words for them. */
export const RESULT_WORDS: readonly string[] = [
  ...[
    'built',
    'unchanged',
    'adopted',
    'success',
    'failed',
    'error',
    'blocked',
    'released',
    'skipped',
  ],
  ...['checked', 'cancelled', 'pass', 'warn', 'fail'],
]

/** The outcome of a node's last run, and dbt's word for it. */
export function resultWords({ outcome }: StateFacts): readonly string[] {
  switch (outcome) {
    case null:
      return []
    case 'built':
    case 'unchanged':
    case 'adopted':
      return [outcome, 'success']
    case 'failed':
      return [outcome, 'error']
    case 'blocked':
    case 'released':
      return [outcome, 'skipped']
    case 'checked':
    case 'cancelled':
    case 'pass':
    case 'warn':
    case 'fail':
      return [outcome]
  }
}

/** `fresher` if the source changed, or may have changed, since it was loaded. */
export function sourceStatusWords({ verdict }: StateFacts): readonly string[] {
  const isFresher =
    verdict.state === 'stale' &&
    verdict.reasons.some(({ reason }) => reason === 'source' || reason === 'expired')
  return isFresher ? ['fresher'] : []
}
