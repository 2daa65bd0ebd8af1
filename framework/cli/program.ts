import { Argument, Command, CommanderError, Option } from 'commander'
import type { Problem } from '../model/problem.ts'
import { type Context, EXIT } from './context.ts'
import type { GraphOptions } from './graph.ts'
import {
  asJson,
  type Building,
  building,
  buildOptions,
  type Common,
  common,
  type Looking,
  looking,
  lookOptions,
  percent,
  positiveInteger,
  type Selecting,
  selecting,
  wholeNumber,
} from './options.ts'
import type { Output } from './output.ts'
import { usageProblem } from './usage.ts'

export interface Invocation {
  /** The verb's code, run with the output that `--json` and `--all` ask for. */
  readonly run: (context: Context, output: Output) => Promise<number>
  readonly json: boolean
  readonly all: boolean
}

/** What a command line asks for, how it ends at once (`--help`, `--version`), or why it can't be read. */
export type Parsed =
  | { readonly is: 'invocation'; readonly invocation: Invocation }
  | { readonly is: 'end'; readonly code: number }
  | { readonly is: 'refused'; readonly problem: Problem }

type GraphFormat = GraphOptions['format']

/**
 * Reads the command line. Verbs are imported when they are asked for, so `--help` loads none.
 * `write` and `writeError` receive help. Problem: `usage`.
 */
