import type { Json } from '../lib/json.ts'
import { fail, ok, type Result } from '../model/problem.ts'

/**
 * The value of `--vars`: a mapping in YAML or JSON, as dbt takes it. Problem: `invalid-vars`.
 */
export async function readVars(text: string): Promise<Result<Readonly<Record<string, Json>>>> {
  const { parseYaml } = await import('./yaml/document.ts')
  const { readValue } = await import('./yaml/value.ts')
  const document = parseYaml('--vars', text)
  if (!document.ok) return invalid(document.problems[0]!.message.replace(/^--vars:? ?/, ''))
  const { value, problems } = readValue(document.value)
  if (problems.length > 0) return invalid(problems[0]!.message)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return invalid('it is not a mapping')
  }
  return ok(value as Readonly<Record<string, Json>>)
}

function invalid(why: string): Result<never> {
  return fail({
    code: 'invalid-vars',
    message: `--vars can't be read: ${why}`,
    hint: `write it as YAML or JSON, as for dbt: --vars '{start: 2026-01-01, country: DE}'`,
  })
}
