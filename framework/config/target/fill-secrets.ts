import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import type { Project, ResolvedTarget } from '../../model/project.ts'
import type { Secrets } from '../../ports/secrets.ts'
import { fillTarget, referenceId, type SecretReference } from './fill-variables.ts'

type Env = Readonly<Record<string, string | undefined>>

/**
 * A target with its variables and secrets filled in. Calls `open` only if a setting refers to a secret,
 * and reads each secret once. Problems: those of `resolveTarget` and of the store, `secret-not-json`,
 * `secret-key-missing`; each points at the settings that refer to the secret, and none shows a value.
 */
export async function fillSecrets(
  project: Project,
  name: string,
  env: Env,
  open: () => Promise<Secrets>,
): Promise<Result<ResolvedTarget>> {
  const withoutSecrets = fillTarget(project, name, env, new Map())
  if (!withoutSecrets.ok) return withoutSecrets
  const { references, target } = withoutSecrets.value
  if (references.length === 0) return ok(target)
  const store = await open()
  const names = [...new Set(references.map((reference) => reference.name))]
  const texts = new Map(
    await Promise.all(names.map(async (each) => [each, await store.read(each)] as const)),
  )
  const values = new Map<string, string>()
  const failures = new Map<string, Failure>()
  for (const reference of references) {
    const text = texts.get(reference.name)!
    const value = text.ok ? valueIn(text.value, reference) : text
    if (value.ok) {
      values.set(referenceId(reference), value.value)
      continue
    }
    // One problem for each unreadable secret, and one for each missing key of a secret.
    const id = text.ok ? referenceId(reference) : reference.name
    const known = failures.get(id)
    if (known === undefined) {
      failures.set(id, { problem: value.problems[0]!, references: [reference] })
    } else known.references.push(reference)
  }
  if (failures.size > 0) return fail(...[...failures.values()].map(atReferences))
  const filled = fillTarget(project, name, env, values)
  return filled.ok ? ok(filled.value.target) : filled
}

interface Failure {
  readonly problem: Problem
  /** The settings that have this problem. */
  readonly references: SecretReference[]
}

/** The value of a reference in the text of its secret. */
function valueIn(text: string, { name, key }: SecretReference): Result<string> {
  if (key === null) return ok(text)
  const object = jsonObject(text)
  if (object === null) {
    return fail({
      code: 'secret-not-json',
      message: `secret ${name} is not a JSON object, so it has no key ${key}`,
      hint: `use the whole secret, \${secret:${name}}, or store {"${key}": "…"} in it`,
    })
  }
  const value = Object.hasOwn(object, key) ? object[key] : undefined
  if (value === undefined || value === null || typeof value === 'object') {
    return fail({
      code: 'secret-key-missing',
      message:
        value === undefined || value === null
          ? `secret ${name} has no key ${key}`
          : `key ${key} of secret ${name} is a list or an object, not a single value`,
      hint: `its keys: ${Object.keys(object).sort().join(', ') || 'none'}`,
    })
  }
  return ok(String(value))
}

function jsonObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null
  } catch {
    return null
  }
}

function atReferences({ problem, references }: Failure): Problem {
  const [first, ...others] = references
  const related = others.map(({ at }) => ({ message: 'also used here', at }))
  return { ...problem, at: first!.at, ...(related.length === 0 ? {} : { related }) }
}
