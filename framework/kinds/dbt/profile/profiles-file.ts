import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Site } from '../../../ports/site.ts'

/**
 * The profiles.yml that `dbt` uses if it runs in the folder of the project (absolute), in dbt's order:
 * DBT_PROFILES_DIR, the folder itself, `~/.dbt`. Absolute; the file may be missing.
 */
export function profilesFile(folder: string, env: Site['env']): string {
  const { DBT_PROFILES_DIR: stated, HOME: home } = env
  if (stated) return join(resolve(folder, stated), 'profiles.yml')
  const beside = join(folder, 'profiles.yml')
  return existsSync(beside) ? beside : join(home || homedir(), '.dbt', 'profiles.yml')
}
