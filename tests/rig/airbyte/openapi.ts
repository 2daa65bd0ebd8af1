import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { isObject, type Schema, TYPES } from '../json-schema.ts'

/** One request and its response. */
export interface Exchange {
  readonly document: 'public' | 'internal'
  readonly method: string
  /** Relative to the document's base URL. */
  readonly path: string
  readonly query: readonly string[]
  readonly request: unknown
  readonly status: number
  readonly response: unknown
}

const FILES = {
  public: 'airbyte_public_api.trimmed.yaml',
  internal: 'airbyte_config_api.trimmed.yaml',
} as const

/** Airbyte's OpenAPI documents, which check both sides of an exchange. */
export class OpenApiDocuments {
  readonly #documents: Readonly<Record<Exchange['document'], Schema>>
  /** The number of checked exchanges. */
  checked = 0

  /** `shared`: the folder that ASSETS_SHARED names. */
  constructor(shared: string) {
    const load = (file: string) =>
      parse(readFileSync(join(shared, 'data', 'contracts', file), 'utf8')) as Schema
    this.#documents = { public: load(FILES.public), internal: load(FILES.internal) }
  }

  /** The differences between an exchange and the documents. Empty if there are none. */
  check(exchange: Exchange): readonly string[] {
    this.checked++
    const document = this.#documents[exchange.document]
    const { method, status, request, response } = exchange
    const path = exchange.document === 'internal' ? `/v1${exchange.path}` : exchange.path
    const where = `${method} ${path}`
    const operation = operationOf(document, method, path)
    if (operation === null) return [`${where} is not documented`]
    const wrong: string[] = []
    const parameters = (operation.parameters ?? []) as readonly { readonly name: string }[]
    for (const name of exchange.query) {
      if (!parameters.some((one) => one.name === name)) wrong.push(`no query ${name}`)
    }
    const bodyOf = (part: unknown) => at(part, ['content', 'application/json', 'schema'])
    const asked = bodyOf(operation.requestBody)
    if (asked !== undefined)
      wrong.push(...mismatches(request, asked as Schema, document, 'request'))
    const answers = operation.responses as Schema
    const answered = bodyOf(answers[String(status)])
    if (status < 300 && answered !== undefined) {
      wrong.push(...mismatches(response, answered as Schema, document, 'response'))
    }
    return wrong.map((one) => `${where}: ${one}`)
  }
}

function operationOf(document: Schema, method: string, path: string): Schema | null {
  for (const [template, methods] of Object.entries(document.paths as Schema)) {
    const pattern = new RegExp(`^${template.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`)
    const operation = pattern.test(path) ? at(methods, [method.toLowerCase()]) : undefined
    if (operation !== undefined) return operation as Schema
  }
  return null
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Schema | undefined)?.[key], value)
}

/** The differences between a value and its schema. A field that no schema names is one, too. */
function mismatches(
  value: unknown,
  schema: Schema,
  root: Schema,
  where: string,
): readonly string[] {
  const reference = schema.$ref as string | undefined
  if (reference !== undefined) {
    const target = at(root, reference.replace('#/', '').split('/')) as Schema
    return mismatches(value, target, root, where)
  }
  if (value === null) return schema.nullable === true ? [] : [`${where} is null`]
  const parts = schema.allOf as readonly Schema[] | undefined
  if (parts !== undefined) return parts.flatMap((part) => mismatches(value, part, root, where))
  const choices = (schema.oneOf ?? schema.anyOf) as readonly Schema[] | undefined
  if (choices?.every((one) => mismatches(value, one, root, where).length > 0)) {
    return [`${where} fits none of its schemas`]
  }
  const type = schema.type as string | undefined
  if (type !== undefined && !TYPES[type]!(value)) return [`${where} is not of type ${type}`]
  const values = schema.enum as readonly unknown[] | undefined
  if (values !== undefined && !values.includes(value)) return [`${where} is ${String(value)}`]
  if (Array.isArray(value)) {
    const items = schema.items as Schema
    return value.flatMap((item, index) => mismatches(item, items, root, `${where}[${index}]`))
  }
  return isObject(value) ? fieldMisfits(value, schema, root, where) : []
}

function fieldMisfits(
  value: Schema,
  schema: Schema,
  root: Schema,
  where: string,
): readonly string[] {
  const required = (schema.required ?? []) as readonly string[]
  const properties = schema.properties as Readonly<Record<string, Schema>> | undefined
  const missing = required.filter((name) => !Object.hasOwn(value, name))
  const wrong = missing.map((name) => `${where}.${name} is missing`)
  for (const [name, inner] of Object.entries(value)) {
    const known = properties?.[name]
    if (known !== undefined) wrong.push(...mismatches(inner, known, root, `${where}.${name}`))
    else if (properties !== undefined && !required.includes(name)) {
      wrong.push(`${where}.${name} is not documented`)
    }
  }
  return wrong
}
