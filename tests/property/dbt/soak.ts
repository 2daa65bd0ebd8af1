import { parseArgs } from 'node:util'
import { startForkServer } from '../../rig/dbt/fork-server.ts'
import { sharedPython } from '../../rig/python.ts'
import { type Played, play } from './play.ts'
import { PROJECTS } from './projects/index.ts'
import { described, shortened } from './shorten.ts'

/**
 * Random edits of dbt projects, each compared with a build from nothing:
 * `npm run soak:dbt -- [--edits 5000] [--seed 7] [--project NAME] [--minutes 90] [--length 60]`. The edits
 * are played in sequences of `--length`. Each sequence has a project and a seed, and prints a line;
 * `--project NAME --seed S --edits N` plays one again. Exits with 1 if a fault was found.
 */
const { values } = parseArgs({
  options: {
    edits: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    project: { type: 'string' },
    minutes: { type: 'string', default: '600' },
    length: { type: 'string', default: '60' },
    shorten: { type: 'string', default: '120' },
  },
})
const MINUTE = 60_000
const wanted = Number(values.edits)
const length = Math.min(Number(values.length), wanted)
const projects = PROJECTS.filter(({ name }) => (values.project ?? name) === name)
if (projects.length === 0) {
  console.error(
    `no project is named ${values.project}: ${PROJECTS.map(({ name }) => name).join(', ')}`,
  )
  process.exit(2)
}

/** So that dbt lists what it finds in one order when it builds, and in another one when it looks. */
const PROCESSES = 3
const server = await startForkServer(await sharedPython(), PROCESSES)
const started = Date.now()
const isOver = () => Date.now() - started > Number(values.minutes) * MINUTE
const total = { edits: 0, refused: 0, broken: 0, faults: 0, played: 0 }
const causes = new Map<string, number>()
const faults: string[] = []

try {
  for (let number = 0; total.edits < wanted && !isOver(); number++) {
    const project = projects[number % projects.length]!
    const seed = Number(values.seed) + Math.floor(number / projects.length)
    const beganAt = Date.now()
    const played = await play(
      project,
      seed,
      Math.min(length, wanted - total.edits),
      server.environment,
      isOver,
    )
    count(played, Date.now() - beganAt)
    console.log(
      `${project.name} seed ${seed}: ${played.edits} edits, ${played.refused} refused, ${played.broken} broken, ` +
        `${played.falseStale.length} stale for nothing${played.failure === null ? '' : `, FAULT: ${played.failure.fault.what}`}; ` +
        `${total.edits} edits in all, ${perEdit()} s an edit`,
    )
    if (played.failure === null) continue
    const until = Date.now() + Number(values.shorten) * 1_000
    const short = await shortened(played.failure, server.environment, () => Date.now() > until)
    const again = `npm run soak:dbt -- --project ${project.name} --seed ${seed} --edits ${played.edits}`
    console.log(`${described(project, short)}\n\nagain: ${again}\n`)
    const change = short.steps.at(-1)?.change
    faults.push(
      `${project.name} seed ${seed}, edit ${played.edits}: ${short.fault.what} (${change?.label})`,
    )
  }
} finally {
  await server.stop()
}
table()
process.exit(faults.length > 0 ? 1 : 0)

function count({ edits, refused, broken, falseStale }: Played, milliseconds: number): void {
  total.edits += edits
  total.refused += refused
  total.broken += broken
  total.played += milliseconds
  for (const cause of falseStale) causes.set(cause, (causes.get(cause) ?? 0) + 1)
}

function perEdit(): string {
  return (total.played / 1000 / Math.max(1, total.edits)).toFixed(2)
}

function table(): void {
  const stale = [...causes.values()].reduce((sum, times) => sum + times, 0)
  const perThousand = (times: number) => ((times * 1000) / Math.max(1, total.edits)).toFixed(1)
  console.log(`
edits                ${total.edits}
faults               ${faults.length}
stale for nothing    ${stale}, ${perThousand(stale)} per thousand edits
refused (exit 2)     ${total.refused}
broken (exit 1)      ${total.broken}
seconds per edit     ${perEdit()}
`)
  for (const [cause, times] of [...causes].sort((a, b) => b[1] - a[1])) {
    console.log(`${perThousand(times).padStart(7)} per thousand: ${cause}`)
  }
  for (const fault of faults) console.log(`fault: ${fault}`)
}
