import type { Policy } from '../../framework/model/asset.ts'
import type { Form } from '../../framework/model/definition.ts'
import type { Forced } from '../../framework/model/record.ts'
import type { FakeProject } from '../rig/fake-project.ts'
import type { FakeAsset, FakeCheck } from '../rig/fake-world.ts'

/** A change of a project's files, source or warehouse. Assets and checks are given by number. */
export type Edit =
  | { readonly do: 'code' | 'source' | 'columns'; readonly asset: number; readonly to: number }
  | { readonly do: 'constant'; readonly asset: number; readonly to: number | null }
  | { readonly do: 'alias' | 'pivots'; readonly asset: number; readonly to: boolean }
  | { readonly do: 'form'; readonly asset: number; readonly to: 'stored' | 'view' | 'ephemeral' }
  | { readonly do: 'dep'; readonly asset: number; readonly dep: number }
  | { readonly do: 'rename' | 'drop' | 'restore'; readonly asset: number }
  /** An asset that nothing reads leaves the project; `to`: someone then writes to its relation. */
  | { readonly do: 'leave'; readonly asset: number; readonly to: number | null }
  /** Every asset that left and whose inputs are there comes back. */
  | { readonly do: 'return' }
  | { readonly do: 'edit' | 'redefine'; readonly asset: number; readonly to: number }
  | { readonly do: 'fail'; readonly asset: number; readonly how: 'clean' | 'half' | 'no' }
  | { readonly do: 'external'; readonly asset: number; readonly to: number | 'gone' | 'locked' }
  | { readonly do: 'check'; readonly check: number; readonly reads: readonly number[] }
  | {
      readonly do: 'recheck'
      readonly check: number
      readonly code: number
      readonly warn: boolean
    }
  | { readonly do: 'result'; readonly check: number; readonly to: FakeCheck['result'] }
  | { readonly do: 'waive'; readonly asset: number; readonly to: boolean }
  /** Time passes; if negative, the clock is set back. */
  | { readonly do: 'wait'; readonly minutes: number }

/** The selection and options of a build. Assets are given by number; null selects all. */
export interface BuildCommand {
  readonly select: readonly number[] | null
  readonly only: boolean
  readonly exclude: number | null
  readonly forced: Forced | null
  /** dbt's project was never parsed before this run. */
  readonly late: boolean
  /** Drop what moved assets left. */
  readonly prune: boolean
}

export type Command =
  | Edit
  | ({ readonly do: 'materialize' } & BuildCommand)
  /** The process dies at a point between two writes. */
  | ({ readonly do: 'kill' | 'abort'; readonly at: number } & BuildCommand)
  /** Others make a change during the run. */
  | ({ readonly do: 'meddle'; readonly at: number; readonly edit: Edit } & BuildCommand)
  | { readonly do: 'status' }

export const SHAPES = [
  'raw',
  'unit',
  'log',
  'stored',
  'command',
  'view',
  'ephemeral',
  'external',
  'incremental',
  'snapshot',
] as const

/** One asset of a random graph; `deps` count back from it. */
export interface Sketch {
  readonly shape: (typeof SHAPES)[number]
  readonly deps: readonly number[]
  readonly constant: boolean
  readonly version: Policy['dataVersion']
  readonly waives: boolean
  /** An index into `POOLS`; none if beyond its end. Pools only limit which steps run at the same time. */
  readonly pool: number
  readonly adopts: boolean
  readonly keeps: boolean
  readonly expires: boolean
}

export interface Story {
  readonly assets: readonly Sketch[]
  readonly checks: readonly {
    readonly reads: readonly number[]
    readonly warn: boolean
    readonly fails: boolean
  }[]
  readonly warehouse: 'shared' | 'exclusive' | 'none'
  readonly commands: readonly Command[]
}

const POOLS = { narrow: 1, wide: 2 }

/** Whether an asset can have a mode. `isMade`: it depends on its code and inputs only. */
export function fits(mode: Policy['dataVersion'], form: Form, isMade: boolean): boolean {
  switch (form) {
    case 'ephemeral':
      return mode === 'default' || mode === 'derived'
    case 'view':
      return mode !== 'change_token'
    case 'external':
      return mode !== 'derived'
    case 'stored':
      return mode !== 'derived' || isMade
  }
}

/** Declares a story's assets and checks. */
export function declare(project: FakeProject, story: Story): void {
  story.assets.forEach((one, index) => {
    const name = `a${index}`
    const deps = [
      ...new Set(one.deps.filter((back) => back < index).map((back) => `a${index - 1 - back}`)),
    ]
    add(project, name, deps, one)
    const { policy, form, accumulates, source } = project.assets.get(name)!
    const isMade = source === null && accumulates === 'no'
    const dataVersion = fits(one.version, form, isMade) ? one.version : 'default'
    project.change(name, {
      ...(one.constant && one.shape !== 'external' ? { constant: 'always 0' } : {}),
      policy: {
        ...policy,
        dataVersion,
        onDrift: one.adopts && dataVersion !== 'derived' ? 'adopt' : 'default',
        checks: { block: one.waives ? 'never' : 'error' },
        pool: Object.keys(POOLS)[one.pool] ?? null,
        onCode: one.keeps ? 'keep_history' : 'full_refresh',
        freshness: one.expires && one.shape === 'raw' ? { maxAge: 3_600_000 } : null,
      },
    })
  })
  const hasDbt = [...project.assets.values()].some(({ kind }) => kind === 'dbt')
  for (const [index, check] of hasDbt ? story.checks.entries() : []) {
    const reads = [...new Set(check.reads.map((read) => `a${read % story.assets.length}`))]
    const [severity, failing] = check.warn
      ? (['warn', 'warn'] as const)
      : (['error', 'fail'] as const)
    const result = check.fails ? failing : 'pass'
    project.check(`check_${index}`, reads, { severity, result })
  }
  project.pools = POOLS
  project.warehouse =
    story.warehouse === 'none'
      ? null
      : { resource: story.warehouse === 'exclusive' ? 'the file' : null }
}

function add(project: FakeProject, name: string, deps: string[], one: Sketch): void {
  const more: Partial<FakeAsset> = { code: 'select 0', columns: 'columns 0' }
  switch (one.shape) {
    case 'raw':
      project.raw(name, 'rows 0', {
        ...more,
        probed: !one.expires ? 'proof' : one.keeps ? 'cursor' : 'no',
      })
      return
    case 'unit':
      project.raw(name, 'rows 0', { ...more, unit: 'connection' })
      return
    case 'log':
      project.raw(name, 'rows 0', { ...more, accumulates: 'incremental' })
      return
    case 'external':
      project.external(name, 'file 0')
      return
    case 'stored':
      project.add(name, deps, more)
      return
    case 'command':
      project.add(name, deps, { ...more, kind: 'command' })
      return
    case 'view':
      project.view(name, deps, more)
      return
    case 'ephemeral':
      project.ephemeral(name, deps, more)
      return
    case 'incremental':
    case 'snapshot':
      project.add(name, deps, { ...more, accumulates: one.shape })
  }
}
