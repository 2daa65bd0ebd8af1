import { nextLines, spaced } from './next.ts'
import type { Reporter } from './reporter.ts'
import type { Style } from './style.ts'
import { asTyped } from './text.ts'

/** What `assets init` did in a folder. */
export interface InitReport {
  /** Relative to the current folder; '' for the current folder itself. */
  readonly folder: string
  /** `of dbt`: for the dbt project of the folder. `there`: the folder had an `assets.yaml` already. */
  readonly project: 'made' | 'of dbt' | 'there'
  /** What a project of dbt has, in words: `19 models`, `30 tests`. */
  readonly found: readonly string[]
  readonly written: readonly string[]
  /** Files that existed. They are unchanged. */
  readonly kept: readonly string[]
}

/** Shows `assets init`. */
export const initReporter: Reporter<InitReport> = { text: initText, json: initJson }

function initText({ folder, project, found, written, kept }: InitReport, style: Style): string {
  const where = folder === '' ? 'this folder' : folder
  const quoted = /\s/.test(folder) ? `'${folder}'` : folder
  const changeFolder = folder === '' ? '' : `cd ${quoted} && `
  const lines = [
    project === 'there'
      ? `${where} already contains a project; nothing was changed`
      : `created a project in ${where}`,
    ...written.map((file) => `  ${style.paint.green('written')}  ${file}`),
    ...kept.map((file) => `  ${style.paint.dim('kept')}     ${file}`),
    ...(found.length === 0 ? [] : [`dbt has ${found.join(', ')}`]),
    ...spaced(nextLines(`${changeFolder}assets ${NEXT[project]}`, style)),
  ]
  if (project !== 'made') return lines.join('\n')
  return [
    ...lines,
    asTyped('then: add a line to data/orders.csv, run assets status, and materialize again', style),
  ].join('\n')
}

const NEXT = { made: 'materialize', 'of dbt': 'plan', there: 'status' } as const

/** `assets/init/1`. */
function initJson({ folder, project, found, written, kept }: InitReport) {
  return { schema: 'assets/init/1', folder, project, found, written, kept } as const
}
