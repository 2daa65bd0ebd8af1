import { z } from 'zod'
import type { Problem } from '../../model/problem.ts'
import type { KindSchema, KindSchemas } from '../schema/kind-schemas.ts'
import { closestKey, type Subject, unknownKey, validate } from '../schema/validate.ts'
import type { Mapping } from './mapping.ts'

export interface CheckedDefaults {
  /** The keys of `defaults:`, mistyped ones corrected. Problems with them are reported here only. */
  readonly keys: ReadonlySet<string>
  readonly problems: readonly Problem[]
}

/**
 * Validates `defaults:` of a file once, against every kind that the file uses, so that its problems
 * are not repeated for each asset. A key that only some kinds have applies to their assets only.
 * Problems: those of `validate`.
 */
export function checkDefaults(
  file: string,
  defaults: Mapping,
  { commonFields }: KindSchemas,
  used: readonly KindSchema[],
): CheckedDefaults {
  const subject: Subject = {
    name: `${file}, defaults`,
    at: { file, path: ['defaults'] },
    mayShowValue: true,
  }
  const { deps: _deps, ...common } = commonFields
  const shapes: z.core.$ZodShape[] = [common, ...used.map(({ schema }) => schema.shape)]
  const known = [...new Set(shapes.flatMap(Object.keys))].filter((key) => key !== 'deps')
  const keys = Object.keys(defaults).map((key) => closestKey(key, known) ?? key)
  const problems = Object.entries(defaults).flatMap(([key, value]) => {
    if (!known.includes(key)) return [unknownKey(subject, [key], known)]
    const byShape = shapes.map((shape) => {
      const field = shape[key]
      return field === undefined
        ? []
        : validate(z.strictObject({ [key]: field }), { [key]: value }, subject).problems
    })
    return byShape.find((some) => some.length > 0) ?? []
  })
  return { keys: new Set(keys), problems }
}

/** The keys of `defaults:` that an asset of one kind inherits. */
export function defaultsFor(defaults: Mapping, { schema }: KindSchema): Mapping {
  const entries = Object.entries(defaults)
  return Object.fromEntries(
    entries.filter(([key]) => key !== 'deps' && Object.hasOwn(schema.shape, key)),
  )
}
