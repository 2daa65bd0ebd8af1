import type { Reporter } from './reporter.ts'
import type { Style } from './style.ts'
import { asTyped, nextLine } from './text.ts'

/** What `assets init` did in a folder. */
export interface InitReport {
  /** Relative to the current folder; '' for the current folder itself. */
  readonly folder: string
  /** `there`: the folder had an `assets.yaml` already. */
  readonly project: 'made' | 'there'
  readonly written: readonly string[]
  /** Files that existed. They are unchanged. */
  readonly kept: readonly string[]
}

/** Shows `assets init`. */
export const initReporter: Reporter<InitReport> = { text: initText, json: initJson }

function initText({ folder, project, written, kept }: InitReport, style: Style): string {
  const where = folder === '' ? 'this folder' : folder
  const quoted = /\s/.test(folder) ? `'${folder}'` : folder
  const changeFolder = folder === '' ? '' : `cd ${quoted} && `
  const lines = [
    project === 'made' ? `created a project in ${where}` : `${where} already contains a project`,
    ...written.map((file) => `  ${style.paint.green('written')}  ${file}`),
    ...kept.map((file) => `  ${style.paint.dim('kept')}     ${file}`),
    '',
    nextLine(`${changeFolder}assets ${project === 'made' ? 'materialize' : 'status'}`, style),
  ]
  if (project === 'there') return lines.join('\n')
  return [
    ...lines,
    asTyped('then: add a line to data/orders.csv, run assets status, and materialize again', style),
  ].join('\n')
}

/** `assets/init/1`. */
function initJson({ folder, project, written, kept }: InitReport) {
  return { schema: 'assets/init/1', folder, project, written, kept } as const
}
