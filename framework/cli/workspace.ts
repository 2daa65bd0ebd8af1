import { join } from 'node:path'
import {
  type Declarations,
  fillSecrets,
  findProject,
  loadProject,
  readDotenv,
  resolveTarget,
} from '../config/index.ts'
import type { Asset, KindName } from '../model/asset.ts'
import { fail, ok, type Problem, type Result } from '../model/problem.ts'
import type { AdapterSettings, Project, ResolvedTarget } from '../model/project.ts'
import type { Connection } from '../ports/connection.ts'
import type { Kind } from '../ports/kind.ts'
import type { Site } from '../ports/site.ts'
import type { State } from '../ports/state.ts'
import type { Warehouse } from '../ports/warehouse.ts'
import type { Kinds } from '../staleness/define.ts'
import type { Adapter, Context, Registries } from './context.ts'
import { homeOf, ignoreHome, makeHome } from './home.ts'
import { redactedState } from './redacted-state.ts'
import { buildId } from './version.ts'

/** One project at one target. Its adapters and kinds are created on first use. */
export interface Workspace {
  readonly project: Project
  readonly site: Site
  readonly kinds: Kinds
  state(): Promise<Result<State>>
  /** Ends workers and connections. Safe to call twice. */
  close(): Promise<void>
}

/** The project around `context.cwd`. Problems: every mistake in its YAML. */
export async function openProject(
  context: Context,
): Promise<Result<{ readonly root: string; readonly project: Project }>> {
  const root = findProject(context.cwd)
  if (!root.ok) return root
  const home = homeOf(root.value)
  const project = await loadProject({
    root: root.value,
    cache: join(home, 'cache'),
    build: buildId,
    declarations: declarationsOf(context.registries),
  })
  ignoreHome(home)
  return project.ok ? ok({ root: root.value, project: project.value }) : project
}

/** Receives a workspace's notices, and the secrets to redact in all output. */
export interface WorkspaceListener {
  notice(message: string): void
  redact(secrets: readonly string[]): void
  /** Called when a target was opened that is not the default one. */
  showTarget(target: string): void
}

/**
 * What a verb needs of a target. `declarations`: it creates adapters only to ask for their properties and
 * connects to nothing, so no secret is fetched until it asks for the state.
 */
type Reach = 'target' | 'declarations'

/**
 * Opens a project at a target, the default one when `targetName` is null. Connects to nothing: secrets
 * are fetched when the first adapter is made.
 */
