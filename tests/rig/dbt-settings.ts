import type { DbtSettings } from '../../framework/model/project.ts'

/** The section `dbt:` with only the folder of the dbt project. */
export const dbtSettings = (projectDir: string, more: Partial<DbtSettings> = {}): DbtSettings => ({
  projectDir,
  python: null,
  requirements: null,
  ...more,
})
