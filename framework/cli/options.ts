import { InvalidArgumentError } from 'commander'
import { parseDuration } from '../lib/duration.ts'
import type { Parameter } from './verb.ts'

// Constructors for parameters, and the options that several verbs share.

/** True when given. `--no-wait` is false when given. */
export function flag(usage: string, help: string): Parameter<boolean> {
  return { usage, help, default: usage.includes('--no-') }
}

/** One text; null when not given. */
export function text(usage: string, help: string): Parameter<string | null> {
  return { usage, help, default: null }
}

/** Any number of texts. */
function texts(usage: string, help: string): Parameter<readonly string[]> {
  return { usage, help, default: [] }
}

/** An argument that must be given. */
export function required(usage: string, help: string): Parameter<string> {
  return { usage, help, default: '' }
}

/** One of some words. */
export function choice<const T extends string>(
  usage: string,
  help: string,
  choices: readonly T[],
  defaultChoice?: T,
): Parameter<T> {
  if (defaultChoice === undefined) return { usage, help, choices, default: choices[0]! }
  return { usage, help, choices, default: defaultChoice, shownDefault: defaultChoice }
}

/** A value that `parse` reads; null when not given. */
export function parsed<T>(
  usage: string,
  help: string,
  parse: (text: string) => T,
): Parameter<T | null> {
  return { usage, help, parse, default: null }
}

const target = text('-t, --target <name>', 'Use this target instead of the default one')

/** An option of every verb that needs the definitions of assets. `program.ts` hands it to the context. */
export const varsOption = {
  vars: text('--vars <mapping>', "Values of dbt's `var()`, as YAML: '{start: 2026-01-01}'"),
}

/** The selection argument of most verbs. */
export const selectArgument = {
  select: texts('[select...]', 'Assets to include; all assets by default'),
}

export const targetOption = { target }

export const commonOptions = {
  target,
  all: flag('--all', 'Show all names; do not shorten lists'),
}

export const selectionOptions = {
  exclude: texts('--exclude <select...>', 'Assets to leave out of the selection'),
  ...varsOption,
  ...commonOptions,
}

export const onlyOption = {
  only: flag('--only', 'Leave out the ancestors of the selection'),
}

export const waitOption = {
  wait: flag('--no-wait', 'Exit with code 3 when another run holds the target'),
}

export const exitCodeOption = {
  exitCode: flag('--exit-code', 'Exit with code 4 when something is not fresh'),
}

export const offlineOption = {
  offline: flag('--offline', 'Use records only; connect to nothing'),
}

/** Options of `materialize` for a warehouse that was filled before. */
export const adoptOptions = {
  adopt: flag(
    '--adopt',
    'Record what the warehouse holds already, where that is proved or vouched for, instead of building it',
  ),
  vouch: texts(
    '--vouch <select...>',
    'With --adopt: assets that hold what their present code makes of their present inputs',
  ),
}

/** Options of the verbs that build: `materialize` and `run`. */
export const buildOptions = {
  dryRun: flag('--dry-run', 'Show the plan without building anything'),
  ...onlyOption,
  force: flag('--force', 'Build the selected assets even when they are fresh'),
  fullRefresh: flag(
    '--full-refresh',
    'Rebuild the selected assets from scratch, including incremental ones',
  ),
  prune: flag(
    '--prune',
    'Drop the relations that moved assets left behind, if they are ours and nothing reads them',
  ),
  failFast: flag('--fail-fast', 'Start no further steps after the first failure'),
  ...waitOption,
  yes: flag('-y, --yes', 'Skip the confirmation of a target with `confirm: true`'),
  threads: parsed(
    '--threads <n>',
    'Maximum number of commands to run in parallel',
    positiveInteger,
  ),
  ...selectionOptions,
}

/** `5%` as 0.05. */
export function percent(text: string): number {
  const share = Number(/^(\d+(?:\.\d+)?)%$/.exec(text)?.[1] ?? Number.NaN) / 100
  if (!(share > 0 && share <= 1)) {
    throw new InvalidArgumentError('It must be a percentage above 0% and up to 100%, such as 5%.')
  }
  return share
}

/** `90d` as milliseconds. */
export function duration(text: string): number {
  const milliseconds = parseDuration(text)
  if (milliseconds === null) throw new InvalidArgumentError('It must be a duration such as 90d.')
  return milliseconds
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text))
    throw new InvalidArgumentError('It must be a whole number, 0 or more.')
  return Number(text)
}

export function positiveInteger(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError('It must be a whole number, 1 or more.')
  }
  return value
}
