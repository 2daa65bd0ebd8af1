import { type PathFault, pathFault } from '../lib/project-path.ts'
import type { Asset } from './asset.ts'
import type { Pointer } from './location.ts'
import type { Problem } from './problem.ts'
import type { AdapterSettings } from './project.ts'

/** The problem of a path at `at`. `subject`: the start of the message, such as `sales: "to"`. Problem `invalid-path`. */
export function pathProblem(
  fault: PathFault,
  subject: string,
  at: Pointer,
  asset?: string,
): Problem {
  return {
    code: 'invalid-path',
    message: `${subject} ${fault.message}`,
    at,
    hint: fault.hint,
    mistake: true,
    ...(asset === undefined ? {} : { asset }),
  }
}

/** The problem of the file at an index of a key of an asset that is one path or a list. Problem `invalid-path`. */
export function outputPathProblem(
  fault: PathFault,
  { name, file, spec }: Asset,
  key: string,
  index: number,
): Problem {
  const isList = Array.isArray(spec[key])
  const path = ['assets', name, key, ...(isList ? [index] : [])]
  const subject = `${name}: "${isList ? `${key}[${index}]` : key}"`
  return pathProblem(fault, subject, { file, path }, name)
}

/**
 * The problem of a setting that is a path and may lead anywhere; null for none. Its variables are filled in by now, so
 * the schema has not seen it. Problem `invalid-path`.
 */
export function settingPathProblem(
  { settings, at }: Pick<AdapterSettings, 'settings' | 'at'>,
  key: string,
): Problem | null {
  const path = settings[key]
  const fault = typeof path === 'string' ? pathFault(path, 'anywhere') : null
  if (fault === null) return null
  const [, target, ...section] = at.path
  const subject = `target ${target}, ${section.join(' ')}: "${key}"`
  return pathProblem(fault, subject, { file: at.file, path: [...at.path, key] })
}
