import { hash } from '../lib/hash.ts'
import { code, folded, table } from './html.ts'
import { rangeText, stepsByFate } from './plan.ts'
import {
  baseNotes,
  changeText,
  columnName,
  leavesText,
  type PlanAgainstReport,
} from './plan-against.ts'
import { counted, grouped, tally } from './text.ts'

/** The longest comment that GitHub takes, in characters. */
const LIMIT = 65_536
/** More rows than this are shown on a click. */
const OPEN_ROWS = 15
/** How many rows a section has at most; the first number with which the comment is short enough. */
const MOST_ROWS = [2_000, 1_000, 500, 200, 100, 50, 20, 10, 5, 2, 0]
/** Reasons of one step, and names of one cell. */
const MOST_IN_CELL = 3

/**
 * The plan as a comment of a pull request. Its first line is a comment of HTML that is the same for this project and
 * target, so that the next one can replace it. At most 65,536 characters: what is cut is counted.
 */
export function planAgainstMarkdown(report: PlanAgainstReport): string {
  const sections = sectionsOf(report)
  for (const most of MOST_ROWS) {
    const text = [...headOf(report), ...sections.map((one) => shown(one, most))].join('\n\n')
    if (text.length <= LIMIT || most === 0) return text
  }
  throw new Error('the last number of rows fits')
}

/** A titled list. Cells are HTML. */
interface Section {
  readonly title: string
  readonly head: readonly string[]
  /** Made when they are shown. */
  readonly rows: readonly (() => readonly string[])[]
  /** Shown on a click, however short. */
  readonly isFolded: boolean
}

function headOf(report: PlanAgainstReport): readonly string[] {
  const { project, target, base, estimate, untimed } = report
  const { will, may, checks } = stepsByFate(report.steps)
  const counts = tally([
    [will.length, 'will build'],
    [may.length, 'may build'],
    [checks.length, checks.length === 1 ? 'check' : 'checks'],
    [report.added.length, 'new'],
    [report.removed.length, 'removed'],
  ])
  const at = base.relation === 'merge_base' ? 'the merge base of ' : ''
  const with_ = base.relation === 'merge_base' ? ' and HEAD' : ''
  const lines = [
    `${code(project)} on ${code(target)}, compared with ${at}${code(base.ref)}${with_} (${code(base.short)}).`,
    ...(estimate === null
      ? []
      : [
          `It takes ${rangeText(estimate)}, based on the last builds${
            untimed === 0 ? '' : `, without ${counted(untimed, 'step')} that never ran here`
          }.`,
        ]),
    ...baseNotes(report).map((note) => `${code(note)}.`),
  ]
  return [
    `<!-- assets-plan ${hash(project, target).slice(0, 16)} -->`,
    `### ${report.steps.length === 0 ? 'Nothing to build' : counts}`,
    `<p>${lines.join('\n')}</p>`,
  ]
}

function sectionsOf(report: PlanAgainstReport): readonly Section[] {
  const { will, may, checks } = stepsByFate(report.steps)
  const one = (names: readonly string[]) => names.map((name) => () => [code(name)])
  const sections: readonly Section[] = [
    {
      title: 'Will build',
      head: ['asset', 'because'],
      rows: will.map(({ asset, reasons }) => () => [
        code(asset),
        cut(reasons, ({ message }) => code(message), '<br>'),
      ]),
      isFolded: false,
    },
    {
      title: 'May build, known once their inputs are rebuilt',
      head: ['asset', 'waits for'],
      rows: may.map(({ asset, pendingOn }) => () => [code(asset), cut(pendingOn, code, ' ')]),
      isFolded: false,
    },
    {
      title: 'Columns',
      head: ['column', 'change', 'named by'],
      rows: report.columns.changes.map((change) => () => [
        code(columnName(change)),
        code(changeText(change)),
        cut(
          change.readers,
          ({ asset, file, line }) => `${code(asset)} ${code(`${file}:${line}`)}`,
          '<br>',
        ),
      ]),
      isFolded: false,
    },
    {
      title: 'Files that can change',
      head: ['asset', 'file'],
      rows: report.files.map(({ asset, path }) => () => [code(asset), code(path)]),
      isFolded: false,
    },
    {
      title: 'No longer in the project',
      head: ['asset', 'what it leaves'],
      rows: report.removed.map((one) => () => [code(one.asset), code(leavesText(one))]),
      isFolded: false,
    },
    {
      title: 'At another place',
      head: ['asset', 'was', 'is'],
      rows: report.moved.map(({ asset, from, to }) => () => [code(asset), code(from), code(to)]),
      isFolded: false,
    },
    {
      title: 'Externals at another place, whose content is not known here',
      head: ['asset'],
      rows: one(report.absent),
      isFolded: false,
    },
    {
      title: 'Views that are replaced only if the columns of their inputs change',
      head: ['asset'],
      rows: one(report.mayReplace),
      isFolded: true,
    },
    {
      title: 'Checks that will run',
      head: ['check'],
      rows: one(checks.map(({ asset }) => asset)),
      isFolded: true,
    },
    {
      title: 'Checks that wait for assets outside the selection',
      head: ['check', 'waits for'],
      rows: report.waiting.map(({ check, on }) => () => [code(check), cut(on, code, ' ')]),
      isFolded: true,
    },
    {
      title: 'Checks that are gone',
      head: ['check'],
      rows: one(report.removedChecks),
      isFolded: true,
    },
    {
      title: 'Changed, and the files do not say which columns',
      head: ['asset'],
      rows: one(report.columns.unknown),
      isFolded: true,
    },
    {
      title: 'Comments that will be set',
      head: ['asset'],
      rows: one(report.comments),
      isFolded: true,
    },
  ]
  return sections.filter(({ rows }) => rows.length > 0)
}

function shown({ title, head, rows, isFolded }: Section, most: number): string {
  const cutRows = rows.length - Math.min(rows.length, most)
  const lines = [
    ...(most === 0
      ? []
      : [
          table(
            head,
            rows.slice(0, most).map((row) => row()),
          ),
        ]),
    ...(cutRows === 0
      ? []
      : [
          `<p>${grouped(cutRows)} more are cut: a comment has at most ${grouped(LIMIT)} characters.</p>`,
        ]),
  ]
  const block = lines.join('\n')
  const heading = `${title} (${grouped(rows.length)})`
  return isFolded || rows.length > OPEN_ROWS
    ? folded(heading, block)
    : `<p>${heading}</p>\n${block}`
}

/** The first of several things, and how many more there are. */
function cut<T>(all: readonly T[], show: (one: T) => string, between: string): string {
  const shown = all.slice(0, MOST_IN_CELL).map(show)
  const more = all.length - shown.length
  return [...shown, ...(more === 0 ? [] : [`… ${grouped(more)} more`])].join(between)
}
