import { withoutUrlPasswords } from '../../lib/url-passwords.ts'
import type { CompiledFile } from '../compile/compiled-file.ts'
import { isSecretName, secretsIn } from '../target/secret-detection.ts'

/**
 * Whether a secret is written into a YAML file: a setting of a target with a secret-like name and a value that is no
 * variable, or a password in a URL anywhere.
 */
export function holdsSecret({ project, specs, descriptions }: CompiledFile): boolean {
  const targets = Object.values(project?.settings.targets ?? {})
  const isInTarget = targets.some(({ warehouse, connections, state }) =>
    [warehouse, ...Object.values(connections), state].some(
      (adapter) => adapter !== null && 'settings' in adapter && isSecret(adapter.settings, false),
    ),
  )
  return isInTarget || [specs, descriptions, project?.settings].some(hasPassword)
}

/** `isNamed`: the value belongs to a secret-like name. */
function isSecret(value: unknown, isNamed: boolean): boolean {
  if (typeof value === 'string') {
    const text = literalIn(value)
    return text !== '' && (isNamed || secretsIn(text).length > 0)
  }
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([key, inner]) => isSecret(inner, isNamed || isSecretName(key)))
}

function hasPassword(value: unknown): boolean {
  if (typeof value === 'string') {
    const text = literalIn(value)
    return withoutUrlPasswords(text) !== text
  }
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some(hasPassword)
}

/** What a setting says without its variables: `${NAME}`, `${secret:NAME}`, and those with nothing else as default. */
function literalIn(text: string): string {
  let rest = text
  for (let before = ''; before !== rest; ) {
    before = rest
    rest = rest.replaceAll(/\$\{(?:secret:[^${}]*|[A-Za-z0-9_]*(?::-)?)\}/g, '')
  }
  return rest
}
