import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Asset } from '../../framework/model/asset.ts'
import type { Definition } from '../../framework/model/definition.ts'
import type { Problem } from '../../framework/model/problem.ts'
import type { Materialization } from '../../framework/model/record.ts'
import type { Stream } from '../../framework/model/stream.ts'
import type { BatchStep, Product, StepReport } from '../../framework/ports/batch.ts'
import type { Loader } from '../../framework/ports/connection.ts'
import type { Session } from '../../framework/ports/warehouse.ts'

export type Ended =
  | { readonly step: 'built'; readonly product: Product }
  | { readonly step: 'failed'; readonly problem: Problem }
  | { readonly step: 'cancelled' }

export interface LoadOptions {
  readonly session: Session
  readonly run?: number
  readonly full?: boolean
  /** The outcome of each stream's last load. */
  readonly records?: ReadonlyMap<string, Ended>
  readonly volatile?: readonly string[]
  readonly signal?: AbortSignal
  readonly onReport?: (report: StepReport) => unknown
}

export const stream = (name: string, more: Partial<Stream> = {}): Stream => ({
  asset: `raw_${name}`,
  stream: name,
  namespace: null,
  sync: 'full_refresh',
  primaryKey: [],
  cursor: null,
  columns: null,
  exclude: [],
  relation: `raw.${name}`,
  ...more,
})

/** Loads streams as a kind does, and returns their outcomes. Throws if spool files are left. */
export async function load(
  connection: Loader,
  streams: readonly Stream[],
  options: LoadOptions,
): Promise<ReadonlyMap<string, Ended>> {
  const scratch = mkdtempSync(join(tmpdir(), 'assets-scratch-'))
  mkdirSync(scratch, { recursive: true })
  const ended = new Map<string, Ended>()
  await connection.load({
    run: options.run ?? 7,
    streams: streams.map((one) => ({ stream: one, step: stepOf(one, options) })),
    loader: options.session.loader!,
    signal: options.signal ?? new AbortController().signal,
    scratch,
    onWait() {},
    async report(report) {
      await options.onReport?.(report)
      if (report.step === 'built' || report.step === 'failed' || report.step === 'cancelled') {
        if (ended.has(report.name)) throw new Error(`${report.name} ended twice`)
        ended.set(report.name, report)
      }
    },
  })
  const left = readdirSync(scratch)
  rmSync(scratch, { recursive: true, force: true })
  if ([...ended.values()].every(({ step }) => step === 'built') && left.length > 0) {
    throw new Error(`spools left behind: ${left.join(', ')}`)
  }
  return ended
}

function stepOf(one: Stream, options: LoadOptions): BatchStep {
  const before = options.records?.get(one.asset)
  const record =
    before?.step === 'built' ? ({ ...before.product } as unknown as Materialization) : null
  return {
    name: one.asset,
    action: 'build',
    full: options.full ?? false,
    reasons: [],
    after: [],
    subject: {
      is: 'asset',
      record,
      inputs: new Map(),
      inputsCommitted: null,
      unfinished: null,
      freshSince: null,
      definition: null as unknown as Definition,
      asset: {
        name: one.asset,
        policy: { volatileColumns: options.volatile ?? [] },
      } as unknown as Asset,
    },
  }
}
