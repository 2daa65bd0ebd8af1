import { type Command, InvalidArgumentError, Option } from 'commander'

// The options that verbs share, and what they come to.

export interface Common {
  readonly json?: true
  readonly all?: true
  readonly target?: string
}
export interface Selecting extends Common {
  readonly exclude?: readonly string[]
}
export interface Looking extends Selecting {
  readonly offline?: true
  readonly only?: true
  readonly exitCode?: true
}
export interface Building extends Selecting {
  readonly only?: true
  readonly dryRun?: true
  readonly force?: true
  readonly fullRefresh?: true
  readonly failFast?: true
  readonly wait: boolean
  readonly yes?: true
  readonly threads?: number
}

export function asJson(command: Command): Command {
  return command.exitOverride().addOption(new Option('--json', 'machine-readable output'))
}

export function common(command: Command): Command {
  return asJson(command)
    .addOption(new Option('-t, --target <name>', 'where to look or build'))
    .addOption(new Option('--all', 'show every name where a list would be cut'))
}

export function selecting(command: Command): Command {
  return common(command).addOption(
    new Option('--exclude <select...>', 'leave these out of the selection'),
  )
}

export function looking(command: Command): Command {
  return selecting(command)
    .addOption(new Option('--offline', 'from records alone; connects to nothing'))
    .addOption(new Option('--exit-code', 'exit with 4 when something is not fresh'))
}

export function building(command: Command): Command {
  return selecting(command)
    .addOption(new Option('--only', 'just the selection, not its ancestors'))
    .addOption(new Option('--dry-run', 'show the plan and build nothing'))
    .addOption(new Option('--force', 'build the named assets even when they are fresh'))
    .addOption(
      new Option('--full-refresh', 'build the named assets from nothing, incremental ones too'),
    )
    .addOption(new Option('--fail-fast', 'start nothing new after the first failure'))
    .addOption(new Option('--no-wait', 'exit with 3 when another run holds the target'))
    .addOption(new Option('-y, --yes', 'build without asking where a target says `confirm: true`'))
    .addOption(
      new Option('--threads <n>', 'how many commands may run side by side').argParser(
        positiveInteger,
      ),
    )
}

export function lookOptions(select: readonly string[], options: Looking) {
  return {
    select,
    exclude: options.exclude ?? [],
    target: options.target ?? null,
    offline: options.offline === true,
    only: options.only === true,
    exitCode: options.exitCode === true,
  }
}

export function buildOptions(options: Building) {
  return {
    exclude: options.exclude ?? [],
    target: options.target ?? null,
    only: options.only === true,
    dryRun: options.dryRun === true,
    force: options.force === true,
    fullRefresh: options.fullRefresh === true,
    failFast: options.failFast === true,
    wait: options.wait,
    yes: options.yes === true,
    threads: options.threads ?? null,
  }
}

export function percent(text: string): number {
  const share = Number(/^(\d+(?:\.\d+)?)%$/.exec(text)?.[1] ?? Number.NaN) / 100
  if (!(share > 0 && share <= 1)) {
    throw new InvalidArgumentError('It must be a share above 0% and up to 100%, such as 5%.')
  }
  return share
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text))
    throw new InvalidArgumentError('It must be a whole number from 0 up.')
  return Number(text)
}

export function positiveInteger(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError('It must be a whole number from 1 up.')
  }
  return value
}
