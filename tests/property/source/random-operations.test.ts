import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Loader } from '../../../framework/ports/connection.ts'
import { PostgresCluster } from '../../rig/postgres-cluster.ts'
import { EmbeddedPlace } from './embedded-place.ts'
import type { Place } from './place.ts'
import { play, scenesFor, sequenceOf } from './play.ts'
import { ServerPlace } from './server-place.ts'
import { described } from './shorten.ts'

/** `npm run soak:source` plays more of them. */
const SEED = 4
/** How many scenes are played side by side. */
const SCENES_AT_ONCE = 4
const PLACES = [
  {
    name: 'server',
    version: 18,
    operations: 50,
    start: async () => new ServerPlace('server', await PostgresCluster.create(null)),
  },
  { name: 'embedded', version: 18, operations: 20, start: EmbeddedPlace.create },
] as const

describe.each(PLACES)('random operations on the place $name', (declared) => {
  let place: Place
  beforeAll(async () => {
    place = await declared.start()
  })
  afterAll(() => place?.close())

  test.each(groupsOf(scenesFor(declared).map(({ name }) => name)))(
    'leave the streams of $names fresh only where nothing changed, and loads equal to the source',
    async ({ scenes }) => {
      const sequence = sequenceOf(place, SEED, declared.operations, scenes)
      const { fault, count, tally } = await play(sequence)
      const operations = sequence.operations.slice(0, count)
      expect(fault && described({ sequence: { ...sequence, operations }, fault })).toBeNull()
      expect(count).toBe(declared.operations)
      expect(tally.loads).toBeGreaterThan(0)
      expect(tally.refused).toBeLessThan(count / 2)
    },
  )

  test('show a probe that says unchanged of everything', async () => {
    const honest = place.loader.bind(place)
    const lying: Place['loader'] = (reader) => alwaysUnchanged(honest(reader))
    place.loader = lying
    try {
      const { fault } = await play(sequenceOf(place, SEED, declared.operations, ['items']))
      expect(fault?.what).toMatch(/^false-fresh: /)
    } finally {
      place.loader = honest
    }
  })
})

test('equal seeds give equal operations', () => {
  const place = {
    name: 'server',
    version: 18,
    events: ['crash', 'restart'],
    hasSessions: true,
  } as const
  const drawn = (seed: number) => sequenceOf(place as unknown as Place, seed, 200).operations
  expect(drawn(7)).toEqual(drawn(7))
  expect(drawn(7)).not.toEqual(drawn(8))
})

function groupsOf(names: readonly string[]) {
  const count = Math.ceil(names.length / SCENES_AT_ONCE)
  return Array.from({ length: count }, (_, at) => {
    const scenes = names.filter((_name, index) => index % count === at)
    return { scenes, names: scenes.join(', ') }
  })
}

/** A connection whose probe calls everything unchanged that was loaded before. */
function alwaysUnchanged(loader: Loader): Loader {
  return {
    ...loader,
    async probe(requests) {
      const answers = await loader.probe(requests)
      if (!answers.ok) return answers
      const lies = requests.map(({ stream, recorded }) => {
        const answer = answers.value.get(stream.asset)!
        const lie = { probe: { answer: 'unchanged' } as const, position: recorded }
        return [stream.asset, recorded === null ? answer : lie] as const
      })
      return { ...answers, value: new Map(lies) }
    },
  }
}
