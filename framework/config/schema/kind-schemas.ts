import { z } from 'zod'
import { KIND_NAMES, type KindName } from '../../model/asset.ts'
import type { Declarations } from './adapter-schemas.ts'
import { type CommonField, commonFields, NOT_FOR_EXTERNAL } from './fields.ts'

/** The whole schema of one kind of asset: the common keys and its own. */
export interface KindSchema {
  readonly kind: KindName
  readonly schema: z.ZodObject
}

/** Schemas of kinds by name, each made on first use and kept. */
export function kindSchemas(kinds: Declarations['kinds']): (kind: KindName) => Promise<KindSchema> {
  const made = new Map<KindName, Promise<KindSchema>>()
  return (kind) => {
    const known = made.get(kind) ?? makeSchema(kind, kinds)
    made.set(kind, known)
    return known
  }
}

async function makeSchema(kind: KindName, kinds: Declarations['kinds']): Promise<KindSchema> {
  const { fields } = await kinds[kind]!()
  const common = Object.entries(commonFields).filter(
    ([key]) => kind !== 'external' || !NOT_FOR_EXTERNAL.has(key),
  )
  return { kind, schema: z.strictObject({ ...Object.fromEntries(common), ...fields }) }
}

export function isKind(value: unknown): value is KindName {
  return KIND_NAMES.some((kind) => kind === value)
}

export function isCommon(key: string): key is CommonField {
  return Object.hasOwn(commonFields, key)
}
