import { resolve } from 'node:path'
import type { Found, Observation } from '../../model/observation.ts'
import { ok, type Result } from '../../model/problem.ts'
import type { Product } from '../../ports/batch.ts'
import type { Kind, Observations, ObserveRequest } from '../../ports/kind.ts'
import type { Site } from '../../ports/site.ts'
import { measureRelations } from '../measure-relations.ts'
import { measureRelation, observeRelations } from '../observe-relations.ts'
import { type FilesOf, shownFiles } from '../shown-files.ts'
import { columnsInFiles } from './columns-in-files.ts'
import { compareViews } from './compare-views.ts'
import { describeAssets } from './describe.ts'
import { lend } from './lend.ts'
import { DbtProject } from './project.ts'
import { rebuildBatch } from './rebuild.ts'
import { runBatch } from './run.ts'

/** The kind `dbt`: models, seeds, snapshots and functions, with their tests as checks, built by one long-lived dbt process. */
export function createKind(): Kind {
  const projects = new Map<Site, Result<DbtProject>>()
  const projectOf = (site: Site): Result<DbtProject> => {
    const known = projects.get(site) ?? DbtProject.at(site)
    projects.set(site, known)
    return known
  }
  return {
    name: 'dbt',
    uses: 'warehouse',
    batches: 'together',

    async define(assets, site) {
      const project = projectOf(site)
      if (project.ok) return project.value.define(assets)
      return { definitions: new Map(), checks: [], problems: project.problems, later: null }
    },

    definitionKey(site) {
      const project = projectOf(site)
      return project.ok ? project.value.definitionKey() : null
    },

    observe,

    async measure(subject, site): Promise<Result<Product>> {
      const warehouse = await site.warehouse()
      if (!warehouse.ok) return warehouse
      return measureRelation(subject, warehouse.value, filesOn(site))
    },

    async measureAll(subjects, site) {
      const warehouse = await site.warehouse()
      return warehouse.ok ? measureRelations(subjects, warehouse.value, filesOn(site)) : warehouse
    },

    async run(batch, report, site) {
      const project = projectOf(site)
      if (project.ok) return runBatch(batch, report, site, project.value)
      const together = batch.steps.map(({ name }) => name)
      for (const name of together) {
        await report({ step: 'failed', name, problem: project.problems[0]!, together })
      }
    },

    rebuilder: {
      async rebuild(assets, report, site) {
        const project = projectOf(site)
        if (project.ok) return rebuildBatch(assets, report, site, project.value)
        for (const { asset } of assets) {
          report(asset.name, { is: 'failed', problem: project.problems[0]! })
        }
        return []
      },
    },

    async warehouse(site, tools) {
      const project = projectOf(site)
      return project.ok ? project.value.output(tools) : project
    },

    describer: {
      async describe(assets, site) {
        const project = projectOf(site)
        if (project.ok) return describeAssets(assets, site, project.value)
        return { set: new Map(), problems: project.problems }
      },
    },

    prover: {
      async compare(views, site) {
        const project = projectOf(site)
        return project.ok ? compareViews(views, site, project.value) : project
      },
    },

    lender: { lend },

    columns: {
      read(site, definitions) {
        const project = projectOf(site)
        return project.ok
          ? columnsInFiles(site.root, definitions, project.value.columns())
          : new Map()
      },
      documented(definition, site) {
        const project = projectOf(site)
        return project.ok ? project.value.documented(definition) : []
      },
    },

    finder: {
      async find(site, onWait) {
        const project = projectOf(site)
        return project.ok ? project.value.find(onWait) : project
      },
    },

    async close() {
      for (const project of projects.values()) if (project.ok) await project.value.close()
      projects.clear()
    },
  }
}

/** Observes the relations of assets. An ephemeral has no relation, so it is always as recorded. */
async function observe(
  requests: readonly ObserveRequest[],
  site: Site,
): Promise<Result<Observations>> {
  const warehouse = await site.warehouse()
  if (!warehouse.ok) return warehouse
  const found = await observeRelations(requests, warehouse.value, filesOn(site))
  if (!found.ok) return found
  const at = site.clock()
  const observations = new Map<string, Observation>()
  for (const { asset, definition } of requests) {
    const one = definition.relation === null ? RECORDED : found.value.get(asset.name)
    if (one === undefined) continue
    observations.set(asset.name, { at, found: one, probe: { answer: 'not_asked' } })
  }
  return ok({ observations, positions: new Map(), problems: [] })
}

/** The files of external materializations, whose views may name them relative to the dbt project. */
function filesOn({ root, project }: Site): FilesOf {
  const base = project.dbt === null ? null : resolve(root, project.dbt.projectDir)
  return ({ definition }) => shownFiles(root, base, definition)
}

const RECORDED: Found = { state: 'recorded' }
