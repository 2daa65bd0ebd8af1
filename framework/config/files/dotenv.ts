import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'

type Env = Readonly<Record<string, string | undefined>>

/** The variables that only `.env` in the project root gives. It overrides nothing. */
export function readDotenv(root: string, shell: Env): Readonly<Record<string, string>> {
  const variables = parseEnv(readIfExists(join(root, '.env')))
  const added = Object.entries(variables).filter(([name]) => shell[name] === undefined)
  return Object.fromEntries(added) as Record<string, string>
}

function readIfExists(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
