import { connect, createServer, type Socket } from 'node:net'
import { listen } from './loopback.ts'

/** Breaks a connection when the client sends a given text to the server. */
interface Trap {
  readonly text: string
  /** `lost`: the text never arrives. `unanswered`: it arrives, but the answer is lost. */
  readonly then: 'lost' | 'unanswered'
  readonly afterwards: () => void
}

/** A TCP proxy before a server that can break connections and counts round trips. */
export class Cable {
  /** The number of round trips. */
  turns = 0
  readonly #port: number
  readonly #server = createServer((client) => this.#carry(client))
  readonly #ends = new Set<Socket>()
  #trap: Trap | null = null
  #isPlugged = true
  #onRefusal: () => void = () => {}

  private constructor(port: number) {
    this.#port = port
  }

  static async to(port: number): Promise<Cable> {
    const cable = new Cable(port)
    await listen(cable.#server)
    return cable
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  /** The URL of the server through this proxy. */
  over(url: string): string {
    const changed = new URL(url)
    changed.port = String(this.port)
    return changed.href
  }

  /** Breaks all connections, and new ones until `plugIn`. */
  unplug(): void {
    this.#isPlugged = false
    this.cut()
  }

  plugIn(): void {
    this.#isPlugged = true
  }

  /** Resolves when the next connection is refused, while the cable is unplugged. */
  refusal(): Promise<void> {
    return new Promise((resolve) => {
      this.#onRefusal = resolve
    })
  }

  cut(): void {
    for (const end of this.#ends) end.destroy()
  }

  /** Breaks the connection once, when the client next sends `text`. */
  trap(text: string, then: Trap['then'], afterwards: Trap['afterwards'] = () => {}): void {
    this.#trap = { text, then, afterwards }
  }

  async remove(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #carry(client: Socket): void {
    if (!this.#isPlugged) {
      client.destroy()
      this.#onRefusal()
      return
    }
    const server = connect(this.#port, '127.0.0.1')
    const cut = () => {
      client.destroy()
      server.destroy()
    }
    const spring = (trap: Trap) => {
      cut()
      trap.afterwards()
    }
    for (const end of [client, server]) {
      this.#ends.add(end)
      end.setNoDelay(true)
      end.on('error', cut).on('close', () => {
        this.#ends.delete(end)
        cut()
      })
    }
    let isAnswered = true
    let sprung: Trap | null = null
    client.on('data', (data) => {
      if (isAnswered) this.turns += 1
      isAnswered = false
      const trap = this.#trap
      if (trap !== null && data.includes(trap.text)) {
        this.#trap = null
        sprung = trap
      }
      if (sprung?.then === 'lost') return spring(sprung)
      server.write(data)
    })
    server.on('data', (data) => {
      isAnswered = true
      if (sprung === null) client.write(data)
      else spring(sprung)
    })
  }
}
