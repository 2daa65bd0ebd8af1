import { existsSync } from 'node:fs'
import { isSecretName, secretsIn } from './secret-detection.ts'

type Env = Readonly<Record<string, string | undefined>>

/** A value of the shell that is shorter may be an ordinary word. */
const SHORTEST_OF_SHELL = 8

/**
 * The secrets of the environment, which a program may print: values of variables with secret-like names, and passwords
 * in URLs and settings. Of `.env` all of them; of the shell those that are long and no path of a file.
 */
export function environmentSecrets(shell: Env, dotenv: Env): readonly string[] {
  const found = [
    ...Object.entries(dotenv).flatMap(([name, value]) => secretsOf(name, value ?? '')),
    ...Object.entries(shell).flatMap(([name, value = '']) => {
      if (value.length < SHORTEST_OF_SHELL) return []
      const secrets = secretsOf(name, value)
      // The disk is asked last: each command reads the whole environment.
      return secrets.length > 0 && existsSync(value) ? [] : secrets
    }),
  ]
  return [...new Set(found)].filter((secret) => secret !== '')
}

function secretsOf(name: string, value: string): readonly string[] {
  return isSecretName(name) ? [value, ...secretsIn(value)] : secretsIn(value)
}
