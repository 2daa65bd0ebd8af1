import { z } from 'zod'
import { groupBy } from '../../lib/group-by.ts'
import type { Json } from '../../lib/json.ts'
import type { KindName } from '../../model/asset.ts'
import type { Declarations, DeclarationsByName } from './adapter-schemas.ts'
import { assetName, isCommonKey, MAX_NAME, projectFields } from './fields.ts'
import { KindSchemas } from './kind-schemas.ts'

/** JSON Schemas of the two forms of YAML file, for editors. Draft 7, the newest that all of them know. */
export interface JsonSchemas {
  /** `assets.yaml`. */
  readonly project: Json
  /** A file that `include:` names. */
  readonly assets: Json
}

type Schema = { readonly [key: string]: Json }

/**
 * Generated from the definitions that validate the files, so both accept the same files, with five exceptions that
 * it does not express: where a path leads, and how long its parts are; references by name; a key of `defaults` that belongs to a kind that the file doesn't use; a
 * warehouse from dbt without `dbt:`; and, in an included file, an asset without a kind, which only a project with all
 * nodes of dbt may have.
 */
export async function jsonSchemas(declarations: Declarations): Promise<JsonSchemas> {
  const schemas = new KindSchemas(declarations.kinds)
  const kinds = await kindBodies(schemas)
  const kindDefinitions = Object.fromEntries(kinds.map(({ kind, body }) => [kind, body]))
  const file = fileRules(kinds, schemas)
  const base = { $schema: 'http://json-schema.org/draft-07/schema#' }
  const { properties, required, definitions = {} } = jsonSchemaOf(projectFields)
  const target = await targetRules(declarations)
  const assets: Schema = {
    ...base,
    title: 'A file with assets',
    type: ['object', 'null'],
    properties: file.properties,
    additionalProperties: false,
    allOf: [kindIsDbt, ...file.rules],
    definitions: kindDefinitions,
  }
  const project: Schema = {
    ...base,
    title: 'assets.yaml',
    type: 'object',
    properties: { ...(properties as Schema), ...target, ...file.properties },
    required: required ?? [],
    additionalProperties: false,
    allOf: [{ if: ALL_OF_DBT, ...thenElse(kindIsDbt, kindRequired) }, ...file.rules],
    definitions: { ...(definitions as Schema), ...kindDefinitions },
  }
  return { project, assets }
}

interface KindBody {
  readonly kind: KindName
  /** The keys that an asset of this kind may have, none of them required: `defaults` may have them. */
  readonly body: Schema
  readonly required: readonly string[]
}

async function kindBodies(schemas: KindSchemas): Promise<readonly KindBody[]> {
  const bodies = schemas.names.map(async (kind): Promise<KindBody> => {
    const { schema } = await schemas.of(kind)
    const { required = [], ...body } = jsonSchemaOf(schema.shape)
    const names = (required as readonly string[]).filter((key) => key !== 'kind')
    return { kind, body: { ...body, type: ['object', 'null'] }, required: names }
  })
  return Promise.all(bodies)
}

/** The keys `defaults` and `assets`, and the rules that connect the two. */
function fileRules(kinds: readonly KindBody[], { names, commonFields }: KindSchemas) {
  const { deps: _deps, ...common } = jsonSchemaOf(commonFields).properties as Record<string, Schema>
  const all = kinds.flatMap(({ body }) => Object.entries(body.properties as Record<string, Schema>))
  const ofKinds = all.filter(([key]) => !isCommonKey(key))
  const kindFields = [...groupBy(ofKinds, ([key]) => key)].map(([key, all]) => {
    const rules = all.map(([, rule]) => rule)
    return [key, rules.length === 1 ? rules[0]! : { anyOf: rules }]
  })
  const asset: Schema = {
    type: ['object', 'null'],
    properties: { kind: { enum: names, description: common.kind?.description ?? '' } },
    allOf: kinds.map(({ kind }) => when(ofKind(kind), { $ref: `#/definitions/${kind}` })),
  }
  const properties: Schema = {
    defaults: {
      description: 'Values for all assets of this file. An asset overrides them.',
      type: ['object', 'null'],
      properties: { ...common, ...Object.fromEntries(kindFields) },
      additionalProperties: false,
    },
    assets: {
      description: 'The assets, by name.',
      type: ['object', 'null'],
      propertyNames: propertyNames(assetName),
      additionalProperties: asset,
    },
  }
  return { properties, rules: kinds.flatMap(kindRules) }
}

