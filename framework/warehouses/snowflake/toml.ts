import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fail, ok, type Result } from '../../model/problem.ts'
import type { Site } from '../../ports/site.ts'
import type { At, Texts } from './login.ts'

/** Other names that Snowflake's own tools know for our settings. */
const ALIASES: Readonly<Record<string, string>> = {
  username: 'user',
  private_key_file: 'private_key_path',
  private_key_raw: 'private_key',
  private_key_file_pwd: 'private_key_passphrase',
  private_key_pass: 'private_key_passphrase',
}

/**
 * A connection of the file that Snowflake's own tools share. Read with the driver's parser, so that both
 * read it alike. Problems: no file, a file that is no TOML, no such connection in it.
 */
export function connectionNamed(name: string, env: Site['env'], at: At): Result<Texts> {
  const home = env.SNOWFLAKE_HOME ?? join(env.HOME ?? homedir(), '.snowflake')
  const file = join(home, 'connections.toml')
  const problem = (message: string, hint: string) =>
    fail({ code: 'warehouse-connection', message, at: at('connection'), hint, mistake: true })
  if (!existsSync(file)) {
    return problem(
      `there is no ${file} to take the connection ${name} from`,
      'write the file, point SNOWFLAKE_HOME at its folder, or give the settings here',
    )
  }
  let sections: Readonly<Record<string, unknown>>
  try {
    sections = parser().parse(readFileSync(file, 'utf8'))
  } catch (error) {
    // The parser's message names a line and what it expected, never a value.
    return problem(`${file} can't be read: ${(error as Error).message}`, 'mend the file')
  }
  const section = sections[name]
  if (typeof section !== 'object' || section === null) {
    const others = Object.keys(sections).join(', ')
    return problem(`${file} has no connection ${name}`, `it has: ${others || 'none'}`)
  }
  const texts = Object.entries(section).map(
    ([key, value]) => [ALIASES[key] ?? key, String(value)] as const,
  )
  return ok(new Map(texts))
}

function parser(): { parse(text: string): Readonly<Record<string, unknown>> } {
  const driver = createRequire(import.meta.url).resolve('snowflake-sdk')
  return createRequire(driver)('toml')
}
