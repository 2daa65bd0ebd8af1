// Light to import: YAML and schemas are loaded only when some file changed or a place is asked for.
import type { Declarations } from './declarations.ts'
import type { JsonSchemas } from './json-schema.ts'

export type { Declarations } from './declarations.ts'
export { readDotenv } from './dotenv.ts'
export type { JsonSchemas } from './json-schema.ts'
export { type LoadOptions, loadProject } from './load.ts'
export { locate, locateAll } from './locate.ts'
export { resolveTarget } from './resolve.ts'
export { unlockTarget } from './unlock.ts'

/** The JSON Schemas of the YAML files, as these kinds and adapters make them. */
export async function schema(declarations: Declarations): Promise<JsonSchemas> {
  const { jsonSchemas } = await import('./json-schema.ts')
  return jsonSchemas(declarations)
}
