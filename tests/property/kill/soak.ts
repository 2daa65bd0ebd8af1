import { parseArgs } from 'node:util'
import { CommandsPlace } from './commands-place.ts'
import { crashAt } from './crash-points.ts'
import { race } from './crowd.ts'
import { DbtPlace } from './dbt-place.ts'
import type { KillPlace } from './place.ts'
import { play } from './play.ts'
import { SourcePlace } from './source-place.ts'

/**
 * Kills `assets materialize`, its children and its servers at random moments; after each round the same command
 * must finish, repeat nothing that was committed, leave nothing, and give the content of an undisturbed build.
 *
 *     npm run soak:kill -- --kills 1000 [--seed 7] [--place commands,server,source,dbt,dvd] [--minutes 60]
 *     npm run soak:kill -- --races 200 [--size 20]       many processes at once, some of which are killed
 *     npm run soak:kill -- --points all [--every 1]      a kill at each write to the state
 *
 * Each round has a line of output; `--place P --seed S --kills 1` plays one again. Exits with 1 if a law was
 * broken, and leaves the project where that happened.
 */
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '0' },
    races: { type: 'string', default: '0' },
    points: { type: 'string', default: 'none' },
    size: { type: 'string', default: '20' },
    every: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    place: { type: 'string', default: 'commands,server,source,dbt,dvd' },
    minutes: { type: 'string', default: '600' },
  },
})
const MAKERS: Readonly<Record<string, () => Promise<KillPlace>>> = {
  commands: () => CommandsPlace.create('file'),
  server: () => CommandsPlace.create('server'),
  source: () => SourcePlace.create(),
  dbt: () => DbtPlace.shop(),
  dvd: () => DbtPlace.dvdRental(),
}

const started = Date.now()
const firstSeed = Number(values.seed)
const isOver = () => Date.now() - started > Number(values.minutes) * 60_000
const counts = new Map<string, number>()
let broken = 0

/** Reports one round. */
function report(what: string, violations: readonly string[]): void {
  console.log(what)
  for (const violation of violations) console.log(`  BROKEN: ${violation}`)
  if (violations.length > 0) broken += 1
}

function count(what: string, by = 1): void {
  counts.set(what, (counts.get(what) ?? 0) + by)
}

async function playKills(places: readonly KillPlace[]): Promise<void> {
  let kills = 0
  for (let number = 0; kills < Number(values.kills) && !isOver(); number++) {
    const place = places[number % places.length]!
    const seed = firstSeed + Math.floor(number / places.length)
    const { killed, violations } = await play(place, seed)
    kills += killed.length
    for (const victim of killed) count(`kill: ${victim}`)
    count(`kills of ${place.name}`, killed.length)
    report(`${place.name}, seed ${seed}: ${killed.join(', ')}; ${kills} kills`, violations)
  }
}

async function playRaces(places: readonly KillPlace[]): Promise<void> {
  for (let number = 0; number < Number(values.races) && !isOver(); number++) {
    const place = places[number % places.length]!
    const { kills, violations } = await race(place, Number(values.size), firstSeed + number)
    count('races')
    count('kills in races', kills)
    report(
      `${place.name}, race ${number + 1}, seed ${firstSeed + number}: ${kills} killed`,
      violations,
    )
  }
}

async function playPoints(places: readonly KillPlace[]): Promise<void> {
  for (const place of places) {
    for (let write = 1; !isOver(); write += Number(values.every)) {
      let isBeyond = false
      for (const when of ['before', 'after'] as const) {
        const round = await crashAt(place, { write, when }, firstSeed)
        isBeyond ||= round === null
        if (round === null) continue
        count('kills at a write')
        report(`${place.name}, ${when} write ${write}`, round.violations)
      }
      if (isBeyond) break
    }
  }
}

const places: KillPlace[] = []
try {
  for (const name of values.place.split(',')) places.push(await MAKERS[name]!())
  await playKills(places)
  await playRaces(places)
  // Only a state in a file is written by the process that is killed.
  if (values.points === 'all') await playPoints(places.filter((one) => one.name !== 'server'))
} finally {
  for (const place of places) await place.close()
}
const seconds = Math.round((Date.now() - started) / 1000)
console.log(`\n${broken} rounds in which a law was broken, ${seconds} s`)
for (const [what, number] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1))) {
  console.log(`  ${what.padEnd(44)} ${number}`)
}
process.exit(broken > 0 ? 1 : 0)
