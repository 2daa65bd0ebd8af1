import { stableJson } from '../../../lib/json.ts'
import { fail, ok, type Result } from '../../../model/problem.ts'
import { isTaken } from '../../../model/project.ts'
import type { Site } from '../../../ports/site.ts'
import type { DbtKeys, DbtOutput } from '../../../ports/warehouse.ts'
import { profileChanged } from './problems.ts'
import {
  type ChosenOutput,
  nameOf,
  type OutputConnection,
  type Profile,
  type ProfileReader,
  type StoredOutput,
} from './profile.ts'

/** Asks a question of dbt's worker, which is started if needed. */
export type AskWorker = <T>(
  question: (worker: ProfileReader) => Promise<Result<T>>,
) => Promise<Result<T>>

/**
 * The output that dbt builds with in one target: from the cache, or from dbt. If the target's warehouse is
 * taken from it, it also says how dbt connects. Secrets are kept in memory only.
 */
export class TargetOutput {
  readonly #site: Site
  readonly #profile: Profile
  readonly #ask: AskWorker
  #known: StoredOutput | null = null
  #secrets: OutputConnection['secrets'] | null = null
  /** The keys that the warehouse of this command was made from, as JSON. */
  #given: string | null = null

  constructor(site: Site, profile: Profile, ask: AskWorker) {
    this.#site = site
    this.#profile = profile
    this.#ask = ask
  }

  /** Takes what the cache has; null: dbt must be asked. */
  set(stored: StoredOutput | null): void {
    this.#known = stored
  }

  get known(): StoredOutput | null {
    return this.#known
  }

  /** Problems: `dbt-profile`, `dbt-profiles-missing`; those of dbt's Python environment. */
  async get(): Promise<Result<StoredOutput>> {
    return this.#known === null ? this.#ask((worker) => this.learn(worker)) : ok(this.#known)
  }

  /**
   * Asks dbt for the output. If the target's warehouse comes from it, that warehouse is created first: dbt
   * may not have the adapter of a type that assets does not have either. Problems: `dbt-profile`,
   * `dbt-profiles-missing`, `dbt-project-changed`, those of the warehouse.
   */
  async learn(worker: ProfileReader): Promise<Result<StoredOutput>> {
    const chosen = await this.#profile.choose(worker)
    if (!chosen.ok) return chosen
    this.#known = { ...chosen.value, connection: null }
    if (!isTaken(this.#site.target.warehouse)) return ok(this.#known)
    const warehouse = await this.#site.warehouse()
    if (!warehouse.ok) return warehouse
    const connection = await this.#connect(chosen.value, worker)
    if (!connection.ok) return connection
    const { keys, secrets } = connection.value
    if (this.#given !== jsonOf(chosen.value, keys)) return fail(profileChanged(this.#profile.shown))
    this.#known = { ...chosen.value, connection: { keys, secrets: Object.keys(secrets) } }
    return ok(this.#known)
  }

  /** How the warehouse is made from it. Problems: those of `get`. */
  async describe(): Promise<Result<DbtOutput>> {
    const chosen =
      this.#known === null
        ? await this.#ask((worker) => this.#profile.choose(worker))
        : ok(this.#known)
    if (!chosen.ok) return chosen
    const { type, types } = chosen.value
    return ok({
      type,
      types,
      name: nameOf(chosen.value),
      at: this.#profile.pointerTo(chosen.value),
      keys: (wanted) => this.#keys(chosen.value, wanted),
    })
  }

  async #keys(chosen: ChosenOutput, wanted: readonly string[]): Promise<Result<DbtKeys>> {
    const stored = this.#known?.connection ?? null
    const needsSecrets = stored?.secrets.some((key) => wanted.includes(key)) === true
    const isReady = stored !== null && (!needsSecrets || this.#secrets !== null)
    const found = isReady
      ? ok({ keys: stored.keys, secrets: this.#secrets ?? {} })
      : await this.#ask((worker) => this.#connect(chosen, worker))
    if (!found.ok) return found
    const { keys, secrets } = found.value
    this.#given = jsonOf(chosen, keys)
    return ok({ shown: keys, secret: secrets })
  }

  async #connect(chosen: ChosenOutput, worker: ProfileReader): Promise<Result<OutputConnection>> {
    const found = await this.#profile.connect(chosen, worker)
    if (found.ok) this.#secrets = found.value.secrets
    return found
  }
}

const jsonOf = ({ profile, output, type }: ChosenOutput, keys: DbtKeys['shown']): string =>
  stableJson([profile, output, type, keys])
