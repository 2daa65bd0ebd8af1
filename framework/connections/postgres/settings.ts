import type { Json } from '../../lib/json.ts'
import type { AdapterSettings } from '../../model/project.ts'

/** The settings of one `postgres` connection, with defaults filled in. */
export interface PostgresSettings {
  /** The connection's name in the target. */
  readonly name: string
  /** `embedded`, or a URL that may hold a password. */
  readonly url: string
  /** Schema of streams without a namespace. */
  readonly schema: string
  /** The number of sessions that read from a server at once. */
  readonly sessions: number
  readonly embedded: EmbeddedSettings
}

export interface EmbeddedSettings {
  /** SQL files that create the source, in order, relative to the project root. */
  readonly init: readonly string[]
  /** PostgreSQL settings that the SQL files read. */
  readonly settings: Readonly<Record<string, string>>
}

export const EMBEDDED = 'embedded'
const DEFAULT_SESSIONS = 2

/** Reads validated settings and adds defaults. */
export function readSettings({ settings, at }: AdapterSettings): PostgresSettings {
  const embedded = (settings.embedded ?? {}) as { readonly [key: string]: Json }
  const values = Object.entries((embedded.settings ?? {}) as { readonly [key: string]: Json })
  return {
    name: String(at.path.at(-1)),
    url: String(settings.url ?? EMBEDDED),
    schema: String(settings.schema ?? 'public'),
    sessions: Number(settings.sessions ?? DEFAULT_SESSIONS),
    embedded: {
      init: ((embedded.init ?? []) as readonly Json[]).map(String),
      settings: Object.fromEntries(values.map(([name, value]) => [name, String(value)])),
    },
  }
}
