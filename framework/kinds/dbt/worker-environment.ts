import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment, Site } from '../../ports/site.ts'
import { profilesFile } from './profile/profiles-file.ts'

/** Files of a dbt project in which a variable can be named. */
const TEXTS = /\.(sql|ya?ml|py|jinja2?|j2|md|csv)$/
/** Folders that dbt writes, and that hold no code of a project. */
const WRITTEN = new Set(['target', 'logs', '.git', '.venv', 'venv', 'node_modules', '.assets'])
/** Jinja that works the name out: then it may be any. */
const COMPOSED = /env_var\(\s*[^'"\s]/

/**
 * The environment of dbt's process: that of the shell, dbt's own variables, and those of `.env` that the dbt project or
 * its profile names anywhere in a text, be it in a comment. `folder`: of the project, absolute.
 */
export function workerEnvironment({ env, shell }: Site, folder: string): Environment {
  const ofDotenv = Object.keys(env).filter((name) => shell[name] === undefined)
  const unnamed = new Set(ofDotenv.filter((name) => !name.startsWith('DBT_')))
  if (unnamed.size > 0) {
    for (const text of textsOf(folder, profilesFile(folder, env))) {
      for (const name of unnamed) if (text.includes(name)) unnamed.delete(name)
      if (COMPOSED.test(text)) unnamed.clear()
      if (unnamed.size === 0) break
    }
  }
  return Object.fromEntries(Object.entries(env).filter(([name]) => !unnamed.has(name)))
}

function* textsOf(folder: string, profiles: string): Generator<string> {
  yield textOf(profiles)
  const folders = [folder]
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    for (const entry of entriesOf(next)) {
      const path = join(next, entry.name)
      if (entry.isDirectory()) {
        if (!WRITTEN.has(entry.name)) folders.push(path)
      } else if (TEXTS.test(entry.name)) yield textOf(path)
    }
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
