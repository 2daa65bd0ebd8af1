/**
 * The bundled program of the worker thread. It is beside this file's bundle. When this file runs from
 * source, the program is in `dist/`, because a worker thread cannot read TypeScript.
 */
export const workerEntry: URL = import.meta.url.endsWith('.ts')
  ? new URL('../../../../dist/embedded-worker.js', import.meta.url)
  : new URL('./embedded-worker.js', import.meta.url)
