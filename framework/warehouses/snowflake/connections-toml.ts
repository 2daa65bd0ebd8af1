import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { parse, TomlError } from 'smol-toml'
import { fail, ok, type Result } from '../../model/problem.ts'
import type { Site } from '../../ports/site.ts'
import type { SettingPointer, TextSettings } from './login.ts'

/** Alternative names of settings in Snowflake's own tools. */
const ALIASES: Readonly<Record<string, string>> = {
  username: 'user',
  private_key_file: 'private_key_path',
  private_key_raw: 'private_key',
  private_key_file_pwd: 'private_key_passphrase',
  private_key_pass: 'private_key_passphrase',
}

/**
 * Reads a named connection of `connections.toml`, the file that Snowflake's own tools share
 * (https://docs.snowflake.com/en/developer-guide/snowflake-cli/connecting/configure-connections). It is
 * in SNOWFLAKE_HOME or in `~/.snowflake`. Problem: `warehouse-connection` for a missing file, a file that
 * is not valid TOML, or a missing connection.
 */
export function readNamedConnection(
  name: string,
  env: Site['env'],
  at: SettingPointer,
): Result<TextSettings> {
  const home = env.SNOWFLAKE_HOME ?? join(env.HOME ?? homedir(), '.snowflake')
  const file = join(home, 'connections.toml')
  const problem = (message: string, hint: string) =>
    fail({ code: 'warehouse-connection', message, at: at('connection'), hint, mistake: true })
  if (!existsSync(file)) {
    return problem(
      `connection ${name} is not available: ${file} does not exist`,
      'create the file, set SNOWFLAKE_HOME to its folder, or replace `connection` by the settings themselves',
    )
  }
  let sections: Readonly<Record<string, unknown>>
  try {
    sections = parse(readFileSync(file, 'utf8'), { integersAsBigInt: true })
  } catch (error) {
    return problem(`${file} ${reasonOf(error)}`, 'correct the file')
  }
  const section = sections[name]
  if (typeof section !== 'object' || section === null) {
    const others = Object.keys(sections).join(', ')
    return problem(
      `${file} has no connection ${name}`,
      others === '' ? 'the file has no connections' : `its connections are ${others}`,
    )
  }
  const texts = Object.entries(section).map(
    ([key, value]) => [ALIASES[key] ?? key, String(value)] as const,
  )
  return ok(new Map(texts))
}

/** Why the file can't be read. Later lines of a `TomlError` quote the file, which may hold secrets. */
function reasonOf(error: unknown): string {
  if (!(error instanceof TomlError)) return `can't be read: ${(error as Error).message}`
  const [summary = ''] = error.message.split('\n')
  const expectation = summary.replace('Invalid TOML document: ', '')
  return `is not valid TOML (line ${error.line}, column ${error.column}): ${expectation}`
}
