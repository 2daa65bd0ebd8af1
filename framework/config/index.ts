// Light to import: YAML and schemas are loaded only when some file changed or a place is asked for.
export type { Declarations } from './declarations.ts'
export { readDotenv } from './dotenv.ts'
export { type LoadOptions, loadProject } from './load.ts'
export { locate, locateAll } from './locate.ts'
export { resolveTarget } from './resolve.ts'