/** The rules of a name, as those of keys. */
function propertyNames(name: z.ZodType): Schema {
  const { pattern = '', maxLength = MAX_NAME } = z.toJSONSchema(name)
  return { pattern, maxLength }
}

function when(condition: Schema, rule: Schema): Schema {
  // biome-ignore lint/suspicious/noThenProperty: it is a keyword of JSON Schema
  return { if: condition, then: rule }
}

function thenElse(then: Schema, otherwise: Schema): Schema {
  return { then, else: otherwise }
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

const WITHOUT_KIND = { not: withDefaults({ required: ['kind'] }) }

/** Whether `assets.yaml` makes all nodes of dbt assets, so that an asset without a kind is one of them. */
const ALL_OF_DBT: Schema = {
  required: ['dbt'],
  properties: {
    dbt: {
      type: 'object',
      not: { required: ['models'], properties: { models: { const: 'declared' } } },
    },
  },
}

const kindRequired = when(WITHOUT_KIND, eachAsset({ type: 'object', required: ['kind'] }))

/** A rule for every asset that names no kind itself. Not `anyOf`: an editor would report the issues of the wrong branch. */
const eachWithoutKind = (rule: Schema): Schema =>
  eachAsset(when({ not: { type: 'object', required: ['kind'] } }, rule))

/** An asset without a kind is a node of dbt. */
const kindIsDbt = when(WITHOUT_KIND, eachWithoutKind({ $ref: '#/definitions/dbt' }))

/** The keys that assets of a kind may and must have, whether they or `defaults` name the kind. */
function kindRules({ kind, required }: KindBody): readonly Schema[] {
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
          warehouse: { ...target.properties.warehouse, ...(await warehouseRules(warehouses)) },
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

/** An adapter, or `{from: dbt}`. Not `anyOf`: an editor would report the issues of the wrong branch. */
async function warehouseRules(declarations: DeclarationsByName): Promise<Schema> {
  const { type, ...adapter } = await adapterRules(declarations)
  const from: Schema = { const: 'dbt', description: "Where dbt's profile leads." }
  const isFrom = { required: ['from'] }
  const onlyFrom: Schema = { properties: { from }, additionalProperties: false }
  return { type: type!, ...when(isFrom, onlyFrom), allOf: [when({ not: isFrom }, adapter)] }
}

const ADAPTER_TYPE = 'The adapter. Its other settings depend on it.'

async function adapterRules(declarations: DeclarationsByName): Promise<Schema> {
  const entries = await Promise.all(
    Object.entries(declarations).map(async ([type, load]) => [type, await load()] as const),
  )
  return {
    type: 'object',
    properties: { type: { enum: entries.map(([type]) => type), description: ADAPTER_TYPE } },
    required: ['type'],
    allOf: entries.map(([type, { fields }]) => {
      const { properties, ...rest } = jsonSchemaOf(fields)
      const named = { const: type, description: ADAPTER_TYPE }
      const settings = { ...(allowTemplates(properties ?? {}) as Schema), type: named }
      const isOfType = { properties: { type: { const: type } } }
      return when(isOfType, { ...rest, properties: settings })
    }),
  }
}

/** A schema that also accepts a text with `${…}` in place of each scalar. */
function allowTemplates(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(allowTemplates)
  if (typeof schema !== 'object' || schema === null) return schema
  const { type, description } = schema as Schema
  const isScalar = 'enum' in schema || 'const' in schema || SCALAR_TYPES.has(type)
  if (isScalar) {
    const either = { anyOf: [schema, { type: 'string', pattern: '\\$\\{' }] }
    return description === undefined ? either : { description, ...either }
  }
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, allowTemplates(value)]),
  )
}

const SCALAR_TYPES = new Set<Json | undefined>(['string', 'number', 'integer', 'boolean'])

function jsonSchemaOf(fields: z.core.$ZodLooseShape): Schema {
  const { $schema, ...schema } = z.toJSONSchema(z.strictObject(fields), {
    io: 'input',
    target: 'draft-7',
  })
  return schema as Schema
}
