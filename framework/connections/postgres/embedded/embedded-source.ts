import type { Settings } from '../settings.ts'
import type { Client } from '../source/client.ts'
import type { Peek, Source } from '../source/source.ts'
import { embeddedAdmin } from './admin.ts'
import { Owner, type OwnerOptions } from './embedded-server.ts'

/** How long to keep the source open when nothing is to be read for a while, in milliseconds. */
const IDLE = 500
/** How a backend is left as if it had just been started: all sessions share the one there is. */
const FRESH = ['rollback', 'discard all']

/** The source that lives in this process and in a folder of the project. Opened on first use. */
export function embeddedSource(settings: Settings, options: OwnerOptions): Source {
  const owner = new Owner(settings, options)
  const spoken = { to: 'the embedded source', connection: settings.name }
  /** One session at a time: what one of them sets or begins, all would see. */
  let last: Promise<void> = Promise.resolve()
  let idle: NodeJS.Timeout | undefined

  const open = async (): Promise<Client> => {
    clearTimeout(idle)
    const before = last
    let end = () => {}
    last = new Promise((resolve) => {
      end = resolve
    })
    await before
    try {
      const { socket } = await owner.open()
      const { connect } = await import('../source/client.ts')
      const place = { host: socket, port: 5432, user: 'postgres', database: 'postgres' }
      const client = await connect({ ...place, password: 'none', ssl: false }, spoken, FRESH)
      client.once('end', end)
      return client
    } catch (error) {
      end()
      throw error
    }
  }

  const peek = async (): Promise<Peek> => {
    if (owner.isOpen) return { state: 'ask' }
    const token = owner.token()
    if (token === null) return { state: 'absent' }
    if (!token.clean) return { state: 'ask' }
    const { uuid, snapshot } = token
    return { state: 'closed', position: { system: uuid, copy: 'embedded', snapshot } }
  }

  const close = (): Promise<void> => {
    clearTimeout(idle)
    last = last.then(() => owner.close())
    return last
  }

  const rest = async (): Promise<void> => {
    clearTimeout(idle)
    idle = setTimeout(() => void close(), IDLE).unref()
  }

  return {
    spoken,
    sessions: 1,
    admin: embeddedAdmin(open, () => owner.reset()),
    peek,
    open,
    async identify() {
      const { uuid } = await owner.open()
      return { system: uuid, copy: 'embedded' }
    },
    // PGlite hears nothing while it computes; its COPYs are short.
    cancel: async () => {},
    rest,
    close,
  }
}
