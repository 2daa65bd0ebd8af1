import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import type { Project, ResolvedTarget } from '../../model/project.ts'
import type { Secrets } from '../../ports/secrets.ts'
import { fillTarget, idOf, type Reference } from './fill-variables.ts'

type Env = Readonly<Record<string, string | undefined>>

/**
 * A target with its variables and its secrets filled in. `open` is called only when a setting names a
 * secret, and each secret is read once, however many settings name it. Problems: those of
 * `resolveTarget` and of the store, `secret-not-json`, `secret-key-missing`; each at the settings
 * that name the secret, none with a value.
 */
export async function unlockTarget(
  project: Project,
  name: string,
  env: Env,
  open: () => Promise<Secrets>,
): Promise<Result<ResolvedTarget>> {
  const sealed = fillTarget(project, name, env, new Map())
  if (!sealed.ok) return sealed
  const { references, target } = sealed.value
  if (references.length === 0) return ok(target)
  const store = await open()
  const names = [...new Set(references.map((reference) => reference.name))]
  const texts = new Map(
    await Promise.all(names.map(async (each) => [each, await store.read(each)] as const)),
  )
  const found = new Map<string, string>()
  const problems = new Map<string, { readonly told: Problem; readonly of: Reference[] }>()
  for (const reference of references) {
    const text = texts.get(reference.name)!
    const value = text.ok ? pick(text.value, reference) : text
    if (value.ok) found.set(idOf(reference), value.value)
    else {
      // What is wrong with a secret is told once; what is wrong with a key, once for each key.
      const id = text.ok ? idOf(reference) : reference.name
      const known = problems.get(id)
      if (known === undefined) problems.set(id, { told: value.problems[0]!, of: [reference] })
      else known.of.push(reference)
    }
  }
  if (problems.size > 0) return fail(...[...problems.values()].map(placed))
  const filled = fillTarget(project, name, env, found)
  return filled.ok ? ok(filled.value.target) : filled
}

/** What a reference means of the text of its secret. */
function pick(text: string, { name, key }: Reference): Result<string> {
  if (key === null) return ok(text)
  const object = jsonObject(text)
  if (object === null) {
    return fail({
      code: 'secret-not-json',
      message: `the secret ${name} holds no JSON object, so it has no key ${key}`,
      hint: `name it as it is, \${secret:${name}}, or store {"${key}": "…"} in it`,
    })
  }
  const value = Object.hasOwn(object, key) ? object[key] : undefined
  if (value === undefined || value === null || typeof value === 'object') {
    return fail({
      code: 'secret-key-missing',
      message:
        value === undefined || value === null
          ? `the secret ${name} has no key ${key}`
          : `the key ${key} of the secret ${name} holds no single value`,
      hint: `it has ${Object.keys(object).sort().join(', ') || 'none'}`,
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

function placed({
  told,
  of,
}: {
  readonly told: Problem
  readonly of: readonly Reference[]
}): Problem {
  const [first, ...others] = of
  const related = others.map(({ at }) => ({ message: 'and here', at }))
  return { ...told, at: first!.at, ...(related.length === 0 ? {} : { related }) }
}
