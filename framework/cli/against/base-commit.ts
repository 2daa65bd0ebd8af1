import { closest } from '../../lib/did-you-mean.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import type { Base } from '../../plan/against.ts'
import type { Repository } from './git.ts'

/** Names that a hint lists. */
const SHOWN = 5

/**
 * The commit that the working tree is compared with: the merge base of `ref` and HEAD, which is what the diff of
 * a pull request shows; the commit of `ref` itself with `exact`, or if no merge base is known. A name that
 * only a remote has counts as the branch of that remote. Problem: `unknown-ref`.
 */
export async function baseCommit(
  { git }: Repository,
  ref: string,
  exact: boolean,
): Promise<Result<Base>> {
  const named = await resolve(git, ref)
  if (named === null) return fail(await unknownRef(git, ref))
  const found = exact ? null : await git(['merge-base', named.commit, 'HEAD'])
  const merged = found?.code === 0 ? found.stdout.trim() : null
  const commit = merged ?? named.commit
  const behind = commit === named.commit ? '0' : await countBetween(git, commit, named.commit)
  const short = await git(['rev-parse', '--short=7', commit])
  return ok({
    ref: named.ref,
    commit,
    short: short.code === 0 ? short.stdout.trim() : commit.slice(0, 7),
    relation:
      commit !== named.commit ? 'merge_base' : exact || merged !== null ? 'itself' : 'unrelated',
    behind: Number(behind),
  })
}

type Git = Repository['git']

async function resolve(git: Git, ref: string): Promise<{ ref: string; commit: string } | null> {
  if (ref === '' || ref.startsWith('-')) return null
  const names = [ref, ...(await remoteBranches(git, ref))]
  for (const name of names) {
    const found = await git(['rev-parse', '--verify', '--quiet', `${name}^{commit}`])
    if (found.code === 0) return { ref: name, commit: found.stdout.trim() }
  }
  return null
}

/** The branch of this name of a remote, if exactly one remote has it: `origin/main`. */
async function remoteBranches(git: Git, ref: string): Promise<readonly string[]> {
  const names = await refsIn(git, `refs/remotes/*/${ref}`)
  return names.length === 1 ? names : []
}

async function refsIn(git: Git, ...patterns: readonly string[]): Promise<readonly string[]> {
  const found = await git(['for-each-ref', '--format=%(refname:short)', ...patterns])
  return found.code === 0 ? found.stdout.split('\n').filter((name) => name !== '') : []
}

async function countBetween(git: Git, from: string, to: string): Promise<string> {
  const counted = await git(['rev-list', '--count', `${from}..${to}`])
  return counted.code === 0 ? counted.stdout.trim() : '0'
}

async function unknownRef(git: Git, ref: string): Promise<Problem> {
  const shallow = await git(['rev-parse', '--is-shallow-repository'])
  const isShallow = shallow.stdout.trim() === 'true'
  return {
    code: 'unknown-ref',
    message: `git knows no commit, branch or tag ${JSON.stringify(ref)}${isShallow ? ' in this shallow clone' : ''}`,
    hint: isShallow ? shallowHint(ref) : await knownHint(git, ref),
    mistake: true,
  }
}

function shallowHint(ref: string): string {
  const branch = branchOf(ref)
  return [
    `fetch it: git fetch origin ${branch}:refs/remotes/origin/${branch}`,
    'or clone with all commits (`fetch-depth: 0` of actions/checkout)',
  ].join(', ')
}

async function knownHint(git: Git, ref: string): Promise<string> {
  const known = await refsIn(git, 'refs/heads', 'refs/remotes', 'refs/tags')
  const suggestion = closest(ref, known)
  if (suggestion !== null) return `did you mean "${suggestion}"?`
  if (known.length === 0) return 'the repository has no commit yet'
  const remotes = (await git(['remote'])).stdout.split('\n')
  const more = known.length > SHOWN ? ', …' : ''
  const names = `known: ${known.slice(0, SHOWN).join(', ')}${more}`
  return remotes.includes('origin')
    ? `fetch it: git fetch origin ${branchOf(ref)}; ${names}`
    : names
}

/** The branch of a remote that a name stands for, as it can be typed. */
function branchOf(ref: string): string {
  const branch = ref.replace(/^origin\//, '')
  return /^[\w.][\w./-]*$/.test(branch) ? branch : 'BRANCH'
}
