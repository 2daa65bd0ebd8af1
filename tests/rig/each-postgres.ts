import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest'
import type { Probe } from '../../framework/model/observation.ts'
import type { Stream } from '../../framework/model/stream.ts'
import type { Loader } from '../../framework/ports/connection.ts'
import { type Ended, load } from './load.ts'
import { type MemorySession, type MemoryTable, memorySession } from './memory-session.ts'
import { embeddedSuite, type SourceRig, type SourceSuite, serverSuite } from './postgres-source.ts'

const SUITES = [
  ['a server', serverSuite],
  ['the embedded source', embeddedSuite],
] as const

/** The source of one test, and what was loaded from it. Each test has new tables. */
export interface Loading {
  readonly source: SourceRig
  readonly session: MemorySession
  /** Loads streams. Throws if one fails. */
  built(
    streams: readonly Stream[],
    more?: Partial<Parameters<typeof load>[2]>,
  ): Promise<ReadonlyMap<string, Ended>>
  rows(name: string): MemoryTable['rows']
  /** The type of each column, as text. */
  typesOf(name: string): Readonly<Record<string, string>>
}

/** Runs tests on a server and on the embedded source. */
export function onEachPostgres(tests: (loading: Loading) => void): void {
  describe.each(SUITES)('the postgres connection on %s', (_name, start) => {
    let suite: SourceSuite
    let source: SourceRig
    let session: MemorySession

    beforeAll(async () => {
      suite = await start()
    })
    afterAll(() => suite?.stop())
    beforeEach(async () => {
      source = await suite.source()
      session = memorySession()
    })
    afterEach(() => source?.close())

    tests({
      get source() {
        return source
      },
      get session() {
        return session
      },
      async built(streams, more = {}) {
        const ended = await load(source.connection, streams, { session, ...more })
        for (const one of ended.values())
          if (one.step === 'failed') throw new Error(one.problem.message)
        return ended
      },
      rows: (name) => session.tables.get(`raw.${name}`)!.rows,
      typesOf: (name) =>
        Object.fromEntries(
          session.tables
            .get(`raw.${name}`)!
            .columns.map(({ name: column, type }) => [
              column,
              type.type === 'integer' ? `integer ${type.bits}` : type.type,
            ]),
        ),
    })
  })
}

/** The product of an asset that was built. */
export function productOf(ended: ReadonlyMap<string, Ended>, name: string) {
  const one = ended.get(name)
  if (one?.step !== 'built') throw new Error(`${name} was not built`)
  return one.product
}

/** Probes streams, with the positions of their last load. */
export async function probe(
  connection: Loader,
  streams: readonly Stream[],
  recorded: ReadonlyMap<string, Ended>,
): Promise<ReadonlyMap<string, Probe>> {
  const answers = await connection.probe(
    streams.map((one) => ({ stream: one, recorded: productOf(recorded, one.asset).source })),
  )
  if (!answers.ok) throw new Error(answers.problems[0]?.message)
  return new Map([...answers.value].map(([name, one]) => [name, one.probe]))
}
