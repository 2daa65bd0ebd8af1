import type { Argument, Command, Option } from 'commander'
import { methodOf } from '../../graph/selection/methods.ts'
import type { Stream } from '../../report/console.ts'
import { createProgram } from '../program.ts'
import type {
  CommandWords,
  OptionWords,
  StaticWords,
  ValueKind,
  ValueWords,
} from './command-words.ts'

/** By the placeholder of a value or the name of its option. Other values can't be completed. */
const KINDS: Readonly<Record<string, ValueKind>> = {
  select: 'select',
  asset: 'asset',
  job: 'job',
  run: 'run',
  target: 'target',
  connection: 'connection',
  file: 'file',
  folder: 'file',
  command: 'command',
}

const NO_STREAM: Stream = { write: () => undefined, isTTY: false, columns: undefined }

/** The static words, from the declarations of the verbs. The bundler calls it, so that a shell needs no commander. */
export function staticWords(): StaticWords {
  const program = createProgram('', NO_STREAM, NO_STREAM, () => undefined)
  const methods = ['state', 'status', 'result', 'source_status']
  return {
    program: wordsOf(program),
    methods: Object.fromEntries(methods.map((name) => [name, methodOf(name)?.words ?? []])),
  }
}

function wordsOf(command: Command): CommandWords {
  const visible = command.createHelp()
  return {
    name: command.name(),
    help: command.description(),
    commands: visible.visibleCommands(command).map(wordsOf),
    arguments: command.registeredArguments.map(ofArgument),
    options: visible.visibleOptions(command).map(ofOption),
  }
}

function ofArgument(argument: Argument): ValueWords {
  const { argChoices = [], variadic } = argument
  return { is: KINDS[argument.name()] ?? 'any', choices: argChoices, isVariadic: variadic }
}

function ofOption(option: Option): OptionWords {
  const { short, long, flags, description, argChoices = [], variadic } = option
  const placeholder = /[<[](\w+)/.exec(flags)?.[1]
  const kind = KINDS[placeholder ?? ''] ?? KINDS[option.attributeName()] ?? 'any'
  return {
    names: [short, long].filter((name) => name != null),
    help: description,
    value:
      placeholder === undefined ? null : { is: kind, choices: argChoices, isVariadic: variadic },
  }
}
