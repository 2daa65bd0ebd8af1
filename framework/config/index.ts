// Light to import: YAML and schemas are loaded only when some file changed or a place is asked for.
import type { Declarations } from './schema/adapter-schemas.ts'
import type { JsonSchemas } from './schema/json-schema.ts'

export { readDotenv } from './files/dotenv.ts'
export { type LoadOptions, loadProject } from './load-project.ts'
export { locate, locateAll, locatePointers } from './locate.ts'
export type { Declarations } from './schema/adapter-schemas.ts'
export type { JsonSchemas } from './schema/json-schema.ts'
export { unlockTarget } from './target/fill-secrets.ts'
export { resolveTarget } from './target/fill-variables.ts'

/** The JSON Schemas of the YAML files, as these kinds and adapters make them. */
export async function schema(declarations: Declarations): Promise<JsonSchemas> {
  const { jsonSchemas } = await import('./schema/json-schema.ts')
  return jsonSchemas(declarations)
}
