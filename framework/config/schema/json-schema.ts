import { z } from 'zod'
import { groupBy } from '../../lib/group-by.ts'
import type { Json } from '../../lib/json.ts'
import { KIND_NAMES, type KindName } from '../../model/asset.ts'
import type { Declaration } from '../../ports/declaration.ts'
import type { Declarations } from './adapter-schemas.ts'
import { assetName, commonFields, projectFields } from './fields.ts'
import { kindSchemas } from './kind-schemas.ts'

/** JSON Schemas (draft 7, which every editor knows) of the two shapes of YAML file, for editors. */
export interface JsonSchemas {
  /** `assets.yaml`. */
  readonly project: Json
  /** The files that it includes. */
  readonly assets: Json
}

type Schema = { readonly [key: string]: Json }

/**
 * Made of the same definitions that validate the files, so what one accepts the other does, as far
 * as a schema can tell: it can't follow names from one place to another, nor say that a key of
 * `defaults` belongs to a kind that the file doesn't use.
 */
export async function jsonSchemas(declarations: Declarations): Promise<JsonSchemas> {
  const kinds = await kindBodies(declarations.kinds)
  const kindDefinitions = Object.fromEntries(kinds.map(({ kind, body }) => [kind, body]))
  const file = fileRules(kinds)
  const base = { $schema: 'http://json-schema.org/draft-07/schema#' }
  const { properties, required, definitions = {} } = jsonSchemaOf(projectFields)
  const target = await targetRules(declarations)
  const assets: Schema = {
    ...base,
    title: 'A file with assets',
    type: ['object', 'null'],
    properties: file.properties,
    additionalProperties: false,
    allOf: file.rules,
    definitions: kindDefinitions,
  }
  const project: Schema = {
    ...base,
    title: 'assets.yaml',
    type: 'object',
    properties: { ...(properties as Schema), ...target, ...file.properties },
    required: required ?? [],
    additionalProperties: false,
    allOf: file.rules,
    definitions: { ...(definitions as Schema), ...kindDefinitions },
  }
  return { project, assets }
}

interface KindBody {
  readonly kind: KindName
  /** The keys an asset of this kind may have; what it must have depends on `defaults` too. */
  readonly body: Schema
  readonly required: readonly string[]
}

async function kindBodies(kinds: Declarations['kinds']): Promise<readonly KindBody[]> {
  const schemaOf = kindSchemas(kinds)
  const bodies = KIND_NAMES.map(async (kind): Promise<KindBody> => {
    const { schema } = await schemaOf(kind)
    const { required = [], ...body } = jsonSchemaOf(schema.shape)
    const names = (required as readonly string[]).filter((key) => key !== 'kind')
    return { kind, body: { ...body, type: ['object', 'null'] }, required: names }
  })
  return Promise.all(bodies)
}

function fileRules(kinds: readonly KindBody[]) {
  const { deps: _deps, ...common } = jsonSchemaOf(commonFields).properties as Record<string, Schema>
  const own = kinds.flatMap(({ body }) => Object.entries(body.properties as Record<string, Schema>))
  const particular = own.filter(([key]) => !Object.hasOwn(commonFields, key))
  const meanings = [...groupBy(particular, ([key]) => key)].map(([key, all]) => {
    const rules = all.map(([, rule]) => rule)
    return [key, rules.length === 1 ? rules[0]! : { anyOf: rules }]
  })
  const asset: Schema = {
    type: ['object', 'null'],
    properties: { kind: { enum: KIND_NAMES, description: common.kind?.description ?? '' } },
    allOf: kinds.map(({ kind }) => when(ofKind(kind), { $ref: `#/definitions/${kind}` })),
  }
  const properties: Schema = {
    defaults: {
      description: 'What every asset of this file says unless it says something else.',
      type: ['object', 'null'],
      properties: { ...common, ...Object.fromEntries(meanings) },
      additionalProperties: false,
    },
    assets: {
      description: 'The assets, by name.',
      type: ['object', 'null'],
      propertyNames: { pattern: z.toJSONSchema(assetName).pattern ?? '' },
      additionalProperties: asset,
    },
  }
  return { properties, rules: [kindRequired, ...kinds.flatMap(kindRules)] }
}

