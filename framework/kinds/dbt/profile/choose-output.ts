/** The profile of a dbt project (`outputs_of` in worker_profile.py). */
export interface ProfileOutputs {
  /** Its name, from `dbt.profile`, DBT_PROFILE or dbt_project.yml; null if none of them has one. */
  readonly profile: string | null
  /** The names of all profiles in the file. */
  readonly profiles: readonly string[]
  /** The outputs of this profile, each with its type; null for a type that can't be worked out. */
  readonly outputs: Readonly<Record<string, string | null>>
  /** The output that dbt takes when none is named; null if it can't be worked out. */
  readonly default: string | null
}

/** The output that dbt builds with, or why there is none. */
export type OutputChoice =
  | { readonly is: 'chosen'; readonly output: string }
  /** `wanted` is not among the outputs. `by`: what names it. */
  | {
      readonly is: 'unknown'
      readonly wanted: string | null
      readonly by: 'dbt.target' | 'default'
    }
  | { readonly is: 'no_outputs' }
  | { readonly is: 'no_profile' }

/**
 * Chooses an output of the profile: the one that `dbt.target` names, else the one with the name of the
 * target, else the one that dbt takes by default (SEMANTICS 40). Pure.
 */
export function chooseOutput(
  { profile, profiles, outputs, default: byDefault }: ProfileOutputs,
  stated: string | null,
  target: string,
): OutputChoice {
  if (profile === null || !profiles.includes(profile)) return { is: 'no_profile' }
  if (Object.keys(outputs).length === 0) return { is: 'no_outputs' }
  const has = (name: string) => Object.hasOwn(outputs, name)
  if (stated !== null) {
    return has(stated)
      ? { is: 'chosen', output: stated }
      : { is: 'unknown', wanted: stated, by: 'dbt.target' }
  }
  if (has(target)) return { is: 'chosen', output: target }
  return byDefault !== null && has(byDefault)
    ? { is: 'chosen', output: byDefault }
    : { is: 'unknown', wanted: byDefault, by: 'default' }
}
