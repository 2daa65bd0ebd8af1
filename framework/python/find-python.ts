import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fail, ok, type Result } from '../model/problem.ts'

/** The minor versions of Python 3 that the packages of all requirements support; dbt-core 1.11 supports the fewest. */
const NEWEST = 13
const OLDEST = 10

/** Program names in order of preference: the default Python, then the newest that is supported. */
function candidates(): string[] {
  const names = ['python3']
  for (let minor = NEWEST; minor >= OLDEST; minor--) names.push(`python3.${minor}`)
  return [...names, 'python']
}

/**
 * Absolute path of a Python that an environment is made with: the first supported one on PATH, else the first newer
 * one. `user`: the program that needs it, for the message. Problem `python-missing`: there is none.
 */
export async function findPython(
  env: Readonly<Record<string, string | undefined>>,
  user: string,
): Promise<Result<string>> {
  const seen: string[] = []
  let newer: string | null = null
  for (const name of candidates()) {
    const version = await minorVersion(name, env)
    if (version === null) continue
    const { minor, executable } = version
    seen.push(`${name} is 3.${minor}`)
    if (minor >= OLDEST && minor <= NEWEST) return ok(executable)
    if (minor > NEWEST) newer ??= executable
  }
  if (newer !== null) return ok(newer)
  return fail({
    code: 'python-missing',
    message: `${user} needs Python 3.${OLDEST} or newer, but ${seen.length === 0 ? 'none is on PATH' : seen.join(', ')}`,
    hint: 'install it (Debian and Ubuntu: apt install python3 python3-venv; macOS: brew install python) and run the same command again',
  })
}

/** Path of a program on PATH, or null. */
export function findOnPath(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
): string | null {
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    if (folder !== '' && existsSync(join(folder, name))) return join(folder, name)
  }
  return null
}

function minorVersion(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ minor: number; executable: string } | null> {
  const program = findOnPath(name, env)
  if (program === null) return Promise.resolve(null)
  const script = 'import sys; print(*sys.version_info[:2], sys.executable)'
  return new Promise((resolve) => {
    execFile(program, ['-I', '-c', script], { env: { ...env } }, (error, stdout) => {
      const [major, minor, ...executable] = stdout.trim().split(' ')
      const found = error === null && major === '3' && minor !== undefined
      resolve(found ? { minor: Number(minor), executable: executable.join(' ') } : null)
    })
  })
}
