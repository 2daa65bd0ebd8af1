import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { shortVersion } from '../../../model/version.ts'
import type { PastStep } from '../../../ports/state.ts'
import { whyReporter } from '../../../report/why.ts'
import type {
  AssetPage,
  Code,
  PageBuild,
  PageCheck,
  PageInput,
  Place,
  WhyDocument,
} from '../../../ui/data/asset-page.ts'
import type { View } from '../../view.ts'
import { whyReportOf } from '../why/why-report-of.ts'
import type { ColumnReader } from './column-reader.ts'

/** The steps that are shown of an asset, and of each of its checks. */
const STEPS = 20
/** The longest code that is shown, in characters. */
const LONGEST = 100_000

/** What the page shows of an asset or a check; null if there is none of that name. */
export async function assetPage(
  view: View,
  name: string,
  columns: ColumnReader,
): Promise<AssetPage | null> {
  const { world } = view.planned
  const i = world.graph.indexOf(name)
  if (i === undefined) return null
  const why = await whyReportOf(view, name, null)
  const document: WhyDocument = whyReporter.json(why) as never
  const declared = why.nodes.at(-1)?.declared ?? null
  const isCheck = world.graph.isCheck(i)
  const definition = world.definition(i)
  const relation = definition?.relation ?? null
  return {
    asset: name,
    why: document,
    description: isCheck ? '' : world.asset(i).description,
    declared: declared === null ? null : { file: declared.file, line: declared.line },
    form: definition?.form ?? null,
    fills: [...(relation === null ? [] : [relation]), ...(definition?.outputs ?? [])],
    code: codeOf(view, name, declared),
    columns: await columns(definition),
    inputs: inputsOf(view, i),
    builds: (await stepsOf(view, name)).map(buildOf),
    checks: await checksOf(view, i),
  }
}

async function stepsOf({ state, workspace }: View, name: string): Promise<readonly PastStep[]> {
  const steps = await state.steps(workspace.site.target.name, name, STEPS)
  return steps.ok ? steps.value : []
}

function buildOf({ run, step }: PastStep): PageBuild {
  const { finishedAt, startedAt, outcome, rows, reasons, reference, problem, note } = step
  return {
    run,
    at: finishedAt,
    seconds: (finishedAt - startedAt) / 1000,
    outcome,
    rows,
    reasons: reasons.map(({ message }) => message),
    note: problem?.message ?? reference ?? note,
  }
}

/** The checks that read an asset. */
async function checksOf(view: View, i: number): Promise<readonly PageCheck[]> {
  const { world } = view.planned
  const { graph } = world
  const checks = [...graph.readers(i)].filter((reader) => graph.isCheck(reader))
  return Promise.all(
    checks.map(async (check) => {
      const { name, severity } = world.check(check)
      const last = world.state.checks.get(name)
      const history = (await stepsOf(view, name)).flatMap(({ run, step }) => {
        const result = step.outcome === 'checked' ? step.note : step.outcome
        return result === null || result === 'released'
          ? []
          : [{ run, at: step.finishedAt, result }]
      })
      return {
        name,
        severity,
        outcome: last?.outcome ?? null,
        failures: last?.failures ?? null,
        message: last?.message ?? null,
        history,
      }
    }),
  )
}

/** The inputs that the last build read, and those of today. */
function inputsOf({ planned: { world, decisions } }: View, i: number): readonly PageInput[] {
  const recorded = new Map((world.last(i)?.inputs ?? []).map((one) => [one.name, one.version]))
  const present = Array.from(world.graph.inputs(i), (input) => world.name(input))
  const short = (version: string | null | undefined) =>
    version == null ? null : shortVersion(version)
  return [...new Set([...present, ...recorded.keys()])].map((asset) => {
    const input = world.graph.indexOf(asset)
    const settled = input === undefined ? undefined : decisions.settled[input]
    const is = settled?.state === 'settled' ? settled.version : null
    return { asset, was: short(recorded.get(asset)), is: short(is) }
  })
}

/** The SQL or the command of an asset, and its declaration. Only files that the project itself names are read. */
function codeOf(view: View, name: string, declared: Place | null): readonly Code[] {
  const { workspace, survey } = view
  const { root } = workspace.site
  const code: Code[] = []
  const asset = workspace.project.assets.get(name)
  const file =
    survey.defined.later === null ? survey.defined.dbt().nodes.get(name)?.[0]?.file : null
  const text = file == null ? null : textOf(join(root, file))
  if (file != null && text !== null) {
    code.push({ file, line: 1, language: languageOf(file), text })
  }
  if (asset === undefined) return code
  const { query, run } = asset.spec
  const at = declared ?? { file: asset.file, line: 1 }
  if (typeof query === 'string') code.push({ ...at, language: 'sql', text: query })
  if (typeof run === 'string') code.push({ ...at, language: 'shell', text: run })
  const yaml = declared === null ? null : textOf(join(root, declared.file))
  if (yaml !== null) {
    code.push({ ...at, language: 'yaml', text: declarationIn(yaml, declared!.line) })
  }
  return code
}

function languageOf(file: string): Code['language'] {
  if (file.endsWith('.py')) return 'python'
  return file.endsWith('.yml') || file.endsWith('.yaml') ? 'yaml' : 'sql'
}

/** The lines of a YAML mapping from one line on: those that are indented deeper. */
function declarationIn(text: string, line: number): string {
  const lines = text.split('\n').slice(line - 1)
  const indent = (one: string) => one.length - one.trimStart().length
  const first = lines[0] ?? ''
  const end = lines.findIndex(
    (one, k) => k > 0 && one.trim() !== '' && indent(one) <= indent(first),
  )
  const own = end < 0 ? lines : lines.slice(0, end)
  return own
    .map((one) => one.slice(indent(first)))
    .join('\n')
    .trimEnd()
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').slice(0, LONGEST)
  } catch {
    return null
  }
}
