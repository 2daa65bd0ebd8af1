/**
 * The bundled worker program: beside this file's bundle, or in `dist/` when this runs from source,
 * where a worker thread could not read TypeScript.
 */
export const workerEntry: URL = import.meta.url.endsWith('.ts')
  ? new URL('../../../../dist/embedded-worker.js', import.meta.url)
  : new URL('./embedded-worker.js', import.meta.url)
