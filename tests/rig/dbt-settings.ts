import type { DbtSettings } from '../../framework/model/project.ts'

/** The section `dbt:` of a project in which YAML declares the assets. */
export const dbtSettings = (projectDir: string, more: Partial<DbtSettings> = {}): DbtSettings => ({
  projectDir,
  python: null,
  requirements: null,
  target: null,
  profile: null,
  models: 'declared',
  select: null,
  exclude: [],
  vars: {},
  ...more,
})
