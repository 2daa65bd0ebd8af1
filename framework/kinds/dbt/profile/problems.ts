import { closest } from '../../../lib/did-you-mean.ts'
import type { Location, Pointer } from '../../../model/location.ts'
import type { Problem } from '../../../model/problem.ts'
import type { OutputChoice, ProfileOutputs } from './choose-output.ts'

/** What problems of a profile name. Files are relative to the project root. */
export interface ProfileSubject {
  /** profiles.yml, for messages: absolute if it is outside the project root. */
  readonly file: string
  /** profiles.yml, for pointers. */
  readonly profiles: string
  /** dbt_project.yml. */
  readonly project: string
  /** assets.yaml. */
  readonly config: string
  readonly target: string
}

/** The problem of a missing profiles.yml. `profile`: the name that dbt_project.yml gives; null if none. */
export function profilesMissing(
  { file, project }: ProfileSubject,
  profile: string | null,
  at: Pointer | Location,
): Problem {
  return {
    code: 'dbt-profiles-missing',
    message: `${file} does not exist: it says to which warehouse dbt connects`,
    at,
    detail: [
      `For a DuckDB file beside ${project}, write these lines into profiles.yml in the same folder:`,
      '',
      ...example(profile ?? 'my_profile'),
      '',
      'dbt looks for profiles.yml in DBT_PROFILES_DIR, else in the folder of dbt_project.yml, else in ~/.dbt.',
      ...(profile === null ? ['', `Then name the profile in ${project}: profile: my_profile`] : []),
    ].join('\n'),
    hint: 'write it and run the same command again',
    mistake: true,
  }
}

/** The lines of a profile with one DuckDB output. */
function example(profile: string): readonly string[] {
  return [
    `${profile}:`,
    '  target: dev',
    '  outputs:',
    '    dev:',
    '      type: duckdb',
    `      path: ${profile}.duckdb`,
  ]
}

/** The problem of a profile without the wanted output. */
export function outputMissing(
  choice: Exclude<OutputChoice, { readonly is: 'chosen' }>,
  found: ProfileOutputs,
  { file, profiles, project, config, target }: ProfileSubject,
): Problem {
  const { profile } = found
  const base = { code: 'dbt-profile', mistake: true } as const
  switch (choice.is) {
    case 'no_profile':
      return profile === null
        ? {
            ...base,
            message: `${project} names no profile, so dbt does not know to which warehouse it connects`,
            at: { file: project, path: [] },
            hint: `add to ${project}: profile: ${found.profiles[0] ?? 'my_profile'}`,
          }
        : {
            ...base,
            message: `${file} has no profile ${profile}`,
            at: { file: profiles, path: [] },
            hint: didYouMean(profile, found.profiles, 'its profiles'),
          }
    case 'no_outputs':
      return {
        ...base,
        message: `profile ${profile} in ${file} has no outputs`,
        at: { file: profiles, path: [profile!], key: true },
        detail: ['A profile with one output:', '', ...example(profile!)].join('\n'),
        hint: 'add one under `outputs:`',
      }
    case 'unknown': {
      const outputs = Object.keys(found.outputs)
      const isStated = choice.by === 'dbt.target'
      return {
        ...base,
        message: isStated
          ? `profile ${profile} in ${file} has no output ${choice.wanted}, which \`dbt.target\` names`
          : `profile ${profile} in ${file} has no output ${target}, and ${
              choice.wanted === null
                ? 'its default one is not known'
                : `no output ${choice.wanted}, which is its default`
            }`,
        at: isStated
          ? { file: config, path: ['dbt', 'target'] }
          : { file: profiles, path: [profile!, 'target'] },
        hint: didYouMean(choice.wanted ?? target, outputs, 'its outputs'),
      }
    }
  }
}

function didYouMean(name: string, known: readonly string[], what: string): string {
  const suggestion = closest(name, known)
  const all = `${what} are ${known.join(', ')}`
  if (known.length === 0) return 'the file has none'
  return suggestion === null ? all : `did you mean "${suggestion}"? ${all}`
}

/** The problem of an output whose templates give another text in each command. */
export function outputNotRepeatable(name: string, at: Pointer): Problem {
  return {
    code: 'dbt-profile',
    message: `${name} can lead to another warehouse in each command: a template in it reads more than variables`,
    at,
    hint: 'use only env_var() in it, or state `warehouse:` of the target',
    mistake: true,
  }
}

/** The problem of a profile that changed after the warehouse was made from it. */
export function profileChanged(file: string): Problem {
  return {
    code: 'dbt-project-changed',
    message: `${file} changed after this command read it`,
    hint: 'run the same command again',
  }
}

/** The problem of an output that dbt can't use, in dbt's words. */
export function outputInvalid(name: string, message: string, at: Pointer): Problem {
  const lines = message
    .split('\n')
    .map((line) =>
      line.trim().replace(/^Credentials in profile "[^"]*", target "[^"]*" invalid: /, ''),
    )
    .filter((line) => line !== '' && !/^\w+ Error( in .*)?$/.test(line))
  return {
    code: 'dbt-profile',
    message: `dbt can't use ${name}: ${lines[0] ?? message}`,
    at,
    detail: message.trim(),
    hint: 'correct what dbt reports and run the same command again',
    mistake: true,
  }
}
