import { cpSync, existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Loader } from '../../../framework/ports/connection.ts'
import {
  connectionTo,
  EMBEDDED,
  EMPTY,
  embeddedTemplate,
  testSite,
} from '../../rig/postgres-source.ts'
import type { Event, Place, Rows } from './place.ts'
import type { Scene } from './scene.ts'

/** The version of PostgreSQL in PGlite. */
const VERSION = 18

/** The embedded source: PGlite, which has a single session. */
export class EmbeddedPlace implements Place {
  readonly name = 'embedded'
  readonly version = VERSION
  readonly events: readonly Event[] = ['restart', 'crash', 'base copy', 'restore']
  readonly hasSessions = false
  readonly #template: Awaited<ReturnType<typeof embeddedTemplate>>
  #root = ''
  #loader: Loader | null = null

  private constructor(template: Awaited<ReturnType<typeof embeddedTemplate>>) {
    this.#template = template
  }

  static async create(): Promise<EmbeddedPlace> {
    const place = new EmbeddedPlace(await embeddedTemplate())
    place.#root = place.#template.copy()
    place.#loader = connectionTo(EMBEDDED, testSite(place.#root, []), place.#template.worker)
    return place
  }

  async begin(scenes: readonly Scene[]): Promise<void> {
    for (const [name, sql] of [
      ['', EMPTY],
      ...scenes.map((it) => [it.name, it.setup.join(';\n')]),
    ]) {
      const refused = await this.run(0, sql!)
      if (refused !== null) throw new Error(`the scene ${name} cannot be set up: ${refused}`)
    }
  }

  async run(_session: number, sql: string): Promise<string | null> {
    const answer = await this.loader().admin!.sql(sql)
    return answer.ok ? null : (answer.problems[0]?.message ?? '')
  }

  get hasCopy(): boolean {
    return existsSync(this.#aside('copy'))
  }

  async happen(event: Event): Promise<void> {
    switch (event) {
      case 'restart':
        return this.loader().close()
      case 'crash':
        // What is on disk while it is open is what a process that was killed leaves.
        cpSync(this.#data, this.#aside('crash'), { recursive: true })
        await this.loader().close()
        return this.#replace('crash')
      case 'base copy':
        await this.loader().close()
        rmSync(this.#aside('copy'), { recursive: true, force: true })
        cpSync(this.#data, this.#aside('copy'), { recursive: true })
        return
      case 'restore':
        if (!existsSync(this.#aside('copy'))) return
        await this.loader().close()
        cpSync(this.#aside('copy'), this.#aside('restore'), { recursive: true })
        return this.#replace('restore')
      case 'fail over':
      case 'lag':
      case 'catch up':
      case 'promote':
        throw new Error(`an embedded source can't ${event}`)
    }
  }

  async settle(): Promise<void> {}

  loader(): Loader {
    return this.#loader!
  }

  async read(_reader: unknown, queries: readonly string[]): Promise<readonly (Rows | string)[]> {
    if (queries.length === 0) return []
    const { sql } = this.loader().admin!
    const all = await sql(queries.join(';\n'))
    if (all.ok) return all.value.map(({ rows }) => rows)
    const found: (Rows | string)[] = []
    for (const query of queries) {
      const one = await sql(query)
      found.push(one.ok ? one.value[0]!.rows : (one.problems[0]?.message ?? ''))
    }
    return found
  }

  async end(): Promise<void> {
    rmSync(this.#aside('copy'), { recursive: true, force: true })
  }

  async close(): Promise<void> {
    await this.loader().close()
    this.#template.remove()
  }

  get #data(): string {
    return join(this.#root, '.assets', 'source', 'shop')
  }

  #aside(name: string): string {
    return join(this.#root, `aside-${name}`)
  }

  #replace(by: string): void {
    rmSync(this.#data, { recursive: true, force: true })
    renameSync(this.#aside(by), this.#data)
  }
}
