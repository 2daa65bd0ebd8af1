import { execFile } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'

type Env = Readonly<Record<string, string | undefined>>

/** What a git command printed, and how it ended. */
export interface GitAnswer {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs one git command. `index`: an index file of its own (absolute), so that the user's is not touched. */
export type Git = (
  args: readonly string[],
  options?: { readonly cwd?: string; readonly index?: string },
) => Promise<GitAnswer>

/** A git repository around a project. */
export interface Repository {
  readonly git: Git
  /** Absolute path of its working tree. */
  readonly top: string
  /** The project root relative to `top`; empty if it is `top`. */
  readonly prefix: string
}

/**
 * Variables that hooks of git set for the commands that they run (`git rev-parse --local-env-vars`). The
 * repository is the one around the project, whatever they say.
 */
const LOCAL = [
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_COMMON_DIR',
  'GIT_DIR',
  'GIT_GRAFT_FILE',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_INTERNAL_SUPER_PREFIX',
  'GIT_NO_REPLACE_OBJECTS',
  'GIT_OBJECT_DIRECTORY',
  'GIT_PREFIX',
  'GIT_REPLACE_REF_BASE',
  'GIT_SHALLOW_FILE',
  'GIT_WORK_TREE',
]

/** The most that a git command may print: the list of the files of a large repository. */
const MAX_OUTPUT = 1 << 30

/** The program is not there. */
const NOT_FOUND = -1

/** A git that runs in `folder`. It never asks for anything and takes no lock that it can do without. */
function gitIn(folder: string, env: Env): Git {
  const own = { ...env, LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0' }
  const clean: Record<string, string | undefined> = { ...own }
  for (const name of LOCAL) delete clean[name]
  return (args, { cwd = folder, index } = {}) =>
    new Promise((resolve) => {
      const environment = index === undefined ? clean : { ...clean, GIT_INDEX_FILE: index }
      const options = { cwd, env: environment, maxBuffer: MAX_OUTPUT }
      execFile('git', [...args], options, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : NOT_FOUND
        resolve({ code, stdout, stderr: stderr === '' ? (error?.message ?? '') : stderr })
      })
    })
}

/** The repository around a project. Problems: `git-missing`, `no-repository`. */
export async function findRepository(root: string, env: Env): Promise<Result<Repository>> {
  const git = gitIn(root, env)
  const found = await git(['rev-parse', '--show-toplevel', '--show-prefix'])
  if (found.code === NOT_FOUND) return fail(GIT_MISSING)
  if (found.code !== 0) return fail(noRepository(root, found.stderr))
  const [real = '', below = ''] = found.stdout.split('\n')
  const prefix = below.replace(/\/$/, '')
  // git resolves links; paths of the project are as they were typed.
  const typed = resolve(root, relative(prefix, ''))
  const top = realpathSync(typed) === real ? typed : real
  return ok({ git: gitIn(top, env), top, prefix })
}

const GIT_MISSING: Problem = {
  code: 'git-missing',
  message: '--against needs the program git, which was not found on PATH',
  hint: 'install git and run the same command again',
  mistake: true,
}

function noRepository(root: string, stderr: string): Problem {
  const isUnknown = stderr.includes('not a git repository')
  return {
    code: 'no-repository',
    message: isUnknown
      ? `--against compares with a commit of git, and ${root} is in no git repository`
      : `git can't use the repository of ${root}`,
    ...(isUnknown ? {} : { detail: stderr.trim() }),
    hint: isUnknown
      ? 'run it in a clone, or make a repository: git init && git add . && git commit'
      : 'correct what git reports and run the same command again',
    mistake: true,
  }
}

/** The problem of a git command that failed for a reason of its own. */
export function gitFailed(what: string, { stderr }: GitAnswer): Problem {
  return {
    code: 'git-failed',
    message: `git can't ${what}: ${stderr.trim().split('\n')[0] ?? 'it gave no reason'}`,
    detail: stderr.trim(),
    hint: 'correct what git reports and run the same command again',
  }
}