function when(condition: Schema, rule: Schema): Schema {
  // biome-ignore lint/suspicious/noThenProperty: JSON Schema calls it so
  return { if: condition, then: rule }
}

const ofKind = (kind: KindName): Schema => ({
  type: 'object',
  properties: { kind: { const: kind } },
  required: ['kind'],
})

/** A rule for every asset of a file. */
const eachAsset = (rule: Schema): Schema => ({
  properties: { assets: { additionalProperties: rule } },
})

const withDefaults = (rule: Schema): Schema => ({
  required: ['defaults'],
  properties: { defaults: { type: 'object', ...rule } },
})

const kindRequired = when(
  { not: withDefaults({ required: ['kind'] }) },
  eachAsset({ type: 'object', required: ['kind'] }),
)

/** What the assets of a kind may and must say, be it their own kind or that of `defaults`. */
function kindRules({ kind, required }: KindBody): readonly Schema[] {
  // Not `anyOf`: an editor would tell the branch that wasn't meant.
  const eachWithoutKind = (rule: Schema) =>
    eachAsset(when({ not: { type: 'object', required: ['kind'] } }, rule))
  const body = when(withDefaults(ofKind(kind)), eachWithoutKind({ $ref: `#/definitions/${kind}` }))
  const needed = required.map((key) => {
    const must: Schema = { type: 'object', required: [key] }
    return when(
      { not: withDefaults({ required: [key] }) },
      {
        allOf: [
          eachAsset(when(ofKind(kind), must)),
          when(withDefaults(ofKind(kind)), eachWithoutKind(must)),
        ],
      },
    )
  })
  return [body, ...needed]
}

async function targetRules(declarations: Declarations): Promise<Schema> {
  const { warehouses, connections, states } = declarations
  const { properties } = jsonSchemaOf(projectFields) as { properties: Record<string, Schema> }
  const targets = properties.targets as { readonly additionalProperties: Schema } & Schema
  const target = targets.additionalProperties as { readonly properties: Record<string, Schema> }
  return {
    targets: {
      ...targets,
      additionalProperties: {
        ...target,
        properties: {
          ...target.properties,
          warehouse: { ...target.properties.warehouse, ...(await adapterRules(warehouses)) },
          connections: {
            ...target.properties.connections,
            additionalProperties: await adapterRules(connections),
          },
          state: { ...target.properties.state, ...(await adapterRules(states)) },
        },
      },
    },
  }
}

const ADAPTER = 'Which one; what else may be said depends on it.'

async function adapterRules(
  registry: Readonly<Record<string, () => Promise<Declaration>>>,
): Promise<Schema> {
  const entries = await Promise.all(
    Object.entries(registry).map(async ([type, declare]) => [type, await declare()] as const),
  )
  return {
    type: 'object',
    properties: { type: { enum: entries.map(([type]) => type), description: ADAPTER } },
    required: ['type'],
    allOf: entries.map(([type, { fields }]) => {
      const { properties, ...rest } = jsonSchemaOf(fields)
      const named = { const: type, description: ADAPTER }
      const settings = { ...(templated(properties ?? {}) as Schema), type: named }
      const isOfType = { properties: { type: { const: type } } }
      return when(isOfType, { ...rest, properties: settings })
    }),
  }
}

/** A text with a variable in it may stand for any single value. */
function templated(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(templated)
  if (typeof schema !== 'object' || schema === null) return schema
  const { type, description } = schema as Schema
  const isValue = 'enum' in schema || 'const' in schema || SINGLE.has(type)
  if (isValue) {
    const either = { anyOf: [schema, { type: 'string', pattern: '\\$\\{' }] }
    return description === undefined ? either : { description, ...either }
  }
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, templated(value)]))
}

const SINGLE = new Set<Json | undefined>(['string', 'number', 'integer', 'boolean'])

function jsonSchemaOf(fields: z.core.$ZodLooseShape): Schema {
  const { $schema, ...schema } = z.toJSONSchema(z.strictObject(fields), {
    io: 'input',
    target: 'draft-7',
  })
  return schema as Schema
}
