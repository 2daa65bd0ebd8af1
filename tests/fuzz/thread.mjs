// Registers the loader of TypeScript, which a thread does not inherit, and starts the thread.
import { tsImport } from 'tsx/esm/api'

await tsImport('./thread.ts', import.meta.url)
