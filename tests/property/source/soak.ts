import { parseArgs } from 'node:util'
import { PostgresCluster } from '../../rig/postgres-cluster.ts'
import { programsOf } from '../../rig/postgres-versions.ts'
import { EmbeddedPlace } from './embedded-place.ts'
import type { Place } from './place.ts'
import { play, sequenceOf } from './play.ts'
import { ServerPlace } from './server-place.ts'
import { described, shortened } from './shorten.ts'
import { Tally } from './tally.ts'

/**
 * Random statements, crashes and copies of PostgreSQL sources; after a few of them, what the probe calls
 * unchanged is compared with all rows, and what is loaded with the source:
 * `npm run soak:source -- [--ops 5000] [--seed 7] [--postgres 15,18] [--place server] [--scene NAME,NAME]
 * [--minutes 60] [--length 60] [--shorten 120]`. The operations are played in sequences of
 * `--length`, each in a database of its own and with a line of output; `--place P --postgres V --seed S
 * --ops N` plays one again. Exits with 1 if a fault was found.
 */
const { values } = parseArgs({
  options: {
    ops: { type: 'string', default: '5000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    postgres: { type: 'string', default: '18' },
    place: { type: 'string' },
    scene: { type: 'string' },
    minutes: { type: 'string', default: '600' },
    length: { type: 'string', default: '60' },
    shorten: { type: 'string', default: '120' },
  },
})
const MINUTE = 60_000
const wanted = Number(values.ops)
const length = Math.min(Number(values.length), wanted)
const started = Date.now()
const isOver = () => Date.now() - started > Number(values.minutes) * MINUTE

const places: Place[] = []
for (const version of values.postgres.split(',')) {
  for (const name of ['server', 'standby'] as const) {
    if ((values.place ?? name) !== name) continue
    const cluster = await PostgresCluster.create(await programsOf(Number(version)))
    places.push(new ServerPlace(name, cluster))
  }
}
if ((values.place ?? 'embedded') === 'embedded') places.push(await EmbeddedPlace.create())

const total = new Tally()
const faults = new Map<string, number>()
let played = 0
try {
  for (let number = 0; total.operations < wanted && !isOver() && places.length > 0; number++) {
    const place = places[number % places.length]!
    const seed = Number(values.seed) + Math.floor(number / places.length)
    const sequence = sequenceOf(place, seed, length, values.scene?.split(',') ?? null)
    const beganAt = Date.now()
    const { tally, fault, count } = await play(sequence, isOver)
    played += Date.now() - beganAt
    total.add(tally)
    const name = `${place.name} ${place.version} seed ${seed}`
    const scenes = sequence.scenes.map((scene) => scene.name).join(' and ')
    console.log(
      `${name}, ${scenes}: ${count} operations, ${tally.refused} refused${fault === null ? '' : `, FAULT: ${fault.what}`}; ` +
        `${total.operations} in all, ${perSecond()} a second`,
    )
    if (fault === null) continue
    const isKnown = faults.has(fault.what)
    faults.set(fault.what, (faults.get(fault.what) ?? 0) + 1)
    if (isKnown) continue
    const until = Date.now() + Number(values.shorten) * 1_000
    const whole = {
      sequence: { ...sequence, operations: sequence.operations.slice(0, count) },
      fault,
    }
    const short = await shortened(whole, () => Date.now() > until)
    const again = `npm run soak:source -- --place ${place.name} --postgres ${place.version} --seed ${seed} --length ${length} --ops ${length}`
    const scene = values.scene === undefined ? '' : ` --scene ${values.scene}`
    console.log(`\n${described(short)}\n\nagain: ${again}${scene}\n`)
  }
} finally {
  for (const place of places) await place.close()
}
table()
process.exit(faults.size > 0 ? 1 : 0)

function perSecond(): string {
  return (total.operations / Math.max(1, played / 1000)).toFixed(1)
}

function table(): void {
  const sum = (map: ReadonlyMap<string, number>) => [...map.values()].reduce((a, b) => a + b, 0)
  console.log(`
operations                       ${total.operations}, ${perSecond()} a second
  refused by the source          ${total.refused}
faults                           ${sum(faults)}
streams loaded                   ${total.loads}
  for nothing                    ${sum(total.forNothing)}
proved unchanged without a look  ${total.proved}
  after a look at row versions   ${sum(total.looks)}
rows that no cursor can see      ${total.unseen}
`)
  section('a look at row versions, by what happened before', total.looks)
  section('loaded for nothing', total.forNothing)
  section('problems', total.problems)
  section('faults', faults)
}

function section(title: string, counts: ReadonlyMap<string, number>): void {
  if (counts.size === 0) return
  console.log(`${title}:`)
  for (const [cause, times] of [...counts].sort((a, b) => b[1] - a[1])) {
    console.log(`${String(times).padStart(8)} ${cause}`)
  }
}
