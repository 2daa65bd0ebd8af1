import { type Json, stableJson } from '../../../framework/lib/json.ts'
import type { Probe } from '../../../framework/model/observation.ts'
import type { Problem } from '../../../framework/model/problem.ts'
import { type Ended, load } from '../../rig/load.ts'
import { type MemoryTable, memorySession } from '../../rig/memory-session.ts'
import {
  compareFull,
  compareIncremental,
  type Difference,
  readTwice,
  sameContent,
  unseenRows,
} from './compare.ts'
import { type Image, readImages } from './image.ts'
import type { Check } from './operation.ts'
import type { Place } from './place.ts'
import type { SceneStream } from './scene.ts'
import type { Tally } from './tally.ts'

/** What must never happen. */
export interface Fault {
  /** Equal for equal faults: `false-fresh: raw_items`. */
  readonly what: string
  readonly text: string
}

/** The session in which something happens while streams are read. */
const MEANWHILE = 3

/** What is known of the last load of a stream. */
interface Loaded {
  readonly ended: Ended & { readonly step: 'built' }
  /** What it read. Two, if the source changed meanwhile and both fit. */
  readonly images: readonly Image[]
  /** Whether its next load must equal the source, because history forked below its cursor. */
  readonly forked: boolean
}

interface Answer {
  readonly probe: Probe
  readonly position: Json
}

/** Probes and loads the streams of a sequence, and compares them with what plain SQL reads. */
export class Checker {
  readonly #place: Place
  readonly #streams: readonly SceneStream[]
  readonly #tally: Tally
  readonly #session = memorySession()
  readonly #loaded = new Map<string, Loaded>()
  /** What happened to the source since the position of a stream was recorded, by asset. */
  readonly #causes = new Map<string, string>()
  #run = 0

  constructor(place: Place, streams: readonly SceneStream[], tally: Tally) {
    this.#place = place
    this.#streams = streams
    this.#tally = tally
  }

