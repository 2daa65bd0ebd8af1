import type { Json } from '../lib/json.ts'
import type { ProcessId } from '../lib/process-identity.ts'

/** The journal's reference of a step that a program of this machine works on: the leader of its group. */
export function programReference(leader: ProcessId | null): Json {
  return leader === null ? null : { program: { pid: leader.pid, started: leader.started } }
}

/** The program of a reference; null if it names none, such as the job of a service. */
export function programIn(reference: Json): ProcessId | null {
  if (typeof reference !== 'object' || reference === null || !('program' in reference)) return null
  const { pid, started } = reference.program as { readonly pid?: Json; readonly started?: Json }
  return typeof pid === 'number' && typeof started === 'string' ? { pid, started } : null
}
