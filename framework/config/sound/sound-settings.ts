import type { z } from 'zod'
import { isMapping, type Mapping } from '../compile/mapping.ts'
import { closestKey, likeliestBranch } from '../schema/validate.ts'
import { type LeftOut, NOTHING_LEFT_OUT } from './left-out.ts'

export interface SoundSettings<S> {
  readonly settings: S
  readonly leftOut: LeftOut
  /** Where each of its `policies` is in the file. */
  readonly policies: readonly number[]
}

/** Keys of `assets.yaml` whose entries are valid or not one by one. */
const LISTS: ReadonlySet<string> = new Set(['jobs', 'selectors', 'pools', 'policies'])

/** Keys without which other assets or names may be missing. */
const SOURCES: readonly string[] = ['include', 'dbt', 'assets', 'defaults']

/**
 * The keys of `assets.yaml` without those that are wrong, and of lists without the entries that are wrong. A project
 * without a name has one nevertheless, because nothing else depends on it. `targets`: the names of all targets. null if
 * the rest is not valid either.
 */
export function soundSettings<S extends z.ZodRawShape>(
  schema: z.ZodObject<S>,
  body: Mapping,
  targets: readonly string[],
): SoundSettings<z.infer<z.ZodObject<S>>> | null {
  const wrong = wrongEntries(schema, body)
  if (wrong === null) return null
  const rest = Object.entries(body).flatMap(([key, value]) => {
    const entries = wrong.get(key)
    if (entries === undefined) return [[key, value] as const]
    return entries === 'all' ? [] : [[key, withoutEntries(value, entries)] as const]
  })
  const name = wrong.has('project') ? { project: 'unnamed' } : {}
  const sound = schema.safeParse({ ...Object.fromEntries(rest), version: 1, ...name })
  if (!sound.success) return null
  const ofPolicies = wrong.get('policies') ?? new Set()
  const policies = Array.isArray(body.policies) ? [...body.policies.keys()] : []
  const ofTargets = wrong.get('targets')
  return {
    settings: sound.data,
    leftOut: {
      ...NOTHING_LEFT_OUT,
      targets: new Set(ofTargets === 'all' ? targets : ofTargets),
      anything: SOURCES.some((key) => wrong.has(key)),
      texts: [...wrong].flatMap(([key, entries]) => textsOf(key, entries, body)),
    },
    policies: policies.filter((index) => ofPolicies !== 'all' && !ofPolicies.has(String(index))),
  }
}

/** What of a key that is wrong may declare names. */
function textsOf(
  key: string,
  entries: ReadonlySet<string> | 'all',
  body: Mapping,
): readonly string[] {
  if (DECLARES_NOTHING.has(key) || !Object.hasOwn(body, key)) return []
  return entries === 'all' ? [JSON.stringify(body[key]) ?? ''] : [...entries]
}

/** Those of targets are in `compileProjectSection`. */
const DECLARES_NOTHING: ReadonlySet<string> = new Set(['jobs', 'policies', 'targets'])

type WrongEntries = ReadonlyMap<string, ReadonlySet<string> | 'all'>

/** The keys that are wrong as a whole, and for others their entries that are; null if something else is wrong. */
function wrongEntries(schema: z.ZodObject, body: Mapping): WrongEntries | null {
  const wrong = new Map<string, Set<string> | 'all'>()
  const parsed = schema.safeParse(body)
  for (const issue of parsed.error?.issues.flatMap(likeliestBranch) ?? []) {
    const [key, entry] = issue.path.map(String)
    if (key === undefined) {
      if (issue.code !== 'unrecognized_keys') return null
      for (const unknown of issue.keys) {
        wrong.set(unknown, 'all')
        wrong.set(closestKey(unknown, Object.keys(schema.shape)) ?? unknown, 'all')
      }
      continue
    }
    const known = wrong.get(key) ?? new Set()
    const isEntry = entry !== undefined && (LISTS.has(key) || key === 'targets')
    if (!isEntry) wrong.set(key, 'all')
    else if (known !== 'all') wrong.set(key, known.add(entry))
  }
  return wrong
}

function withoutEntries(value: unknown, entries: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.filter((_, index) => !entries.has(String(index)))
  const rest = isMapping(value) ? Object.entries(value) : []
  return Object.fromEntries(rest.filter(([key]) => !entries.has(key)))
}
