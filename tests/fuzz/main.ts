// npm run fuzz -- --inputs N [--minutes M] [--seed S] [--only AREA]: reads random texts as a command does. Prints what throws anything but
// a problem, or does not end, with a short input for it. Exits with 1 if there is any.
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { AREAS } from './areas.ts'
import { inputOf } from './input.ts'
import type { Finding, ThreadData } from './thread.ts'

/** An input takes a millisecond. One that takes this long would take for ever. */
const HANGS_AFTER_MS = 20_000
const LOOKS_EVERY_MS = 500
/** The findings that are printed with their input. */
const SHOWN = 20

const { values } = parseArgs({
  options: {
    inputs: { type: 'string' },
    minutes: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string' },
  },
})
const inputs = Number(values.inputs ?? 10_000)
const seed = Number(values.seed ?? Date.now() % 1_000_000)
const only = values.only ?? null
/** When it ends, whatever is left. */
const end =
  values.minutes === undefined
    ? Number.POSITIVE_INFINITY
    : Date.now() + Number(values.minutes) * 60_000
const areas = AREAS.filter(({ name }) => only === null || name === only)
if (areas.length === 0 || !(inputs > 0) || Number.isNaN(seed)) {
  console.error(
    `usage: npm run fuzz -- --inputs N [--seed S] [--only ${AREAS.map(({ name }) => name).join('|')}]`,
  )
  process.exit(2)
}

const at = new Int32Array(new SharedArrayBuffer(4))
const findings: Finding[] = []
let peak = 0

/** Tries the inputs from a number on; returns the number of the one that hangs, or null at the end. */
function runFrom(from: number): Promise<number | null> {
  Atomics.store(at, 0, from)
  const data: ThreadData = { seed, from, to: inputs, only, at }
  const thread = new Worker(new URL('./thread.mjs', import.meta.url), { workerData: data })
  thread.on('message', (finding: Finding) => findings.push(finding))
  return new Promise((resolve, reject) => {
    let last = { index: -1, since: Date.now() }
    const timer = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss)
      const index = Atomics.load(at, 0)
      if (index !== last.index) last = { index, since: Date.now() }
      const isHanging = index < inputs && Date.now() - last.since >= HANGS_AFTER_MS
      if (!isHanging && Date.now() < end) return
      clearInterval(timer)
      void thread.terminate().then(() => resolve(isHanging ? index : null))
    }, LOOKS_EVERY_MS)
    thread.on('error', (error) => {
      clearInterval(timer)
      reject(error)
    })
    thread.on('exit', () => {
      clearInterval(timer)
      if (Atomics.load(at, 0) >= inputs) resolve(null)
    })
  })
}

const start = Date.now()
for (let from: number | null = 0; from !== null && from < inputs; ) {
  const hanging: number | null = await runFrom(from)
  if (hanging !== null) {
    const { area, input } = inputOf(areas, seed, hanging)
    const fault = `does not end within ${HANGS_AFTER_MS / 1000} s`
    findings.push({ index: hanging, area: area.name, fault, input })
  }
  from = hanging === null ? null : hanging + 1
}

for (const { index, area, fault, input } of findings.slice(0, SHOWN)) {
  console.log(
    `\n${area}: input ${index} of seed ${seed}: ${fault.split('\n').slice(0, 4).join('\n')}`,
  )
  console.log(`  ${JSON.stringify(input).slice(0, 1_000)}`)
}
const tried = Atomics.load(at, 0)
const seconds = (Date.now() - start) / 1000
for (const { name } of areas) {
  const found = findings.filter(({ area }) => area === name).length
  console.log(`${name.padEnd(16)} ${Math.floor(tried / areas.length)} inputs, ${found} findings`)
}
console.log(
  `seed ${seed}: ${tried} inputs in ${seconds.toFixed(0)} s (${Math.round(tried / seconds)}/s), ${findings.length} findings, peak memory ${Math.round(peak / 1024 / 1024)} MB`,
)
process.exitCode = findings.length > 0 ? 1 : 0
