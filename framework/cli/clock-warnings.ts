import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LONGEST_CODE } from '../lib/longest-code.ts'
import type { Definition } from '../model/definition.ts'
import type { Problem } from '../model/problem.ts'
import type { Planned } from '../plan/plan.ts'
import { type ClockWithoutPolicy, clocksWithoutPolicy } from '../staleness/clock-policy.ts'
import type { DefinedProject } from '../staleness/define.ts'
import type { Workspace } from './workspace.ts'

/** What names the clock in SQL, Jinja and Python. Only for the text of a warning: a kind decides. */
const CLOCK =
  /(?<![\w.$])(?:current_(?:timestamp|date|time)|localtime(?:stamp)?|sysdate|systimestamp|run_started_at|invocation_id)(?![\w$])|(?<![\w$])(?:now|today|utcnow|getdate|get_current_timestamp|(?:transaction|statement|clock|unix)_timestamp|sysdatetime)\s*\(/i

/** Comments of SQL and Jinja, and literals without Jinja. They are blanked out with their length kept. */
const SILENT = /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\{#[\s\S]*?(?:#\}|$)|'[^'\n{]*(?:''[^'\n{]*)*'/g

/**
 * A warning for each asset that names the clock and declares no policy for it (SEMANTICS 18b).
 * `isAsked`: whether the command is about the asset. Reads the files of these assets.
 */
export function clockWarnings(
  { site }: Pick<Workspace, 'site'>,
  { definitions, clocks }: Pick<DefinedProject, 'definitions' | 'clocks'>,
  isAsked: (asset: string) => boolean = () => true,
): readonly Problem[] {
  if (clocks.length === 0) return []
  return clocksWithoutPolicy(site.project.assets, definitions, clocks)
    .filter(({ asset }) => isAsked(asset.name))
    .map((one) => warning(one, site.root))
}

/** Whether the run of a plan is about an asset. */
export function inRunOf({ world, request }: Planned): (asset: string) => boolean {
  return (asset) => {
    const i = world.graph.indexOf(asset)
    return i !== undefined && request.inRun(i)
  }
}

function warning({ asset, names }: ClockWithoutPolicy, root: string): Problem {
  const word = clockWord(names, root)
  const what = word === null ? 'the clock, which its code names,' : word
  const through = names.asset === asset.name ? '' : ` in ${names.asset}`
  return {
    code: 'clock-without-policy',
    message: `${asset.name}: ${what}${through} gives other rows as time passes, and nothing makes it stale`,
    at: { file: asset.file, path: ['assets', asset.name], key: true },
    hint: 'declare how old it may be, such as `freshness: {max_age: 1d}`, or list the columns that only record the time in `volatile_columns:`',
    asset: asset.name,
  }
}

/** `current_date (dbt/models/daily.sql:3)`; null if no file of the code has a known word. */
function clockWord({ parts }: Definition, root: string): string | null {
  for (const file of new Set(parts.flatMap((part) => part.file ?? []))) {
    const code = textOf(join(root, file))
    if (code.length > LONGEST_CODE) continue
    const text = code.replace(SILENT, (silent) => silent.replace(/[^\n]/g, ' '))
    const found = CLOCK.exec(text)
    if (found === null) continue
    const [word] = found
    const line = text.slice(0, found.index).split('\n').length
    const name = word.endsWith('(') ? `${word.slice(0, -1).trimEnd()}()` : word
    return `${name} (${file}:${line})`
  }
  return null
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
