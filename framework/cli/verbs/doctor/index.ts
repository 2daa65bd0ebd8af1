import { fillSecrets } from '../../../config/index.ts'
import { groupBy } from '../../../lib/group-by.ts'
import { doubtful, factOf } from '../../../model/health-fact.ts'
import { ProblemError } from '../../../model/problem.ts'
import { type AdapterSettings, isStated, isTaken } from '../../../model/project.ts'
import type { Stream } from '../../../model/stream.ts'
import type { Examine, HealthSubject } from '../../../ports/health.ts'
import type { ShownIn } from '../../../ports/kind.ts'
import type { Site } from '../../../ports/site.ts'
import { doctorReporter } from '../../../report/doctor.ts'
import { type Context, EXIT } from '../../context.ts'
import type { Output } from '../../output.ts'
import { openWorkspace, type Workspace } from '../../workspace.ts'
import { type ExaminedSubject, examineAll, type Subject } from './examine-all.ts'
import { toolFacts } from './tool-health.ts'

export interface DoctorOptions {
  readonly target: string | null
}

/**
 * `assets doctor`: examines everything that a target needs, all at once. A failure of one examination
 * does not affect the others. Changes nothing.
 */
export async function doctor(
  context: Context,
  output: Output,
  options: DoctorOptions,
): Promise<number> {
  const opened = await openWorkspace(context, options.target, output, { finds: false })
  if (!opened.ok) return output.fail(opened.problems, EXIT.usage)
  const workspace = opened.value
  const { project, site: siteWithoutSecrets } = workspace
  try {
    const { env, target: targetWithoutSecrets } = siteWithoutSecrets
    const openSecrets = () => context.registries.secrets(env)
    const unlocked = await fillSecrets(project, targetWithoutSecrets.name, env, openSecrets)
    const target = unlocked.ok ? unlocked.value : targetWithoutSecrets
    output.redact(target.secrets)
    const site: Site = { ...siteWithoutSecrets, target }
    const secrets: readonly ExaminedSubject[] = unlocked.ok
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
      ...adapters(
        context,
        workspace,
        site,
        await streamsOf(workspace, site),
        await shownBy(workspace, site),
      ),
    ]
    const [first, ...others] = await examineAll(subjects, context)
    // A kind whose tools this target does not use has nothing to say.
    const examined = [first!, ...secrets, ...others.filter(({ facts }) => facts.length > 0)]
    output.show(doctorReporter, { project: project.name, target: target.name, examined })
    return exitCodeOf(examined)
  } finally {
    await workspace.close()
  }
}

function exitCodeOf(examined: readonly ExaminedSubject[]): number {
  if (examined.some(({ mistakes }) => mistakes.length > 0)) return EXIT.usage
  const isBad = examined.some(({ facts }) => facts.some(({ state }) => state === 'bad'))
  return isBad ? EXIT.failed : EXIT.done
}

/** The tools of the kinds that the project uses. */
function toolsOfKinds({ registries }: Context, site: Site): readonly Subject[] {
  const found = Object.entries(registries.kinds).filter(([, { finds }]) => finds?.(site.project))
  const used = new Set([...site.project.assets.kinds(), ...found.map(([kind]) => kind)])
  return [...used].flatMap((kind): readonly Subject[] => {
    const health = registries.kinds[kind]?.health
    if (health === undefined) return []
    const begin: Subject['begin'] = async (signal) => [
      { part: null, facts: (await health())(site, signal) },
    ]
    return [{ about: kind, begin }]
  })
}

/** The state, the warehouse and the connections of the target. */
function adapters(
  { registries, sleep }: Context,
  workspace: Workspace,
  site: Site,
  byConnection: ReadonlyMap<string, readonly Stream[]>,
  shownAt: ReadonlyMap<string, readonly ShownIn[]>,
): readonly Subject[] {
  const { state, warehouse, connections } = site.target
  const subject = (
    about: string,
    settings: AdapterSettings,
    health: (() => Promise<Examine>) | undefined,
    streams: readonly Stream[],
    shown: readonly ShownIn[] = [],
  ): readonly Subject[] => {
    if (health === undefined) return []
    const healthSubject = { settings, site, streams, shown, sleep }
    return [{ about, begin: async (signal) => begin(await health(), { ...healthSubject, signal }) }]
  }
  const everything = [...byConnection.values()].flat()
  /** A warehouse that the tool of a kind says: asking it takes seconds. */
  const ofTool = (streams: readonly Stream[]): Subject => ({
    about: 'warehouse',
    begin: async (signal) => {
      const found = await workspace.warehouseSettings('existing')
      if (!found.ok) throw new ProblemError(...found.problems)
      const settings = found.value!
      const health = await registries.warehouses[settings.type]!.health()
      const { target } = workspace.site
      return health({ settings, site: { ...site, target }, streams, shown: [], sleep, signal })
    },
  })
  return [
    ...subject('state', state, registries.states[state.type]?.health, []),
    ...(isStated(warehouse)
      ? subject('warehouse', warehouse, registries.warehouses[warehouse.type]?.health, everything)
      : []),
    ...(isTaken(warehouse) ? [ofTool(everything)] : []),
    ...Object.entries(connections).flatMap(([name, settings]) =>
      subject(
        `connection ${name}`,
        settings,
        (registries.connections[settings.type] ?? registries.publishers[settings.type])?.health,
        byConnection.get(name) ?? [],
        shownAt.get(name) ?? [],
      ),
    ),
  ]
}

/** Skips an adapter whose secrets could not be read: it would take `${secret:…}` for a value. */
function begin(examine: Examine, subject: HealthSubject): ReturnType<Examine> {
  if (!JSON.stringify(subject.settings.settings).includes('${secret:')) return examine(subject)
  const skipped = doubtful('access', 'skipped: a secret in its settings could not be read')
  return [{ part: null, facts: each([skipped]) }]
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}

/** The streams that the project's assets use, by connection. */
async function streamsOf(
  { kinds }: Workspace,
  site: Site,
): Promise<ReadonlyMap<string, readonly Stream[]>> {
  const used: (readonly [connection: string, stream: Stream])[] = []
  for (const asset of site.project.assets) {
    const stream = (await kinds(asset.kind)).streams?.of(asset, site)
    if (stream !== undefined) used.push([String(asset.spec.connection), stream])
  }
  const groups = groupBy(used, ([connection]) => connection)
  return new Map([...groups].map(([name, group]) => [name, group.map(([, stream]) => stream)]))
}

/** What the project's assets show at services, by connection. */
async function shownBy(
  { kinds }: Workspace,
  site: Site,
): Promise<ReadonlyMap<string, readonly ShownIn[]>> {
  const shown: ShownIn[] = []
  for (const asset of site.project.assets) {
    const one = (await kinds(asset.kind)).shownIn?.(asset, site.target) ?? null
    if (one !== null) shown.push(one)
  }
  return groupBy(shown, ({ connection }) => connection)
}
