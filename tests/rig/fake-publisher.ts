import { readFileSync } from 'node:fs'
import type { Json } from '../../framework/lib/json.ts'
import type {
  Looked,
  Publication,
  Published,
  Publisher,
  PublishRequest,
  RefreshRequest,
  SeenPublication,
} from '../../framework/ports/publisher.ts'

/** A service in memory that takes CSV files. */
export class FakePublisher implements Publisher {
  readonly type = 'tableau'
  format = 'csv'
  service = 'here'
  /** What it shows, by project and name: text and time of change. */
  readonly shown = new Map<string, { text: string; at: number }>()
  /** What was asked of it, in order: `look a`, `publish a`, `refresh a`. */
  readonly asked: string[] = []
  readonly requests: PublishRequest[] = []
  readonly refreshes: RefreshRequest[] = []
  /** It does not answer, or fails. */
  isDown = false
  isCancelled = false
  /** The most publications at once so far. */
  most = 0
  #now = 0
  #open = 0

  holds(receipt: Json, { project, name }: PublishRequest['place']): boolean {
    return (receipt as { key?: Json } | null)?.key === `${project}/${name}`
  }

  hasRefreshed(receipt: Json): boolean {
    return (receipt as { service?: Json } | null)?.service === this.service
  }

  async look(published: readonly Publication[]): Promise<Looked> {
    for (const { asset } of published) this.asked.push(`look ${asset}`)
    if (this.isDown) return { seen: new Map(), problems: [DOWN] }
    const seen = published.map(({ asset, place, receipt }): readonly [string, SeenPublication] => {
      const there = this.shown.get(`${place.project}/${place.name}`)
      if (there === undefined) return [asset, { is: 'gone', message: 'it is gone' }]
      return there.at === (receipt as { at?: Json }).at
        ? [asset, { is: 'as_published' }]
        : [asset, { is: 'replaced', message: 'it was replaced' }]
    })
    return { seen: new Map(seen), problems: [] }
  }

  async publish(request: PublishRequest): Promise<Published> {
    this.asked.push(`publish ${request.asset}`)
    this.requests.push(request)
    this.#open += 1
    this.most = Math.max(this.most, this.#open)
    await request.onReference({ asked: request.asset })
    await new Promise((resolve) => setTimeout(resolve, 5))
    this.#open -= 1
    if (this.isCancelled) return { is: 'cancelled', detail: 'the job keeps running' }
    if (this.isDown) return { is: 'failed', problem: DOWN }
    const { place, content, last, file } = request
    const key = `${place.project}/${place.name}`
    const there = this.shown.get(key)
    const isThere = there !== undefined && there.at === (last?.receipt as { at?: Json } | null)?.at
    if (isThere && last?.content === content) {
      return { is: 'published', receipt: last.receipt, where: key, reference: null }
    }
    this.#now += 1
    this.shown.set(key, { text: readFileSync(file.path, 'utf8'), at: this.#now })
    return {
      is: 'published',
      receipt: { key, at: this.#now },
      where: key,
      reference: `job ${this.#now}`,
    }
  }

  async refresh(request: RefreshRequest) {
    this.asked.push(`refresh ${request.content.name}`)
    this.refreshes.push(request)
    await request.onReference({ asked: request.asset })
    if (this.isCancelled) return { is: 'cancelled', detail: 'the job was cancelled' } as const
    if (this.isDown) return { is: 'failed', problem: DOWN } as const
    return { is: 'refreshed', reference: 'job 1', receipt: { service: this.service } } as const
  }

  async close(): Promise<void> {}
}

const DOWN = { code: 'tableau-not-answering', message: 'no answer', transient: true } as const
