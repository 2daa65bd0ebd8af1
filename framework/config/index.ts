// Importing this file loads neither the YAML parser nor the schemas. They are loaded to compile a changed
// file or to locate a problem.
import type { Declarations } from './schema/adapter-schemas.ts'
import type { JsonSchemas } from './schema/json-schema.ts'

export { readDotenv } from './files/dotenv.ts'
export { findProject, PROJECT_FILE } from './find-project.ts'
export { addFound } from './found/add-found.ts'
export { withPolicies } from './found/with-policies.ts'
export { loadProject } from './load-project.ts'
export { locate, locateAll, locatePointers } from './locate.ts'
export type { Declarations } from './schema/adapter-schemas.ts'
export type { JsonSchemas } from './schema/json-schema.ts'
export {
  joinLeftOut,
  type LeftOut,
  mayFollowFrom,
  NOTHING_LEFT_OUT,
} from './sound/left-out.ts'
export { environmentSecrets } from './target/environment-secrets.ts'
export { fillSecrets } from './target/fill-secrets.ts'
export { resolveTarget, soundTarget } from './target/fill-variables.ts'
export { readVars } from './vars.ts'

/** Writes the assets that a kind found as YAML. */
export const loadImport = () => import('./import/index.ts')

/** The JSON Schemas of the YAML files, with the keys of these kinds and adapters. */
export async function schema(declarations: Declarations): Promise<JsonSchemas> {
  const { jsonSchemas } = await import('./schema/json-schema.ts')
  return jsonSchemas(declarations)
}
