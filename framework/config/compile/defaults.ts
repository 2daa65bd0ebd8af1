import { z } from 'zod'
import type { Problem } from '../../model/problem.ts'
import { commonFields } from '../schema/fields.ts'
import type { KindSchema } from '../schema/kind-schemas.ts'
import { meantKey, type Subject, unknownKey, validate } from '../schema/validate.ts'
import type { Mapping } from './mapping.ts'

/** `deps` belong to one asset; what else an asset may say, a whole file may. */
const { deps: _deps, ...sharedFields } = commonFields

export interface CheckedDefaults {
  /** Keys that were judged, or meant by a mistyped one: no asset is to blame for those. */
  readonly judged: ReadonlySet<string>
  readonly problems: readonly Problem[]
}

/**
 * Judges `defaults:` of a file once, by each kind that the file uses, so that no asset repeats its
 * mistakes. A key that only some of these kinds take counts for their assets alone. Problems:
 * those of `validate`.
 */
export function checkDefaults(
  file: string,
  defaults: Mapping,
  kinds: readonly KindSchema[],
): CheckedDefaults {
  const subject: Subject = {
    name: `${file}, defaults`,
    at: { file, path: ['defaults'] },
    show: true,
  }
  const shapes: z.core.$ZodShape[] = [sharedFields, ...kinds.map(({ schema }) => schema.shape)]
  const known = [...new Set(shapes.flatMap(Object.keys))].filter((key) => key !== 'deps')
  const judged = Object.keys(defaults).map((key) => meantKey(key, known) ?? key)
  const problems = Object.entries(defaults).flatMap(([key, value]) => {
    if (!known.includes(key)) return [unknownKey(subject, [key], known)]
    const found = shapes.map((shape) => {
      const field = shape[key]
      return field === undefined
        ? []
        : validate(z.strictObject({ [key]: field }), { [key]: value }, subject).problems
    })
    return found.find((some) => some.length > 0) ?? []
  })
  return { judged: new Set(judged), problems }
}

/** What `defaults:` give to an asset of one kind. */
export function defaultsFor(defaults: Mapping, { schema }: KindSchema): Mapping {
  const entries = Object.entries(defaults)
  return Object.fromEntries(
    entries.filter(([key]) => key !== 'deps' && Object.hasOwn(schema.shape, key)),
  )
}
