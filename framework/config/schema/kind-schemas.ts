import { z } from 'zod'
import type { KindName } from '../../model/asset.ts'
import type { DeclarationsByName } from './adapter-schemas.ts'
import { commonFields, isCommonKey } from './fields.ts'

/** The schema of one kind of asset. */
export interface KindSchema {
  readonly kind: KindName
  /** The common keys and the kind's own, minus those that have no effect on it. */
  readonly schema: z.ZodObject
  /** Common keys that have no effect on this kind. */
  readonly without: ReadonlySet<string>
  /** Why those keys have no effect. */
  readonly because: string
}

/** The registered kinds of assets and their schemas. A declaration is imported on first use. */
export class KindSchemas {
  /** The registered kinds, in the order of their registration. */
  readonly names: readonly KindName[]
  /** `kind` and the other keys that every kind takes. */
  readonly commonFields: z.ZodRawShape
  readonly #declarations: DeclarationsByName
  readonly #schemas = new Map<KindName, Promise<KindSchema>>()

  constructor(declarations: DeclarationsByName) {
    this.#declarations = declarations
    this.names = Object.keys(declarations)
    const kind = z.enum(this.names as [KindName, ...KindName[]]).describe('How the asset is built.')
    this.commonFields = { kind, ...commonFields }
  }

  isKind(value: unknown): value is KindName {
    return this.names.some((kind) => kind === value)
  }

  /** The schema of a registered kind. */
  of(kind: KindName): Promise<KindSchema> {
    const schema = this.#schemas.get(kind) ?? this.#load(kind)
    this.#schemas.set(kind, schema)
    return schema
  }

  async #load(kind: KindName): Promise<KindSchema> {
    const load = this.#declarations[kind]
    if (load === undefined) throw new Error(`the kind ${kind} is not registered`)
    const { fields, without = { keys: [], because: '' } } = await load()
    const unknown = without.keys.filter((key) => !isCommonKey(key))
    if (unknown.length > 0) throw new Error(`kind ${kind}: ${unknown.join(', ')}: not a common key`)
    const excluded = new Set(without.keys)
    const common = Object.entries(this.commonFields).filter(([key]) => !excluded.has(key))
    const schema = z.strictObject({ ...Object.fromEntries(common), ...fields })
    return { kind, schema, without: excluded, because: without.because }
  }
}
