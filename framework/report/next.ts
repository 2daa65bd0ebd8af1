import type { Problem } from '../model/problem.ts'
import type { Style } from './style.ts'
import { asTyped } from './text.ts'

/**
 * The last line of a result, `next: COMMAND`, or no line: if nothing is next (`command` is null), or if the command is
 * the one that was just typed. While a server can't be reached or refuses the login, `assets doctor` is next.
 */
export function nextLines(command: string | null, style: Style): readonly string[] {
  const { paint, target, typed } = style
  const wanted = style.hasAccessFault === true ? 'assets doctor' : command
  if (wanted === null) return []
  const isComplete = target === undefined || wanted.includes(' --target ')
  const whole = isComplete ? wanted : `${wanted} --target ${target}`
  if (typed !== undefined && essence(whole) === essence(typed)) return []
  return [`next: ${paint.bold(asTyped(whole, style))}`]
}

/** Whether one of these says that a server can't be reached, or refuses the login. */
export const hasAccessFault = (problems: readonly Problem[]): boolean =>
  problems.some(({ isAccessFault }) => isAccessFault === true)

/** Lines below an empty one; none if there are none. */
export const spaced = (lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', ...lines]

/** A command line without what does not change what it does. Both have the target of the result. */
function essence(command: string): string {
  return command
    .replaceAll(/ (?:--target|-t)(?:=|\s+)?(?:'[^']*'|[^\s']+)/g, '')
    .replaceAll(/ (?:--all|--exit-code|--no-wait|--yes|-y|--select|-s)(?= |$)/g, '')
}
