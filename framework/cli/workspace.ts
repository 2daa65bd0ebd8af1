import { join } from 'node:path'
import {
  addFound,
  type Declarations,
  environmentSecrets,
  fillSecrets,
  findProject,
  loadProject,
  NOTHING_LEFT_OUT,
  readDotenv,
  readVars,
  resolveTarget,
  soundTarget,
} from '../config/index.ts'
import { closest } from '../lib/did-you-mean.ts'
import type { Asset, KindName } from '../model/asset.ts'
import { type DbtGraph, mergeDbt } from '../model/dbt-facts.ts'
import { fail, ok, type Problem, type Result } from '../model/problem.ts'
import type { AdapterSettings, Project, ResolvedTarget } from '../model/project.ts'
import type { OnWait } from '../ports/batch.ts'
import type { Connection } from '../ports/connection.ts'
import type { FileFormat } from '../ports/file-format.ts'
import type { Kind, Tools } from '../ports/kind.ts'
import type { Publisher } from '../ports/publisher.ts'
import type { Site } from '../ports/site.ts'
import type { State } from '../ports/state.ts'
import type { Warehouse } from '../ports/warehouse.ts'
import type { Kinds } from '../staleness/define.ts'
import { keepNames } from './completion/keep-names.ts'
import type { Adapter, Context, Registries } from './context.ts'
import { homeOf, ignoreHome, makeHome } from './home.ts'
import type { Mistakes } from './mistakes.ts'
import { noWarehouse } from './no-warehouse.ts'
import { applyPolicies } from './policies.ts'
import { redactedState } from './redacted-state.ts'
import { tellIfSlow } from './slow-work.ts'
import { buildId } from './version.ts'
import { warehouseSettings } from './warehouse-settings.ts'

/** One project at one target. Its adapters and kinds are created on first use. */
export interface Workspace {
  readonly project: Project
  readonly site: Site
  readonly kinds: Kinds
  /** What kinds found in projects of their own, in words: `19 models`. */
  readonly found: readonly string[]
  /** The settings of the target's warehouse, wherever they come from; null: it has none. */
  warehouseSettings(tools?: Tools): Promise<Result<AdapterSettings | null>>
  state(): Promise<Result<State>>
  /** As `Adapter.changeToken` of the target's state. */
  stateToken(): Promise<string | null>
  /** Takes the assets into the project that kinds find, if it was opened without them. Returns problems. */
  find(): Promise<readonly Problem[]>
  /** As `tellIfSlow`, with the notices of this workspace. */
  tellIfSlow<T>(work: (onWait: OnWait) => Promise<T>): Promise<T>
  /** Ends workers and connections. Safe to call twice. */
  close(): Promise<void>
}

/** A project and its folder. */
interface OpenedProject {
  readonly root: string
  readonly project: Project
}

/**
 * The project around `context.cwd`. Problems: every mistake in its YAML. With `mistakes`, they are added there, and
 * the project is what is sound of it.
 */
