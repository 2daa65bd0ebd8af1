import { unlockTarget } from '../config/index.ts'
import { groupBy } from '../lib/group-by.ts'
import { doubtful, factOf } from '../model/health-fact.ts'
import type { AdapterSettings } from '../model/project.ts'
import type { Stream } from '../model/stream.ts'
import type { Examine, HealthSubject } from '../ports/health.ts'
import type { Site } from '../ports/site.ts'
import { type Context, EXIT } from './context.ts'
import { examineAll, type Outcome, type Subject } from './examine-all.ts'
import type { Output } from './output.ts'
import { toolFacts } from './tool-health.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

export interface DoctorOptions {
  readonly target: string | null
}

/**
 * `assets doctor`: everything that a target needs, looked at all at once. Whatever goes wrong with one
 * thing, the others are shown; nothing is made or changed.
 */
export async function doctor(
  context: Context,
  output: Output,
  options: DoctorOptions,
): Promise<number> {
  const opened = await openWorkspace(context, options.target, output)
  if (!opened.ok) return output.tell(opened.problems, EXIT.usage)
  const workspace = opened.value
  const { project, site: locked } = workspace
  try {
    const open = () => context.registries.secrets(locked.env)
    const unlocked = await unlockTarget(project, locked.target.name, locked.env, open)
    const target = unlocked.ok ? unlocked.value : locked.target
    output.redact(target.secrets)
    const site: Site = { ...locked, target }
    const secrets: readonly Outcome[] = unlocked.ok
      ? []
      : [
          {
            about: 'secrets',
            facts: unlocked.problems.map((problem) => factOf('access', problem)),
            mistakes: [],
          },
        ]
    const tool: Subject = {
      about: 'tool',
      begin: async () => [{ part: null, facts: toolFacts(site, process.version) }],
    }
    const subjects = [
      tool,
      ...toolsOfKinds(context, site),
      ...adapters(context, site, await streamsOf(workspace, site)),
    ]
    const [first, ...others] = await examineAll(subjects, context)
    const examined = [first!, ...secrets, ...others]
    output.examined({ project: project.name, target: target.name, examined })
    return codeOf(examined)
  } finally {
    await workspace.close()
  }
}

function codeOf(outcomes: readonly Outcome[]): number {
  if (outcomes.some(({ mistakes }) => mistakes.length > 0)) return EXIT.usage
  const isBad = outcomes.some(({ facts }) => facts.some(({ state }) => state === 'bad'))
  return isBad ? EXIT.failed : EXIT.done
}

/** The tools of the kinds that the project has assets of. */
function toolsOfKinds({ registries }: Context, site: Site): readonly Subject[] {
  const used = new Set(site.project.assets.map(({ kind }) => kind))
  return [...used].flatMap((kind): readonly Subject[] => {
    const { health } = registries.kinds[kind]
    if (health === undefined) return []
    const begin: Subject['begin'] = async (signal) => [
      { part: null, facts: (await health())(site, signal) },
    ]
    return [{ about: kind, begin }]
  })
}

/** State, warehouse and connections of the target. */
function adapters(
  { registries, sleep }: Context,
  site: Site,
  byConnection: ReadonlyMap<string, readonly Stream[]>,
): readonly Subject[] {
  const { state, warehouse, connections } = site.target
  const subject = (
    about: string,
    settings: AdapterSettings,
    health: (() => Promise<Examine>) | undefined,
    streams: readonly Stream[],
  ): readonly Subject[] => {
    if (health === undefined) return []
    const patient = { settings, site, streams, sleep }
    return [{ about, begin: async (signal) => begin(await health(), { ...patient, signal }) }]
  }
  const everything = [...byConnection.values()].flat()
  return [
    ...subject('state', state, registries.states[state.type]?.health, []),
    ...(warehouse === null
      ? []
      : subject('warehouse', warehouse, registries.warehouses[warehouse.type]?.health, everything)),
    ...Object.entries(connections).flatMap(([name, settings]) =>
      subject(
        `connection ${name}`,
        settings,
        registries.connections[settings.type]?.health,
        byConnection.get(name) ?? [],
      ),
    ),
  ]
}

/** What still names a secret could not be read, and would be taken for the secret itself. */
function begin(examine: Examine, patient: HealthSubject): ReturnType<Examine> {
  if (!JSON.stringify(patient.settings.settings).includes('${secret:')) return examine(patient)
  const left = doubtful('access', 'not looked at, since a secret of its settings could not be read')
  return [{ part: null, facts: each([left]) }]
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}

/** By connection, what the project's assets ask of it. */
async function streamsOf(
  { kinds }: Workspace,
  site: Site,
): Promise<ReadonlyMap<string, readonly Stream[]>> {
  const asked: (readonly [connection: string, stream: Stream])[] = []
  for (const asset of site.project.assets) {
    const stream = (await kinds(asset.kind)).streams?.of(asset, site)
    if (stream !== undefined) asked.push([String(asset.spec.connection), stream])
  }
  const groups = groupBy(asked, ([connection]) => connection)
  return new Map([...groups].map(([name, group]) => [name, group.map(([, stream]) => stream)]))
}
