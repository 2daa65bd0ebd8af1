import { cpus } from 'node:os'
import { NO_DBT } from '../../../model/dbt-facts.ts'
import { planReporter } from '../../../report/plan.ts'
import { overviewOf } from '../../../ui/data/overview-of.ts'
import { type Context, EXIT, type Registries } from '../../context.ts'
import { Output } from '../../output.ts'
import { seenAt } from '../../seen-at.ts'
import { type View, withView } from '../../view.ts'
import { planReport } from '../plan/index.ts'
import { answersDocument } from './answers.ts'
import { assetPage } from './asset-page.ts'
import { withColumns } from './column-reader.ts'

/** What the page asks of the files and the records: never of the warehouse, which a run may hold. */
export const VIEW = {
  offline: true,
  select: [],
  exclude: [],
  only: false,
  detail: 'records',
} as const

/**
 * Prints one document of the page as JSON: `overview`, `plan`, `answers`, or `asset:NAME`. A process of its own makes each, so that
 * the server of the page stays small: `null` if there is no such document, and `assets/problems/1` with another exit code
 * than 0 if it can't be made.
 */
export async function answer(
  context: Context,
  question: string,
  target: string | null,
): Promise<number> {
  const output = new Output(context, { json: true, all: true })
  const [, what = '', name = ''] = /^([a-z]+)(?::(.*))?$/s.exec(question) ?? []
  const purpose = what === 'plan' ? 'run' : 'look'
  return withView(context, output, { ...VIEW, target, purpose }, async (view) => {
    output.document(await documentOf(what, name, view, context.registries))
    return EXIT.done
  })
}

async function documentOf(
  what: string,
  name: string,
  view: View,
  registries: Registries,
): Promise<object | null> {
  switch (what) {
    case 'overview':
      return overviewDocument(view)
    case 'plan':
      return planDocument(view)
    case 'asset':
      return withColumns(view, registries, (columns) => assetPage(view, name, columns))
    case 'answers':
      return answersDocument(view, registries)
    default:
      return null
  }
}

export function overviewDocument(view: View): object {
  const { workspace, survey, planned } = view
  const { project, site } = workspace
  return overviewOf(planned, {
    project: project.name,
    target: site.target.name,
    seenAt: seenAt(planned.world),
    selectors: project.selectors,
    dbt: survey.defined.later === null ? survey.defined.dbt() : NO_DBT,
  })
}

export async function planDocument({ workspace, state, planned }: View): Promise<object> {
  const durations = await state.durations(workspace.site.target.name)
  const shown = {
    durations: durations.ok ? durations.value : new Map<string, number>(),
    lanes: cpus().length,
    command: 'assets materialize',
    leftovers: [],
    warnings: [],
    existing: 0,
  }
  return planReporter.json(planReport(workspace, { ...planned, comments: [] }, shown))
}
