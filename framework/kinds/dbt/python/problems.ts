import type { Pointer } from '../../../model/location.ts'
import type { Problem } from '../../../model/problem.ts'
import type { Candidate, FindSite } from './candidates.ts'
import type { Packages } from './installed-packages.ts'
import { RECOMMENDED, SUPPORTED } from './versions.ts'

/** The problem of a named environment that does not exist. */
export function noPython(candidate: Candidate, site: FindSite): Problem {
  return {
    code: 'python-environment',
    message: `${nameOf(candidate)} is ${candidate.at}, which has no bin/python`,
    ...locationOf(candidate, site),
    hint: candidate.byKey
      ? 'set it to a virtual environment or to an interpreter, or remove it'
      : 'unset it to let assets create the environment',
  }
}

/** The problem of a named environment without dbt-core or the adapter. */
export function lacksPackage(
  candidate: Candidate,
  lacking: string,
  adapter: string,
  packages: Packages,
  site: FindSite,
): Problem {
  return {
    code: 'dbt-missing',
    message: `${nameOf(candidate)} is ${candidate.at}, which lacks ${lacking}`,
    ...locationOf(candidate, site),
    hint: `install it: ${installCommand(candidate, adapter, packages)}`,
  }
}

/** The problem of an environment of the project whose dbt-core is too old or too new. */
export function unsupportedVersion(
  candidate: Candidate,
  version: string,
  found: 'too old' | 'too new',
  adapter: string,
  packages: Packages,
  site: FindSite,
): Problem {
  return {
    code: 'dbt-version',
    message: `dbt-core ${version} in ${candidate.at} (${candidate.how}) is ${found}: assets runs ${SUPPORTED}`,
    ...locationOf(candidate, site),
    hint: `install another version: ${installCommand(candidate, adapter, packages)}${
      candidate.by === 'named'
        ? ''
        : '; or let assets use an environment of its own: dbt: {python: own}'
    }`,
  }
}

const nameOf = ({ byKey }: Candidate): string => (byKey ? 'dbt.python' : 'ASSETS_PYTHON_ENV')

function installCommand({ python }: Candidate, adapter: string, packages: Packages): string {
  // Environments made by uv have no pip.
  const pip = packages.has('pip') ? `${python} -m pip install` : `uv pip install --python ${python}`
  return `${pip} 'dbt-core~=${RECOMMENDED}.0' ${adapter}`
}

function locationOf({ byKey }: Candidate, { project }: FindSite): { readonly at?: Pointer } {
  const file = project.files[0]
  return byKey && file !== undefined ? { at: { file, path: ['dbt', 'python'] } } : {}
}
