import type { HealthFact } from '../../framework/model/health-fact.ts'
import type { AdapterSettings } from '../../framework/model/project.ts'
import type { Stream } from '../../framework/model/stream.ts'
import type { Examination, HealthSubject } from '../../framework/ports/health.ts'
import type { ShownIn } from '../../framework/ports/kind.ts'
import { siteOf } from '../contract/suites/site.ts'

/**
 * A health subject with the given settings. `meanwhile` is called while an examination sleeps
 * between two readings.
 */
export function healthSubject(
  settings: AdapterSettings['settings'],
  more: {
    readonly streams?: readonly Stream[]
    readonly shown?: readonly ShownIn[]
    readonly root?: string
    readonly secrets?: readonly string[]
    readonly meanwhile?: () => Promise<void>
    readonly clock?: () => number
  } = {},
): HealthSubject {
  const {
    shown = [],
    streams = [],
    root = '/nowhere',
    secrets = [],
    meanwhile,
    clock = Date.now,
  } = more
  return {
    settings: {
      type: 'any',
      settings,
      at: { file: 'assets.yaml', path: ['targets', 'prod', 'connections', 'shop'] },
    },
    site: siteOf({ root, secrets, clock }),
    streams,
    shown,
    signal: new AbortController().signal,
    sleep: async () => meanwhile?.(),
  }
}

/** Every fact of one examination. */
export async function collectFacts(
  facts: AsyncIterable<HealthFact>,
): Promise<readonly HealthFact[]> {
  const found: HealthFact[] = []
  for await (const fact of facts) found.push(fact)
  return found
}

/** One line for each fact: `bad wal_level`, or `source: bad wal_level` for a fact about a part. */
export async function factSummaries(
  examinations: readonly Examination[],
): Promise<readonly string[]> {
  const all = examinations.map(async ({ part, facts }) =>
    (await collectFacts(facts)).map(
      ({ state, subject }) => `${part === null ? '' : `${part}: `}${state} ${subject}`,
    ),
  )
  return (await Promise.all(all)).flat()
}
