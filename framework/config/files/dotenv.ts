import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'

type Env = Readonly<Record<string, string | undefined>>

/** The environment plus the variables of `.env` in the project root. `.env` overrides nothing. */
export function readDotenv(root: string, env: Env): Env {
  return { ...parseEnv(readIfExists(join(root, '.env'))), ...env }
}

function readIfExists(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
