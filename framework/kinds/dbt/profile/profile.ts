import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { stableJson } from '../../../lib/json.ts'
import { redact } from '../../../lib/output-text.ts'
import type { Pointer } from '../../../model/location.ts'
import { fail, ok, type Result } from '../../../model/problem.ts'
import type { Site } from '../../../ports/site.ts'
import type { DbtKeys } from '../../../ports/warehouse.ts'
import type { OutputSettings, Reply } from '../worker/worker.ts'
import { chooseOutput, type ProfileOutputs } from './choose-output.ts'
import {
  outputInvalid,
  outputMissing,
  outputNotRepeatable,
  type ProfileSubject,
  profilesMissing,
} from './problems.ts'
import { profilesFile } from './profiles-file.ts'

/** The output of the profile that dbt builds with in a target. Holds no secret. */
export interface ChosenOutput {
  readonly profile: string
  readonly output: string
  readonly type: string
  /** The types of all outputs of the profile; null for one that can't be worked out. */
  readonly types: Readonly<Record<string, string | null>>
}

/** How dbt connects with an output (`connection_of` in worker_profile.py). */
export interface OutputConnection {
  readonly type: string
  /** dbt's keys without secrets. Paths of files are absolute. */
  readonly keys: DbtKeys['shown']
  readonly secrets: DbtKeys['secret']
  /** Whether the same files and variables always give the same keys. */
  readonly repeatable: boolean
}

/** A chosen output as it is stored between commands. */
export interface StoredOutput extends ChosenOutput {
  /** With the names of its secrets only; null if `warehouse:` of the target is stated. */
  readonly connection: {
    readonly keys: DbtKeys['shown']
    readonly secrets: readonly string[]
  } | null
}

/** What a worker answers about profiles. */
export interface ProfileReader {
  outputs(settings: OutputSettings): Promise<Reply<ProfileOutputs>>
  connection(settings: OutputSettings): Promise<Reply<OutputConnection>>
}

/** The profile of one dbt project in one target. Reads nothing but the profile. */
export class Profile {
  readonly #site: Site
  /** Absolute. */
  readonly #folder: string

  /** `dir` is the dbt project, relative to the project root. */
  constructor(site: Site, dir: string) {
    this.#site = site
    this.#folder = resolve(site.root, dir)
  }

  /** profiles.yml, absolute. It may be missing. */
  get file(): string {
    return profilesFile(this.#folder, this.#site.env)
  }

  /** profiles.yml for messages: relative to the project root if it is below it. */
  get shown(): string {
    return this.#subject.file
  }

  /** What decides which output is chosen, besides files and the environment. */
  get stated(): string {
    const { target, profile } = this.#section
    return stableJson([this.#site.target.name, target, profile])
  }

  /** Problem `dbt-profiles-missing`. Needs no Python. */
  exists(): Result<void> {
    if (existsSync(this.file)) return ok(undefined)
    const at = { file: this.#subject.project, path: ['profile'] }
    return fail(profilesMissing(this.#subject, this.#nameInProject(), at))
  }

  /** Problems: `dbt-profiles-missing`, `dbt-profile`. */
  async choose(reader: ProfileReader): Promise<Result<ChosenOutput>> {
    const exists = this.exists()
    if (!exists.ok) return exists
    const { target, profile } = this.#section
    const found = await reader.outputs({ ...this.#settings(), profile, target: null })
    if (!found.ok) {
      const at = { file: this.#subject.profiles, path: [] }
      return fail(outputInvalid(this.#subject.file, this.#redacted(found.failure.message), at))
    }
    const choice = chooseOutput(found.value, target, this.#site.target.name)
    if (choice.is !== 'chosen') return fail(outputMissing(choice, found.value, this.#subject))
    const { output } = choice
    const { profile: name, outputs: types } = found.value
    return ok({ profile: name!, output, type: types[output] ?? '', types })
  }

  /** Problem `dbt-profile`: dbt can't use the output, or it gives something else in each command. */
  async connect(chosen: ChosenOutput, reader: ProfileReader): Promise<Result<OutputConnection>> {
    const reply = await reader.connection({ ...this.#settings(), ...this.settingsOf(chosen) })
    if (!reply.ok) {
      const message = this.#redacted(reply.failure.message)
      return fail(outputInvalid(nameOf(chosen), message, this.pointerTo(chosen)))
    }
    if (reply.value.repeatable) return ok(reply.value)
    return fail(outputNotRepeatable(nameOf(chosen), this.pointerTo(chosen)))
  }

  /** How dbt is told which output to use. */
  settingsOf({ profile, output }: ChosenOutput) {
    return { profiles_dir: dirname(this.file), profile, target: output }
  }

  pointerTo({ profile, output }: ChosenOutput): Pointer {
    return { file: relative(this.#site.root, this.file), path: [profile, 'outputs', output] }
  }

  get #section() {
    return this.#site.project.dbt ?? { target: null, profile: null }
  }

  get #subject(): ProfileSubject {
    const { root, project, target } = this.#site
    const inRoot = (file: string) => {
      const path = relative(root, file)
      return path.startsWith('..') ? file : path
    }
    return {
      file: inRoot(this.file),
      profiles: relative(root, this.file),
      project: inRoot(join(this.#folder, 'dbt_project.yml')),
      config: project.files[0] ?? 'assets.yaml',
      target: target.name,
    }
  }

  #settings() {
    const vars = this.#site.project.dbt?.vars ?? {}
    return { project_dir: this.#folder, profiles_dir: dirname(this.file), vars }
  }

  #redacted(message: string): string {
    return redact(message, this.#site.target.secrets)
  }

  /** `profile:` of dbt_project.yml; null if it is missing or a template. */
  #nameInProject(): string | null {
    const { profile } = this.#section
    if (profile !== null) return profile
    const text = readFileSync(join(this.#folder, 'dbt_project.yml'), 'utf8')
    const name = /^profile:[ \t]*(['"]?)([^'"#\n]+)\1/m.exec(text)?.[2]?.trim()
    return name === undefined || name === '' || name.includes('{{') ? null : name
  }
}

/** How messages name an output. */
export function nameOf({ profile, output }: ChosenOutput): string {
  return `output ${output} of dbt profile ${profile}`
}
