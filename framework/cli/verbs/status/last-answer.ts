import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sealed, unsealed, writeCacheFile } from '../../../lib/cache-file.ts'
import { hash } from '../../../lib/hash.ts'
import { stableJson } from '../../../lib/json.ts'
import type { KindName } from '../../../model/asset.ts'
import type { Project } from '../../../model/project.ts'
import { modeOf } from '../../../model/version-mode.ts'
import type { StatusReport } from '../../../report/status.ts'
import type { Look } from '../../../staleness/gather.ts'
import type { Context } from '../../context.ts'
import { buildId } from '../../version.ts'
import type { View } from '../../view.ts'
import type { Workspace } from '../../workspace.ts'

/** What is kept of a report in which everything is fresh. */
type Answer = Pick<StatusReport, 'observedAt' | 'assets' | 'unlisted' | 'warnings'>

/**
 * The last answer of `status` about a whole target, if everything was fresh. It is repeated without reading dbt's
 * project or the state while nothing that it was made from has changed (SEMANTICS 46).
 */
export class LastAnswer {
  readonly #look: Look
  readonly #registries: Context['registries']
  /** Before anything was read; null if it can't be told, or before `recall`. */
  #key: string | null = null
  /** The project before assets are found. */
  #declared: Project | null = null

  constructor(look: Look, { registries }: Context) {
    this.#look = look
    this.#registries = registries
  }

  /** The answer, if it still holds; null if the command must find out. Call it before assets are found. */
  async recall(workspace: Workspace): Promise<StatusReport | null> {
    this.#declared = workspace.project
    this.#key = await this.#keyOf(workspace, workspace.project)
    if (this.#key === null) return null
    const kept = readAnswer(this.#fileIn(workspace))
    if (kept?.key !== this.#key) return null
    const { observedAt } = kept.answer
    return {
      ...kept.answer,
      project: workspace.project.name,
      target: workspace.site.target.name,
      observedAt: this.#look === 'online' ? workspace.site.clock() : observedAt,
      offline: this.#look === 'offline',
      checks: [],
    }
  }

  /** Keeps an answer that only a change can make wrong, if nothing has changed since `recall`. */
  async keep(view: View, { observedAt, assets, unlisted, warnings }: StatusReport): Promise<void> {
    const { workspace } = view
    if (this.#key === null || view.survey.look !== this.#look || !isLasting(view)) return
    if ((await this.#keyOf(workspace, this.#declared!)) !== this.#key) return
    const answer = {
      observedAt,
      assets: assets.map((asset) => ({ ...asset, last: null })),
      unlisted,
      warnings,
    }
    writeCacheFile(this.#fileIn(workspace), sealed(JSON.stringify({ key: this.#key, answer })))
  }

  #fileIn({ site }: Workspace): string {
    return join(site.home, 'cache', `status-${site.target.name}-${this.#look}.json`)
  }

  /** One hash of everything that the answer is made from; null if a part of it can't be told in advance. */
  async #keyOf(workspace: Workspace, declared: Project): Promise<string | null> {
    const { site } = workspace
    const { assets, ...settings } = declared
    const state = await workspace.stateToken()
    if (state === null) return null
    const parts = [buildId, stableJson(settings), stableJson(site.target), state]
    for (const { file, hash: content } of assets.arrays.files) parts.push(file, content)
    const names = new Set<KindName>(assets.arrays.traits.map(({ kind }) => kind))
    for (const [name, { finds }] of Object.entries(this.#registries.kinds)) {
      if (finds?.(declared) === true) names.add(name as KindName)
    }
    const kinds = await Promise.all([...names].map((name) => workspace.kinds(name)))
    // A key may cost a look at every file: none is made if another kind has none.
    if (kinds.some(({ definitionKey }) => definitionKey === undefined)) return null
    for (const { name, definitionKey } of kinds) {
      const key = definitionKey!(site)
      if (key === null) return null
      parts.push(name, key)
    }
    if (this.#look === 'offline') return hash(...parts)
    const warehouse = await site.warehouse()
    const token = warehouse.ok ? await warehouse.value.changeToken() : null
    return token === null ? null : hash(...parts, token)
  }
}

/**
 * Whether everything is fresh, all checks passed, and no answer about it depends on the time, on files, or on what is
 * outside the warehouse.
 */
function isLasting({ planned: { world, decisions } }: View): boolean {
  const { graph, state } = world
  return Array.from({ length: graph.size }, (_, i) => i).every((i) => {
    if (decisions.verdicts[i]!.state !== 'fresh') return false
    if (graph.isCheck(i)) return state.checks.get(world.name(i))?.outcome === 'pass'
    const [asset, definition] = [world.asset(i), world.definition(i)]
    if (definition === null || definition.outputs.length > 0) return false
    if (definition.form === 'external' && definition.relation === null) return false
    const hasAge = asset.policy.freshness !== null || definition.freshness !== undefined
    return !hasAge && modeOf(asset, definition) !== 'always_new'
  })
}

function readAnswer(file: string): { readonly key: string; readonly answer: Answer } | null {
  try {
    const text = unsealed(readFileSync(file, 'utf8'))
    return text === null ? null : JSON.parse(text)
  } catch {
    return null
  }
}
