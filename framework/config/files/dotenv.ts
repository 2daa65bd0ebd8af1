import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { whyUnreadable } from '../../lib/file-refusal.ts'
import { fileStats } from '../../lib/file-stats.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'

const notAFile: Problem = {
  code: 'file-unreadable',
  message: ".env can't be read: it is not a file",
  hint: 'write a file of lines such as NAME=value in its place, or move it away',
}

type Env = Readonly<Record<string, string | undefined>>

/**
 * The variables that only `.env` in the project root gives. It overrides nothing. Problems: `file-unreadable`. A project
 * without the file has no such variables.
 */
export function readDotenv(root: string, shell: Env): Result<Readonly<Record<string, string>>> {
  const file = join(root, '.env')
  let text: string
  try {
    const stats = fileStats(file)
    // A pipe would be waited for.
    if (stats !== undefined && !stats.isFile()) return fail(notAFile)
    text = readFileSync(file, 'utf8').replace(/^\ufeff/, '')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return ok({})
    const { reason, hint } = whyUnreadable(file) ?? { reason: message, hint: 'move it away' }
    return fail({ code: 'file-unreadable', message: `.env can't be read: ${reason}`, hint })
  }
  const added = Object.entries(parseEnv(text)).filter(([name]) => shell[name] === undefined)
  return ok(Object.fromEntries(added) as Record<string, string>)
}