export async function openWorkspace(
  context: Context,
  targetName: string | null,
  listener: WorkspaceListener,
  reach: Reach = 'target',
): Promise<Result<Workspace>> {
  const opened = await openProject(context)
  if (!opened.ok) return opened
  const { root, project } = opened.value
  const env = readDotenv(root, context.env)
  const name = targetName ?? project.defaultTarget
  const resolved = resolveTarget(project, name, env)
  if (!resolved.ok) return resolved
  let target = resolved.value
  listener.redact(target.secrets)
  if (name !== project.defaultTarget) listener.showTarget(name)

  const home = homeOf(root)
  const made = makeHome(home)
  if (!made.ok) return made
  const { registries } = context
  const connections = new Map<string, Promise<Result<Connection>>>()
  const kinds = new Map<KindName, Promise<Kind>>()
  let warehouse: Promise<Result<Warehouse>> | null = null
  let state: Promise<Result<State>> | null = null
  let filling: Promise<Result<ResolvedTarget>> | null = null
  let withoutSecrets = reach === 'declarations'
  const fill = async () => {
    const filled = await fillSecrets(project, name, env, () => registries.secrets(env))
    if (!filled.ok) return filled
    target = filled.value
    listener.redact(target.secrets)
    return filled
  }
  /** Creates the adapter for the settings that `pick` returns, with secrets filled in unless not needed. */
  const make = async <T>(
    adapters: Readonly<Record<string, Adapter<T>>>,
    pick: (target: ResolvedTarget) => AdapterSettings | null,
    missing: Problem,
  ): Promise<Result<T>> => {
    if (!withoutSecrets) filling ??= fill()
    const filled = (await filling) ?? resolved
    if (!filled.ok) return filled
    const settings = pick(filled.value)
    const adapter = settings === null ? undefined : adapters[settings.type]
    if (settings === null || adapter === undefined) return fail(missing)
    return (await adapter.create())(settings, site)
  }

  const site: Site = {
    root,
    home,
    project,
    get target() {
      return target
    },
    env,
    clock: context.clock,
    signal: context.signal,
    notice: (message) => listener.notice(message),
    warehouse: () => {
      warehouse ??= make(registries.warehouses, ({ warehouse }) => warehouse, noWarehouse(site))
      return warehouse
    },
    connection: (asset) => {
      const name = connectionName(asset)
      const existing = connections.get(name)
      if (existing !== undefined) return existing
      const made = make(
        registries.connections,
        ({ connections }) => connections[name] ?? null,
        noConnection(site, asset, name),
      )
      connections.set(name, made)
      return made
    },
  }
  const kind: Kinds = (name) => {
    const created = kinds.get(name) ?? createKind(registries, name)
    kinds.set(name, created)
    return created
  }
  return ok({
    project,
    site,
    kinds: kind,
    state: () => {
      if (withoutSecrets) {
        withoutSecrets = false
        connections.clear()
        warehouse = null
      }
      state ??= make(registries.states, (target) => target.state, noState(site)).then((made) =>
        made.ok ? ok(redactedState(made.value, target.secrets)) : made,
      )
      return state
    },
    close: async () => {
      for (const made of kinds.values()) await (await made).close()
      for (const made of connections.values()) {
        const connection = await made
        if (connection.ok) await connection.value.close()
      }
      const opened = await state
      if (opened?.ok) await opened.value.close()
    },
  })
}

async function createKind(registries: Registries, name: KindName): Promise<Kind> {
  const registered = registries.kinds[name]
  if (registered === undefined) throw new Error(`the kind ${name} is not registered`)
  return (await registered.create())()
}

/** The declarations of all adapters. */
export function declarationsOf(registries: Registries): Declarations {
  const { kinds, warehouses, connections, states } = registries
  return {
    kinds: declared(kinds),
    warehouses: declared(warehouses),
    connections: declared(connections),
    states: declared(states),
  }
}

function declared<A extends { readonly declaration: unknown }, K extends string>(
  adapters: Readonly<Record<K, A>>,
): Record<K, A['declaration']> {
  const entries = Object.entries<A>(adapters).map(([name, adapter]) => [name, adapter.declaration])
  return Object.fromEntries(entries) as Record<K, A['declaration']>
}

function connectionName(asset: Asset): string {
  const { connection } = asset.spec
  return typeof connection === 'string' ? connection : ''
}

function noWarehouse({ target }: Site): Problem {
  return {
    code: 'no-warehouse',
    message: `target ${target.name} has no warehouse, and an asset of this project needs one`,
    at: { file: 'assets.yaml', path: ['targets', target.name], key: true },
    hint: 'add one: `warehouse: {type: duckdb, path: .assets/warehouse.duckdb}`',
  }
}

function noConnection({ target }: Site, asset: Asset, name: string): Problem {
  return {
    code: 'no-connection',
    message: `${asset.name} uses connection ${name}, which target ${target.name} does not have`,
    at: { file: asset.file, path: ['assets', asset.name], key: true },
    hint: `add it under \`targets: ${target.name}: connections:\` in assets.yaml`,
    asset: asset.name,
  }
}

function noState({ target }: Site): Problem {
  return {
    code: 'no-state',
    message: `target ${target.name} has a state of unknown type ${target.state.type}`,
    at: target.state.at,
    hint: 'use `state: {type: sqlite}`',
  }
}
