/**
 * The bundled program of the worker thread, in the folder of this file's own bundle. When this file runs
 * from source, the program is in `dist/`, because a worker thread cannot read TypeScript.
 */
export const workerEntry: URL = import.meta.url.endsWith('.ts')
  ? new URL('../../../../dist/embedded-worker.js', import.meta.url)
  : new URL('./embedded-worker.js', import.meta.url)
