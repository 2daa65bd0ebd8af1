import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'

type Env = Readonly<Record<string, string | undefined>>

/** The environment, with what `.env` in the project root adds to it. What is set already stays. */
export function readDotenv(root: string, env: Env): Env {
  return { ...parseEnv(read(join(root, '.env'))), ...env }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
