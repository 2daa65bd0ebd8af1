import type { Fault } from './compare.ts'
import type { Failure, Step } from './play.ts'
import { Sequence } from './sequence.ts'
import {
  between,
  type Change,
  isEmpty,
  type ProjectState,
  type SoakProject,
  transplanted,
} from './state.ts'

/** The state of a project and steps from there, of which the last one shows the fault. */
export interface Reproduction {
  readonly state: ProjectState
  readonly steps: readonly Step[]
  readonly fault: Fault
}

/** The whole history of a failure. */
export function longest({ fault, project, steps }: Failure): Reproduction {
  return { state: project, steps, fault }
}

/** Looks for a shorter history with the same kind of fault, until `isOver`. */
export async function shortened(
  failure: Failure,
  python: string,
  isOver: () => boolean,
): Promise<Reproduction> {
  const { fault, project, steps } = failure
  const whole = longest(failure)
  const last = steps.at(-1)
  if (last === undefined) return whole
  const shows = async (state: ProjectState, list: readonly Step[]) => {
    if (isOver()) return null
    const found = await replayed(project, state, list, python)
    return found?.what === fault.what ? found : null
  }
  const apart = await shows(last.from, [last])
  if (apart !== null) return smaller(project, last, apart, shows)
  let list: readonly Step[] = steps
  let found = fault
  for (
    let size = Math.ceil(list.length / 2);
    size > 0;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let at = 0; at < list.length - 1; ) {
      const fewer = [...list.slice(0, at), ...list.slice(Math.min(at + size, list.length - 1))]
      const same = await shows(project, fewer)
      if (same === null) at += size
      else {
        list = fewer
        found = same
      }
    }
  }
  return { state: project, steps: list, fault: found }
}

/** One change shows the fault: the original project and a part of the change may do as well. */
async function smaller(
  project: SoakProject,
  step: Step,
  fault: Fault,
  shows: (state: ProjectState, list: readonly Step[]) => Promise<Fault | null>,
): Promise<Reproduction> {
  let best: { step: Step; fault: Fault } = { step, fault }
  const original = transplanted(step.change, step.from, project)
  if (original !== null && !isEmpty(original)) {
    const other = { ...step, from: project, change: original }
    const same = await shows(project, [other])
    if (same !== null) best = { step: other, fault: same }
  }
  for (const part of partsOf(best.step.change)) {
    const other = { ...best.step, change: part }
    const same = await shows(other.from, [other])
    if (same === null) continue
    best = { step: other, fault: same }
    break
  }
  return { state: best.step.from, steps: [best.step], fault: best.fault }
}

function partsOf({ label, files, env }: Change): readonly Change[] {
  const all = [
    ...Object.entries(files).map(([name, text]) => ({ label, files: { [name]: text }, env: {} })),
    ...Object.entries(env).map(([name, value]) => ({ label, files: {}, env: { [name]: value } })),
  ]
  return all.length > 1 ? all : []
}

/** The fault that a list of changes shows; null for none. A change that does not fit is left out. */
async function replayed(
  project: SoakProject,
  state: ProjectState,
  steps: readonly Step[],
  python: string,
): Promise<Fault | null> {
  const sequence = new Sequence(project, python, state)
  try {
    const first = await sequence.begin()
    if (first !== null) return first
    for (const { from, change, trial } of steps) {
      const fitting = transplanted(change, from, sequence.state)
      if (fitting === null || isEmpty(fitting)) continue
      const outcome = await sequence.try(fitting, trial)
      if (outcome.is === 'fault') return outcome.fault
    }
    return null
  } finally {
    sequence.remove()
  }
}

/**
 * A reproduction as text: what is wrong, how the project differs from the original one at the beginning,
 * and each change as a diff.
 */
export function described(project: SoakProject, { state, steps, fault }: Reproduction): string {
  const lines: string[] = [fault.what, fault.text]
  const earlier = between(project, state, `how ${project.name} was before the first build`)
  const all = steps.map(({ from, change, trial }) => ({ from, change, alone: trial.alone }))
  if (!isEmpty(earlier)) all.unshift({ from: project, change: earlier, alone: null })
  for (const { from, change, alone } of all) {
    lines.push('', change === earlier ? change.label : `then: ${change.label}`)
    for (const [file, text] of Object.entries(change.files)) {
      lines.push(...diff(file, from.files[file] ?? null, text))
    }
    for (const [name, value] of Object.entries(change.env)) {
      lines.push(`${name}: ${from.env[name] ?? 'unset'} → ${value ?? 'unset'}`)
    }
    if (alone !== null) lines.push(`${alone} is built alone first`)
  }
  return lines.join('\n')
}

const AROUND = 2

/** The lines that differ, with those around them. */
function diff(file: string, before: string | null, after: string | null): readonly string[] {
  const old = before?.split('\n') ?? []
  const now = after?.split('\n') ?? []
  let start = 0
  while (start < Math.min(old.length, now.length) && old[start] === now[start]) start++
  let end = 0
  const most = Math.min(old.length, now.length) - start
  while (end < most && old.at(-1 - end) === now.at(-1 - end)) end++
  return [
    `--- ${before === null ? 'nothing' : file}`,
    `+++ ${after === null ? 'nothing' : file}`,
    ...old.slice(Math.max(0, start - AROUND), start).map((line) => ` ${line}`),
    ...old.slice(start, old.length - end).map((line) => `-${line}`),
    ...now.slice(start, now.length - end).map((line) => `+${line}`),
    ...now.slice(now.length - end, now.length - end + AROUND).map((line) => ` ${line}`),
  ]
}