  /** Says that something happened to the source. An event counts more than a statement. */
  happened(cause: string, isEvent: boolean): void {
    for (const { stream } of this.#streams) {
      if (isEvent || !this.#causes.has(stream.asset)) this.#causes.set(stream.asset, cause)
    }
  }

  /** Says that the source lost transactions that may have been loaded. */
  forked(): void {
    for (const [asset, loaded] of this.#loaded) this.#loaded.set(asset, { ...loaded, forked: true })
  }

  /** Null if everything is as it must be. */
  async check(check: Check): Promise<Fault | null> {
    try {
      await this.#place.settle()
      const images = await this.#images()
      const stale: SceneStream[] = []
      for (const [stream, answer] of await this.#probed()) {
        if (answer instanceof StackTrace) return answer.fault
        const fault = this.#judged(stream, answer, images.get(stream)!, check, stale)
        if (fault !== null) return fault
      }
      const rebuilt = check.rebuilds ? await this.#rebuilt(stale, images) : null
      return rebuilt ?? (check.skips ? null : await this.#load(stale, images, check))
    } catch (error) {
      const { stack = String(error) } = error as Error
      return { what: 'exception', text: stack }
    }
  }

  async #images(): Promise<ReadonlyMap<SceneStream, Image | string>> {
    const asked = this.#streams.map((one) => ({ ...one, last: this.#last(one) }))
    const images = await readImages(this.#place, asked)
    return new Map(this.#streams.map((stream, index) => [stream, images[index]!]))
  }

  #last({ stream }: SceneStream): string | null {
    return this.#loaded.get(stream.asset)?.images[0]?.last ?? null
  }

  /** The answers of one probe for each reader; one for each stream, if it is refused. */
  async #probed(): Promise<readonly (readonly [SceneStream, Answer | StackTrace | null])[]> {
    const all: (readonly [SceneStream, Answer | StackTrace | null])[] = []
    for (const reader of ['owner', 'reader'] as const) {
      const streams = this.#streams.filter((one) => one.reader === reader)
      if (streams.length === 0) continue
      const together = await this.#probe(streams, false)
      if (together !== null) all.push(...together)
      else for (const one of streams) all.push(...(await this.#probe([one], true))!)
    }
    return all
  }

  async #probe(
    streams: readonly SceneStream[],
    isAlone: boolean,
  ): Promise<readonly (readonly [SceneStream, Answer | StackTrace | null])[] | null> {
    this.#tally.probes++
    const requests = streams.map(({ stream }) => ({
      stream,
      recorded: this.#loaded.get(stream.asset)?.ended.product.source ?? null,
    }))
    const answers = await this.#place.loader(streams[0]!.reader).probe(requests)
    if (answers.ok) return streams.map((one) => [one, answers.value.get(one.stream.asset) ?? null])
    if (!isAlone) return null
    const [problem] = answers.problems
    this.#tally.count(this.#tally.problems, `probe: ${problem!.code}`)
    return streams.map((one) => [one, stackTrace(one, problem!)])
  }

  /** Compares an answer with the rows. Adds a stream that has to be loaded to `stale`. */
  #judged(
    one: SceneStream,
    answer: Answer | null,
    image: Image | string,
    { adopts }: Check,
    stale: SceneStream[],
  ): Fault | null {
    const { asset, cursor } = one.stream
    const loaded = this.#loaded.get(asset)
    const isSame =
      loaded !== undefined &&
      typeof image !== 'string' &&
      loaded.images.some((before) => sameContent(before, image, cursor !== null))
    if (answer?.probe.answer !== 'unchanged') {
      stale.push(one)
      if (isSame && answer !== null)
        this.#tally.count(this.#tally.forNothing, causeOf(one, answer.probe))
      return null
    }
    if (loaded === undefined) return { what: `unchanged without a load: ${asset}`, text: '' }
    const { product } = loaded.ended
    const isProved = stableJson(answer.position) === stableJson(product.source)
    if (isProved) this.#tally.proved++
    else this.#tally.count(this.#tally.looks, this.#causes.get(asset) ?? 'nothing')
    if (adopts) {
      const ended = { ...loaded.ended, product: { ...product, source: answer.position } }
      this.#loaded.set(asset, { ...loaded, ended })
      this.#causes.delete(asset)
    }
    // What can't be read can't be called unchanged, either.
    if (isSame) return null
    return {
      what: `false-fresh: ${asset}`,
      text: `the probe says unchanged ${isProved ? 'without a look at the rows' : 'after a look'}\nloaded:\n${shown(loaded.images[0]!)}\nnow:\n${shown(image)}`,
    }
  }

  async #load(
    stale: readonly SceneStream[],
    before: ReadonlyMap<SceneStream, Image | string>,
    { during }: Check,
  ): Promise<Fault | null> {
    let meanwhile = during
    for (const reader of ['owner', 'reader'] as const) {
      const streams = stale.filter((one) => one.reader === reader)
      if (streams.length === 0) continue
      this.#tally.loads += streams.length
      const tables = new Map(this.#session.tables)
      const records = new Map([...this.#loaded].map(([asset, { ended }]) => [asset, ended]))
      const ended = await load(
        this.#place.loader(reader),
        streams.map(({ stream }) => stream),
        {
          session: this.#session,
          records,
          run: ++this.#run,
          onReport: async ({ step }) => {
            if (step !== 'started' || meanwhile === null) return
            const { sql } = meanwhile
            meanwhile = null
            await this.#place.run(MEANWHILE, sql)
          },
        },
      )
      if (during !== null) await this.#place.settle()
      const after = during === null ? before : await this.#images()
      for (const one of streams) {
        const images = [after.get(one)!, ...(during === null ? [] : [before.get(one)!])]
        const old = tables.get(one.stream.relation)
        const fault = this.#ended(one, ended.get(one.stream.asset), images, old, during !== null)
        if (fault !== null) return fault
      }
    }
    return null
  }

  /** Compares a loaded table with what plain SQL read, after the load, and before it if that differs. */
  #ended(
    one: SceneStream,
    ended: Ended | undefined,
    images: readonly (Image | string)[],
    old: MemoryTable | undefined,
    isDisturbed: boolean,
  ): Fault | null {
    const { asset, relation } = one.stream
    if (ended === undefined) return { what: `no outcome: ${asset}`, text: '' }
    if (ended.step === 'cancelled') return { what: `cancelled: ${asset}`, text: '' }
    const readable = images.filter((image) => typeof image !== 'string')
    if (ended.step === 'failed') {
      const { problem } = ended
      this.#tally.count(this.#tally.problems, `load: ${problem.code}`)
      const trace = stackTrace(one, problem)
      if (trace !== null) return trace.fault
      const isRefusal = !problem.code.startsWith('source-') && problem.code !== 'rows-lost'
      if (isRefusal || isDisturbed || readable.length === 0) return null
      return {
        what: `load failed, ${problem.code}: ${asset}`,
        text: `${problem.message}\n${problem.detail ?? ''}`,
      }
    }
    const table = this.#session.tables.get(relation)!
    const mode = this.#session.loads.findLast((each) => each.relation === relation)!.mode.how
    const recorded = this.#loaded.get(asset)
    const differences: Difference[] = []
    const fitting = readable.filter((image) => {
      const isExact =
        mode === 'replace' ||
        recorded === undefined ||
        recorded.forked ||
        recorded.images.every(({ identity }) => identity !== image.identity)
      const found = isExact ? compareFull(image, table) : compareIncremental(image, table)
      if (found !== null) differences.push(found)
      else if (!isExact) this.#tally.unseen += unseenRows(image, table)
      return found === null
    })
    if (fitting.length === 0) {
      const [{ what, text } = { what: 'loaded although no one can read it', text: '' }] =
        differences
      const source = images.map(shown).join('\nor:\n')
      return { what: `${what}: ${asset}`, text: `${text}\nin the source:\n${source}` }
    }
    if (mode === 'append' && old !== undefined && recorded !== undefined && !isDisturbed) {
      const twice = readTwice(recorded.images[0]!, fitting[0]!, old, table)
      if (twice !== null) return { what: `row is loaded twice: ${asset}`, text: twice }
    }
    this.#loaded.set(asset, { ended, images: fitting, forked: false })
    if (!isDisturbed) this.#causes.delete(asset)
    return null
  }

  /** Loads unchanged streams from nothing, and compares them with what their last load left. */
  async #rebuilt(
    stale: readonly SceneStream[],
    images: ReadonlyMap<SceneStream, Image | string>,
  ): Promise<Fault | null> {
    const session = memorySession()
    for (const one of this.#streams) {
      const { stream, reader } = one
      if (stale.includes(one) || stream.cursor !== null) continue
      const ended = await load(this.#place.loader(reader), [stream], { session, full: true })
      if (ended.get(stream.asset)?.step !== 'built') continue
      const [left, right] = [this.#session, session].map(
        ({ tables }) => tables.get(stream.relation)!,
      )
      const differs = textOf(left!) !== textOf(right!)
      if (differs) {
        return {
          what: `false-fresh: ${stream.asset}`,
          text: `loaded:\n${textOf(left!)}\nfrom nothing:\n${textOf(right!)}\nin the source:\n${shown(images.get(one)!)}`,
        }
      }
    }
    return null
  }
}

/** A problem that holds a stack trace, or that the program calls a bug of its own. */
class StackTrace {
  readonly fault: Fault
  constructor(fault: Fault) {
    this.fault = fault
  }
}

function stackTrace({ stream }: SceneStream, problem: Problem): StackTrace | null {
  const text = [problem.message, problem.detail, problem.hint].filter(Boolean).join('\n')
  const isTrace = /\n\s+at .+:\d+/.test(text) || /(?:Type|Reference|Range)Error/.test(text)
  return isTrace ? new StackTrace({ what: `stack trace: ${stream.asset}`, text }) : null
}

function causeOf({ stream }: SceneStream, probe: Probe): string {
  const message = 'message' in probe ? probe.message : ''
  const general = message.replaceAll(stream.stream, '…').replace(/\d+ /g, 'n ')
  return `${probe.answer}: ${general}`
}

function textOf({ columns, rows, changes }: MemoryTable): string {
  const texts = rows.map((row, index) => stableJson([row, changes[index]])).sort()
  return [columns.map(({ name }) => name).join(), ...texts].join('\n')
}

const MOST_ROWS = 12
const LONGEST = 200

function shown(image: Image | string): string {
  if (typeof image === 'string') return image
  const rows = image.rows.slice(0, MOST_ROWS).map(({ text }) => text.slice(0, LONGEST))
  return [image.columns.map(({ name }) => name).join(', '), ...rows].join('\n')
}
