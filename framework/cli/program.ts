import { Argument, Command, CommanderError, Option } from 'commander'
import type { Problem } from '../model/problem.ts'
import type { Stream } from '../report/console.ts'
import { type Context, EXIT } from './context.ts'
import type { Output } from './output.ts'
import { helpProblem, usageProblem } from './usage.ts'
import type { Example, Parameter, Verb } from './verb.ts'
import { commands, verbs } from './verbs/index.ts'

export interface Invocation {
  /** Runs the verb with an output that follows `json` and `all`. */
  readonly run: (context: Context, output: Output) => Promise<number>
  readonly json: boolean
  readonly all: boolean
  /** As of `Verb.acts`. */
  readonly acts: boolean
}

/** A verb to run, the exit code after `--help` or `--version`, or the problem of the command line. */
export type Parsed =
  | { readonly is: 'invocation'; readonly invocation: Invocation }
  | { readonly is: 'end'; readonly code: number }
  | { readonly is: 'refused'; readonly problem: Problem }

/**
 * Parses a command line by the declarations in `verbs/`. Imports no verb's code. Prints `--help` and
 * `--version` to `stdout`. Problem: `usage`.
 */
export async function parse(
  argv: readonly string[],
  version: string,
  stdout: Stream,
  stderr: Stream,
): Promise<Parsed> {
  let invocation: Invocation | null = null
  const program = createProgram(version, stdout, stderr, (parsed) => {
    invocation = parsed
  })
  const [first, second] = argv
  if (first === 'help' && second !== undefined && !verbs.some(({ name }) => name === second)) {
    return { is: 'refused', problem: helpProblem(second) }
  }
  // Both are typed as often as the option.
  const asked = first === 'version' || first === '-V' ? ['--version'] : argv
  try {
    await program.parseAsync([...asked], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return { is: 'end', code: EXIT.done }
    // A group without a verb prints its help.
    if (error.code === 'commander.help') return { is: 'end', code: EXIT.usage }
    const fits = async (line: readonly string[]) =>
      (await parse(line, version, SILENT, SILENT)).is !== 'refused'
    return { is: 'refused', problem: await usageProblem(error, argv, fits) }
  }
  if (invocation === null) {
    stderr.write(program.helpInformation())
    return { is: 'end', code: EXIT.usage }
  }
  return { is: 'invocation', invocation }
}

/** The whole command line in commander's terms, by the declarations in `verbs/`. `invoke` gets the verb to run. */
export function createProgram(
  version: string,
  stdout: Stream,
  stderr: Stream,
  invoke: (invocation: Invocation) => void,
): Command {
  const program = new Command('assets')
    .description('Build the stale assets of a data warehouse in dependency order.')
    .version(version, '-v, --version', 'Print the version')
    .helpOption('-h, --help', 'Print help')
    .helpCommand('help [command]', 'Print the help of a command')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: () => undefined,
      getOutHelpWidth: () => stdout.columns ?? 80,
      getErrHelpWidth: () => stderr.columns ?? 80,
    })
    .showSuggestionAfterError(true)
    .enablePositionalOptions()
    .addHelpText('after', () => examplesText(commands.flatMap(([, verb]) => verb.examples ?? [])))
  for (const entry of verbs) {
    const isGroup = 'verbs' in entry
    const parent = isGroup ? program.command(entry.name).description(entry.summary) : program
    for (const verb of isGroup ? entry.verbs : [entry]) addVerb(parent, verb, invoke)
  }
  return program
}

/** Where nothing is printed, for a command line that is only tried. */
const SILENT: Stream = { write: () => undefined, isTTY: false, columns: undefined }

function addVerb(parent: Command, verb: Verb, invoke: (invocation: Invocation) => void): void {
  const command = parent.command(verb.name).description(verb.summary)
  const { examples = [] } = verb
  if (examples.length > 0) command.addHelpText('after', () => examplesText(examples))
  for (const parameter of Object.values(verb.arguments)) {
    command.addArgument(withDetails(new Argument(parameter.usage, parameter.help), parameter))
  }
  const names = new Map<string, string>()
  for (const [key, parameter] of Object.entries(verb.options)) {
    const option = withDetails(new Option(parameter.usage, parameter.help), parameter)
    if (parameter.hidden === true) option.hideHelp()
    command.addOption(option)
    names.set(key, option.attributeName())
  }
  const takesSelection = 'select' in verb.arguments
  if (takesSelection) command.addOption(SELECT())
  if (verb.json !== null) command.addOption(new Option('--json', jsonHelp(verb)))

  command.action(() => {
    const given: Readonly<Record<string, unknown>> = command.opts()
    const values: Record<string, unknown> = {}
    for (const [at, [key, parameter]] of Object.entries(verb.arguments).entries()) {
      values[key] = command.processedArgs[at] ?? parameter.default
    }
    for (const [key, parameter] of Object.entries(verb.options)) {
      values[key] = given[names.get(key)!] ?? parameter.default
    }
    if (takesSelection) {
      values.select = [
        ...(values.select as readonly string[]),
        ...((given.select ?? []) as readonly string[]),
      ]
    }
    invoke({
      run: (context, output) => {
        const { vars } = values
        const given = typeof vars === 'string' ? { ...context, vars } : context
        return verb.run(given, output, values)
      },
      json: given.json === true,
      all: values.all === true,
      acts: verb.acts?.(values) ?? false,
    })
  })
}

/** The selection as an option, as dbt has it. It adds to the argument. */
const SELECT = () => new Option('-s, --select <select...>', 'Assets to include, like the argument')

/** Adds a parameter's parser, choices and visible default to commander's object for it. */
function withDetails<T extends Argument | Option>(
  target: T,
  { parse, choices, default: value, shownDefault }: Parameter<unknown>,
): T {
  if (parse !== undefined) target.argParser(parse)
  if (choices !== undefined) target.choices(choices)
  if (shownDefault !== undefined) target.default(value, shownDefault)
  return target
}

function jsonHelp({ json, jsonHelp }: Verb): string {
  return jsonHelp ?? `Print JSON (${(json ?? []).join(' or ')})`
}

function examplesText(examples: readonly Example[]): string {
  const width = Math.max(0, ...examples.map(([command, does]) => (does ? command.length : 0)))
  const lines = examples.map(([command, does]) => `  ${command.padEnd(width)}  ${does}`.trimEnd())
  return ['', 'Examples:', ...lines].join('\n')
}