export async function openProject(
  context: Context,
  mistakes?: Mistakes,
): Promise<Result<OpenedProject>> {
  const root = findProject(context.cwd)
  if (!root.ok) return root
  const home = homeOf(root.value)
  const project = await loadProject({
    root: root.value,
    cache: join(home, 'cache'),
    build: buildId,
    declarations: declarationsOf(context.registries),
    isShared: context.isShared ?? false,
  })
  ignoreHome(home)
  if (project.ok) return ok({ root: root.value, project: project.value })
  const sound = mistakes === undefined ? null : project.sound()
  if (sound === null) return fail(...project.problems)
  mistakes!.leaveOut(project.problems, sound.leftOut)
  return ok({ root: root.value, project: sound.project })
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

interface OpenOptions {
  readonly reach?: Reach
  readonly finds?: boolean
  readonly mistakes?: Mistakes
}

/**
 * Opens a project at a target, the default one when `targetName` is null. Connects to nothing: secrets
 * are fetched when the first adapter is made. `finds`: whether the project has the assets that kinds find; then
 * dbt's project is parsed if it changed. `mistakes`: where mistakes go after which the rest is opened.
 */
export async function openWorkspace(
  context: Context,
  targetName: string | null,
  listener: WorkspaceListener,
  { reach = 'target', finds = true, mistakes }: OpenOptions = {},
): Promise<Result<Workspace>> {
  const opened = await openProject(context, mistakes)
  if (!opened.ok) return opened
  const { root } = opened.value
  const given = await withVars(opened.value.project, context.vars)
  if (!given.ok) return given
  let project = given.value
  const { env: shell } = context
  const dotenv = readDotenv(root, shell)
  if (!dotenv.ok) return dotenv
  const env = { ...dotenv.value, ...shell }
  const ofEnvironment = environmentSecrets(shell, dotenv.value)
  const name = targetName ?? project.defaultTarget
  const resolved = resolve(project, name, env, mistakes)
  if (!resolved.ok) return resolved
  /** Secrets of a warehouse that is not stated in YAML, once they are known. */
  let ofWarehouse: readonly string[] = []
  const withSecrets = (known: ResolvedTarget): ResolvedTarget => ({
    ...known,
    secrets: [...new Set([...known.secrets, ...ofWarehouse, ...ofEnvironment])],
  })
  let target = withSecrets(resolved.value)
  listener.redact(target.secrets)
  if (name !== project.defaultTarget) listener.showTarget(name)

  const home = homeOf(root)
  const made = makeHome(home)
  if (!made.ok) return made
  const { registries } = context
  /** Whether a shell completes the names of this project: not those of a part of it, or of an earlier commit. */
  const isKept = mistakes === undefined && context.isShared !== true
  const connections = new Map<string, Promise<Result<Connection>>>()
  const publishers = new Map<string, Promise<Result<Publisher>>>()
  const kinds = new Map<KindName, Promise<Kind>>()
  const formats = new Map<string, Promise<FileFormat>>()
  let warehouse: Promise<Result<Warehouse>> | null = null
  let state: Promise<Result<State>> | null = null
  let filling: Promise<Result<ResolvedTarget>> | null = null
  const summaries: string[] = []
  let withoutSecrets = reach === 'declarations'
  const fill = async () => {
    const filled = await fillSecrets(project, name, env, () => registries.secrets(env))
    if (!filled.ok) return filled
    target = withSecrets(filled.value)
    listener.redact(target.secrets)
    return filled
  }
  /** Creates the adapter for the settings that `pick` returns, with secrets filled in unless not needed. */
  const make = async <T>(
    adapters: Readonly<Record<string, Adapter<T>>>,
    pick: (target: ResolvedTarget) => MaybePromise<Result<AdapterSettings | null>>,
    missing: Problem,
  ): Promise<Result<T>> => {
    if (!withoutSecrets) filling ??= fill()
    const filled = (await filling) ?? resolved
    if (!filled.ok) return filled
    const settings = await pick(filled.value)
    if (!settings.ok) return settings
    const adapter = settings.value === null ? undefined : adapters[settings.value.type]
    if (settings.value === null || adapter === undefined) return fail(missing)
    return (await adapter.create())(settings.value, site)
  }
  const settingsOfWarehouse = async (filled: ResolvedTarget, tools: Tools = 'created') => {
    const found = await warehouseSettings(filled, site, kind, registries, tools)
    if (!found.ok || found.value === null) return found.ok ? ok(null) : found
    ofWarehouse = found.value.secrets
    target = withSecrets(target)
    listener.redact(target.secrets)
    return ok(found.value.settings)
  }

  /** Takes the assets into the project that kinds find in projects of their own. Returns problems. */
  const find = async (): Promise<readonly Problem[]> => {
    const problems: Problem[] = []
    const graphs: (() => DbtGraph)[] = []
    for (const [name, { finds }] of Object.entries(registries.kinds)) {
      if (finds?.(project) !== true) continue
      const { finder } = await kind(name)
      const found = await tellIfSlow(context, site.notice, (onWait) => finder!.find(site, onWait))
      if (!found.ok) {
        if (mistakes === undefined) return found.problems
        mistakes.add(found.problems)
        mistakes.isDbtRead = false
        continue
      }
      const added = await addFound(project, found.value.assets, found.value.key)
      project = added.project
      summaries.push(...found.value.summary)
      graphs.push(found.value.dbt)
      problems.push(...added.problems)
    }
    if (mistakes === undefined && problems.length > 0) return problems
    mistakes?.add(problems)
    const isRead = project.dbt === null || graphs.length > 0 || mistakes?.isDbtRead === false
    const dbt = () => mergeDbt(graphs.map((graph) => graph()))
    const ruled = applyPolicies(project, isRead ? dbt : null)
    project = ruled.project
    mistakes?.addOfSelections(ruled.problems)
    if (graphs.length > 0 && isKept) keepNames(home, project)
    return mistakes === undefined ? ruled.problems : []
  }

  const site: Site = {
    root,
    home,
    get project() {
      return project
    },
    get target() {
      return target
    },
    env,
    shell,
    clock: context.clock,
    signal: context.signal,
    notice: (message) => listener.notice(message),
    fileFormat: (name) => {
      const created = formats.get(name) ?? registries.formats[name]!().then((of) => of(site))
      formats.set(name, created)
      return created
    },
    pythonLibrary: async (name) => {
      for (const { library } of Object.values(registries.kinds)) {
        const found = (await library?.())?.(name, site) ?? null
        if (found !== null) return found
      }
      return null
    },
    warehouse: () => {
      const pick = (filled: ResolvedTarget) => settingsOfWarehouse(filled)
      warehouse ??= make(registries.warehouses, pick, noWarehouse(site, []))
      return warehouse
    },
    connection: (asset) => {
      const name = connectionName(asset)
      const existing = connections.get(name)
      if (existing !== undefined) return existing
      const made = make(
        registries.connections,
        ({ connections }) => ok(connections[name] ?? null),
        noConnection(site, asset, name, registries),
      )
      connections.set(name, made)
      return made
    },
    publisher: async (name, asset) => {
      const missing = noPublisher(site, asset, name, registries)
      // The problem names the asset, so it is not kept for the next one.
      if (missing !== null) return fail(missing)
      const made =
        publishers.get(name) ??
        make(
          registries.publishers,
          ({ connections }) => ok(connections[name] ?? null),
          absentConnection(site, asset, name),
        )
      publishers.set(name, made)
      return made
    },
  }
  const kind: Kinds = (name) => {
    const created = kinds.get(name) ?? createKind(registries, name)
    kinds.set(name, created)
    return created
  }
  const workspace: Workspace = {
    get project() {
      return project
    },
    site,
    kinds: kind,
    found: summaries,
    warehouseSettings: (tools) => settingsOfWarehouse(target, tools),
    state: () => {
      if (withoutSecrets) {
        withoutSecrets = false
        connections.clear()
        publishers.clear()
        warehouse = null
      }
      state ??= make(registries.states, (target) => ok(target.state), noState(site)).then((made) =>
        made.ok ? ok(redactedState(made.value, () => site.target.secrets)) : made,
      )
      return state
    },
    stateToken: async () => {
      const { state } = target
      return (await registries.states[state.type]?.changeToken?.())?.(state, site) ?? null
    },
    find,
    tellIfSlow: (work) => tellIfSlow(context, site.notice, work),
    close: async () => {
      for (const made of kinds.values()) await (await made).close()
      for (const made of formats.values()) await (await made).close()
      for (const made of [...connections.values(), ...publishers.values()]) {
        const connection = await made
        if (connection.ok) await connection.value.close()
      }
      const opened = await state
      if (opened?.ok) await opened.value.close()
    },
  }
  const isOpen = Object.values(registries.kinds).some(({ finds }) => finds?.(project) === true)
  if (!isOpen && isKept) keepNames(home, project)
  const problems = finds ? await find() : []
  if (problems.length === 0) return ok(workspace)
  await workspace.close()
  return { ok: false, problems }
}

/** `resolveTarget`; with `mistakes`, without the adapters of which variables are missing. */
function resolve(
  project: Project,
  name: string,
  env: Context['env'],
  mistakes: Mistakes | undefined,
): Result<ResolvedTarget> {
  const resolved = resolveTarget(project, name, env)
  const sound = resolved.ok || mistakes === undefined ? null : soundTarget(project, name, env)
  if (resolved.ok || sound === null) return resolved
  const { connections } = project.targets[name]!
  const texts = [JSON.stringify(Object.keys(connections))]
  mistakes!.leaveOut(resolved.problems, { ...NOTHING_LEFT_OUT, targets: new Set([name]), texts })
  return ok(sound)
}

/** The project with the values of `--vars`, which replace those of the same names below `dbt:`. */
async function withVars(project: Project, text: string | undefined): Promise<Result<Project>> {
  const { dbt } = project
  if (text === undefined || dbt === null) return ok(project)
  const vars = await readVars(text)
  if (!vars.ok) return vars
  return ok({ ...project, dbt: { ...dbt, vars: { ...dbt.vars, ...vars.value } } })
}

type MaybePromise<T> = T | Promise<T>

async function createKind(registries: Registries, name: KindName): Promise<Kind> {
  const registered = registries.kinds[name]
  if (registered === undefined) throw new Error(`the kind ${name} is not registered`)
  return (await registered.create())()
}

/** The declarations of all adapters. */
export function declarationsOf(registries: Registries): Declarations {
  const { kinds, warehouses, connections, publishers, states } = registries
  return {
    kinds: declared(kinds),
    warehouses: declared(warehouses),
    connections: declared({ ...connections, ...publishers }),
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

/** The problem of an asset that loads tables from a connection. */
function noConnection(site: Site, asset: Asset, name: string, registries: Registries): Problem {
  const { connections, publishers } = registries
  const type = site.target.connections[name]?.type
  return type !== undefined && Object.hasOwn(publishers, type)
    ? wrongConnection(site, asset, name, 'loads no tables', Object.keys(connections))
    : absentConnection(site, asset, name)
}

/** The problem of an asset that publishes or refreshes by a connection; null if the connection can do that. */
function noPublisher(
  site: Site,
  asset: Asset,
  name: string,
  { publishers }: Registries,
): Problem | null {
  const type = site.target.connections[name]?.type
  if (type === undefined) return absentConnection(site, asset, name)
  return Object.hasOwn(publishers, type)
    ? null
    : wrongConnection(site, asset, name, 'takes no files', Object.keys(publishers))
}

function wrongConnection(
  { target }: Site,
  asset: Asset,
  name: string,
  lacks: string,
  types: readonly string[],
): Problem {
  const { type } = target.connections[name]!
  return {
    code: 'no-connection',
    message: `${asset.name} uses connection ${name} of target ${target.name}, whose type ${type} ${lacks}`,
    at: { file: asset.file, path: ['assets', asset.name], key: true },
    hint: `name a connection of type ${types.join(' or ')}`,
    asset: asset.name,
  }
}

function absentConnection({ target, project }: Site, asset: Asset, name: string): Problem {
  const at = { file: asset.file, path: ['assets', asset.name], key: true } as const
  const all = Object.values(project.targets).flatMap(({ connections }) => Object.keys(connections))
  const similar = closest(name, Object.keys(target.connections)) ?? closest(name, all)
  return {
    code: 'no-connection',
    message: `${asset.name} uses connection ${name}, which target ${target.name} does not have`,
    at,
    hint:
      similar === null
        ? `add it under \`targets: ${target.name}: connections:\` in assets.yaml`
        : `did you mean ${similar}?`,
    asset: asset.name,
    absent: name,
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
