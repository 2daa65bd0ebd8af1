import type { Json } from '../../lib/json.ts'
import type { AdapterSettings } from '../../model/project.ts'

/** The settings of one `postgres` connection, with defaults filled in. */
export interface Settings {
  /** The connection's name in the target. */
  readonly name: string
  /** `embedded`, or a URL that may hold a password. */
  readonly url: string
  /** Schema of streams that name none. */
  readonly schema: string
  /** Sessions that read at once from a server. */
  readonly sessions: number
  readonly embedded: EmbeddedSettings
}

export interface EmbeddedSettings {
  /** SQL files, relative to the project root, run in order when the source is made. */
  readonly init: readonly string[]
  /** PostgreSQL settings that those files read. */
  readonly settings: Readonly<Record<string, string>>
}

export const EMBEDDED = 'embedded'
const SESSIONS = 2

/** Reads what the declaration validated. */
export function readSettings({ settings, at }: AdapterSettings): Settings {
  const embedded = (settings.embedded ?? {}) as { readonly [key: string]: Json }
  const values = Object.entries((embedded.settings ?? {}) as { readonly [key: string]: Json })
  return {
    name: String(at.path.at(-1)),
    url: String(settings.url ?? EMBEDDED),
    schema: String(settings.schema ?? 'public'),
    sessions: Number(settings.sessions ?? SESSIONS),
    embedded: {
      init: ((embedded.init ?? []) as readonly Json[]).map(String),
      settings: Object.fromEntries(values.map(([name, value]) => [name, String(value)])),
    },
  }
}