export async function parse(
  argv: readonly string[],
  version: string,
  write: (text: string) => void,
  writeError: (text: string) => void,
): Promise<Parsed> {
  let asked: Invocation | null = null
  const ask = (options: Common, run: Invocation['run']) => {
    asked = { run, json: options.json === true, all: options.all === true }
  }
  const program = new Command('assets')
    .description('Builds what is stale of a data warehouse, in order, and says why.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: writeError, outputError: () => undefined })
    .showSuggestionAfterError(true)
    .enablePositionalOptions()
    .addHelpText('after', EXAMPLES)

  building(
    program
      .command('materialize')
      .argument('[select...]', 'what to build; everything when left out')
      .description('build what is stale in the selection and its ancestors'),
  ).action((select: string[], options: Building) =>
    ask(options, async (context, output) => {
      const { materialize } = await import('./materialize.ts')
      return materialize(context, output, { ...buildOptions(options), select, job: null })
    }),
  )

  looking(
    program
      .command('status')
      .argument('[select...]', 'what to show; everything when left out')
      .description('every verdict, observed now'),
  ).action((select: string[], options: Looking) =>
    ask(options, async (context, output) => {
      const { status } = await import('./status.ts')
      return status(context, output, lookOptions(select, options))
    }),
  )

  looking(
    program
      .command('plan')
      .argument('[select...]', 'what to plan for; everything when left out')
      .description('what materialize would build, may build, and leaves alone'),
  )
    .addOption(new Option('--only', 'just the selection, not its ancestors'))
    .action((select: string[], options: Looking) =>
      ask(options, async (context, output) => {
        const { plan } = await import('./plan.ts')
        return plan(context, output, lookOptions(select, options))
      }),
    )

  common(
    program
      .command('why')
      .argument('<asset>', 'an asset or a check')
      .description('the chain of causes behind a verdict'),
  )
    .addOption(new Option('--offline', 'from records alone'))
    .action((name: string, options: Looking) =>
      ask(options, async (context, output) => {
        const { why } = await import('./why.ts')
        const { target, offline } = lookOptions([], options)
        return why(context, output, name, { target, offline })
      }),
    )

  selecting(
    program
      .command('list')
      .argument('[select...]', 'what to list; everything when left out')
      .description('the names of a selection'),
  ).action((select: string[], options: Selecting) =>
    ask(options, async (context, output) => {
      const { list } = await import('./list.ts')
      const { target, exclude } = lookOptions(select, options)
      return list(context, output, { select, exclude, target })
    }),
  )

  selecting(
    program
      .command('graph')
      .argument('[select...]', 'what to draw; everything when left out')
      .description('lineage as text, Mermaid, DOT or JSON'),
  )
    .addOption(
      new Option('--format <format>', 'how')
        .choices(['text', 'mermaid', 'dot', 'json'])
        .default('text'),
    )
    .addOption(new Option('--checks', 'checks too, not only assets'))
    .action((select: string[], options: Selecting & { format: GraphFormat; checks?: true }) =>
      ask(options, async (context, output) => {
        const { graph } = await import('./graph.ts')
        const { target, exclude } = lookOptions(select, options)
        const format = options.json === true ? 'json' : options.format
        return graph(context, output, {
          select,
          exclude,
          target,
          format,
          checks: options.checks === true,
        })
      }),
    )

  common(
    program
      .command('runs')
      .argument('[run]', 'a run number: its steps', positiveInteger)
      .description('what was run, when, and what came of it'),
  )
    .addOption(new Option('--limit <n>', 'how many').argParser(positiveInteger).default(20))
    .action((run: number | undefined, options: Common & { limit: number }) =>
      ask(options, async (context, output) => {
        const { runs } = await import('./runs.ts')
        const { target = null, limit } = options
        return runs(context, output, run ?? null, { target, limit })
      }),
    )

  selecting(
    program
      .command('verify')
      .argument('[select...]', 'what to verify; everything when left out')
      .description('build fresh assets again in scratch and compare: is fresh true?'),
  )
    .addOption(
      new Option('--sample <percent>', 'only a share of them: 5%')
        .argParser(percent)
        .default(1, 'all'),
    )
    .addOption(new Option('--seed <n>', 'draw the same sample again').argParser(wholeNumber))
    .addOption(new Option('--no-wait', 'exit with 3 when a run holds the target'))
    .action(
      (select: string[], options: Selecting & { sample: number; seed?: number; wait: boolean }) =>
        ask(options, async (context, output) => {
          const { verify } = await import('./verify.ts')
          const { target, exclude } = lookOptions(select, options)
          const { sample: share, seed = null, wait } = options
          return verify(context, output, { select, exclude, target, share, seed, wait })
        }),
    )

  common(
    program
      .command('savings')
      .description('what was not built, and what that saved, from the history of runs'),
  )
    .addOption(new Option('--since <when>', 'a date, or how long ago: 7d, 12h, 2026-03-01'))
    .action((options: Common & { since?: string }) =>
      ask(options, async (context, output) => {
        const { savings } = await import('./savings.ts')
        const { target = null, since = null } = options
        return savings(context, output, { target, since })
      }),
    )

  common(
    program.command('check').description('all problems of the configuration; connects to nothing'),
  ).action((options: Common) =>
    ask(options, async (context, output) => {
      const { check } = await import('./check.ts')
      return check(context, output, { target: options.target ?? null })
    }),
  )

  asJson(
    program
      .command('doctor')
      .description('what a target needs: logins, privileges, versions, clocks, disks, slots'),
  )
    .addOption(new Option('-t, --target <name>', 'what to look at'))
    .action((options: Common) =>
      ask(options, async (context, output) => {
        const { doctor } = await import('./doctor.ts')
        return doctor(context, output, { target: options.target ?? null })
      }),
    )

  building(
    program
      .command('run')
      .argument('<job>', 'a job of assets.yaml')
      .description("build a job's selection, as cron would"),
  ).action((job: string, options: Building) =>
    ask(options, async (context, output) => {
      const { runJob } = await import('./run-job.ts')
      return runJob(context, output, job, buildOptions(options))
    }),
  )

  asJson(
    program
      .command('init')
      .argument('[folder]', 'where; this folder when left out', '.')
      .description('a small project to start from; overwrites nothing'),
  ).action((folder: string, options: Common) =>
    ask(options, async (context, output) => {
      const { init } = await import('./init.ts')
      return init(context, output, folder)
    }),
  )

  program
    .command('schema')
    .exitOverride()
    .addArgument(
      new Argument('<file>', 'assets.yaml or the files that it includes').choices(SCHEMAS),
    )
    .description('the JSON Schema of a YAML file, for editors')
    .action((file: (typeof SCHEMAS)[number]) =>
      ask({ json: true }, async (context, output) => {
        const { printSchema } = await import('./schema.ts')
        return printSchema(context, output, file)
      }),
    )

  const source = program
    .command('source')
    .description('look into and change an embedded source')
    .exitOverride()
  const connection = () => new Option('--connection <name>', 'which one, where there are several')
  common(
    source
      .command('sql')
      .argument('<sql>', 'one statement or several')
      .description('run SQL on it: change a row, watch what becomes stale'),
  )
    .addOption(connection())
    .action((sql: string, options: Common & { connection?: string }) =>
      ask(options, async (context, output) => {
        const { sourceSql } = await import('./source.ts')
        const { target = null, connection: name = null } = options
        return sourceSql(context, output, sql, { target, connection: name })
      }),
    )
  common(source.command('reset').description('throw it away and make it anew'))
    .addOption(connection())
    .action((options: Common & { connection?: string }) =>
      ask(options, async (context, output) => {
        const { sourceReset } = await import('./source.ts')
        const { target = null, connection: name = null } = options
        return sourceReset(context, output, { target, connection: name })
      }),
    )

  const state = program
    .command('state')
    .description('carry the records of a target from one place to another')
    .exitOverride()
  common(
    state
      .command('copy')
      .description("copy a target's records between its `state:` and a SQLite file"),
  )
    .addOption(new Option('--from <file>', 'from this SQLite file into the `state:` of the target'))
    .addOption(new Option('--to <file>', 'from the `state:` of the target into this SQLite file'))
    .addOption(new Option('--replace', 'throw away what the destination holds of the target'))
    .action((options: Common & { from?: string; to?: string; replace?: true }) =>
      ask(options, async (context, output) => {
        const { stateCopy } = await import('./state.ts')
        const { target = null, from = null, to = null } = options
        return stateCopy(context, output, { target, from, to, replace: options.replace === true })
      }),
    )

  try {
    await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return { is: 'end', code: EXIT.done }
    // A group of verbs without one of them prints its help.
    if (error.code === 'commander.help') return { is: 'end', code: EXIT.usage }
    return { is: 'refused', problem: usageProblem(error, argv) }
  }
  if (asked === null) {
    writeError(program.helpInformation())
    return { is: 'end', code: EXIT.usage }
  }
  return { is: 'invocation', invocation: asked }
}

const SCHEMAS = ['project', 'assets'] as const

const EXAMPLES = `
Examples:
  assets materialize                  build everything that is stale
  assets materialize fact_payment     one asset and its ancestors
  assets plan 'group:reports+'        what that selection would build
  assets why revenue_trend            why it is stale, down to the root
  assets source sql "update payment set amount = amount + 1 where payment_id = 1"
`
