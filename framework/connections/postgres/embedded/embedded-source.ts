import type { PostgresSettings } from '../settings.ts'
import type { Client } from '../source/client.ts'
import type { Peek, Source } from '../source/source.ts'
import { SESSION_SETTINGS } from '../source/transaction.ts'
import { embeddedAdmin } from './admin.ts'
import { EmbeddedServer, type EmbeddedServerOptions } from './embedded-server.ts'
import type { SourceState } from './source-state.ts'

/** How long an idle source stays open, in milliseconds. */
const IDLE_TIMEOUT = 500
/** Reset the backend to its initial state: PGlite has a single one, which all sessions use. Then set it up. */
const START_STATEMENTS = ['rollback', 'discard all', SESSION_SETTINGS]

/** The source that runs in this process, with its data in a folder of the project. Opened on first use. */
export function embeddedSource(settings: PostgresSettings, options: EmbeddedServerOptions): Source {
  const server = new EmbeddedServer(settings, options)
  const sourceName = { address: 'the embedded source', connection: settings.name }
  /** Sessions run one at a time, because they share settings and transactions of the one backend. */
  let previousSession: Promise<void> = Promise.resolve()
  let idleTimer: NodeJS.Timeout | undefined

  const open = async (): Promise<Client> => {
    clearTimeout(idleTimer)
    const before = previousSession
    let end = () => {}
    previousSession = new Promise((resolve) => {
      end = resolve
    })
    await before
    try {
      const { socketFolder } = await server.open()
      const { connectWith } = await import('../source/client.ts')
      const config = { host: socketFolder, port: 5432, user: 'postgres', database: 'postgres' }
      const client = await connectWith(
        { ...config, password: 'none', ssl: false },
        sourceName,
        START_STATEMENTS,
      )
      client.once('end', end)
      return client
    } catch (error) {
      end()
      throw error
    }
  }

  const peek = async (): Promise<Peek> => {
    if (server.isOpen) return { state: 'ask' }
    const state = server.state()
    if (state === null) return { state: 'absent' }
    // Only opening it tells what is wrong with it.
    if (!state.clean || !server.hasData) return { state: 'ask' }
    const { snapshot, lives } = state
    return { state: 'closed', now: { server: { ...identityOf(state), snapshot }, lives } }
  }

  const close = (): Promise<void> => {
    clearTimeout(idleTimer)
    previousSession = previousSession.then(() => server.close())
    return previousSession
  }

  const rest = async (): Promise<void> => {
    clearTimeout(idleTimer)
    idleTimer = setTimeout(() => void close(), IDLE_TIMEOUT).unref()
  }

  return {
    sourceName,
    sessions: 1,
    admin: embeddedAdmin(open, () => server.reset()),
    peek,
    open,
    async identify() {
      const { state } = await server.open()
      return { ...identityOf(state), lives: state.lives, isStandby: false }
    },
    // PGlite cannot receive a cancel request while it computes. Its COPYs are short.
    cancel: async () => {},
    rest,
    close,
  }
}

function identityOf({ uuid, lives }: SourceState) {
  return { system: uuid, copy: 'embedded', life: lives.at(-1) ?? '' }
}
