import type { z } from 'zod'
import { likeliestBranch } from './validate.ts'

/** The keys of a mapping that are unknown or have an invalid value; null if the mapping is wrong in another way. */
export function wrongKeys(
  schema: z.ZodObject,
  value: Readonly<Record<string, unknown>>,
): readonly string[] | null {
  const parsed = schema.safeParse(value)
  if (parsed.success) return []
  const keys = parsed.error.issues.flatMap(likeliestBranch).flatMap((issue) => {
    const isRoot = issue.path.length === 0
    return isRoot && issue.code === 'unrecognized_keys' ? issue.keys : [String(issue.path[0])]
  })
  return keys.every((key) => Object.hasOwn(value, key)) ? [...new Set(keys)] : null
}
