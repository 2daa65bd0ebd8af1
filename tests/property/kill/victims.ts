import { setTimeout } from 'node:timers/promises'
import type { Random } from '../random.ts'
import type { KillProject } from './place.ts'
import { childrenOf, type Seen } from './processes.ts'

/** Who is killed, or how the command line is told to end. */
export const VICTIMS = [
  'command line',
  'its group',
  'it and all its children',
  'it and the supervisor',
  'a child',
  'a server',
  'Ctrl-C',
  'Ctrl-C twice',
  'SIGTERM',
  'SIGHUP',
] as const
export type Victim = (typeof VICTIMS)[number]

/** Kills one; the command line itself if the chosen one does not exist now. Returns who was killed. */
export async function kill(pid: number, project: KillProject, random: Random): Promise<Victim> {
  const wanted = random.chance(0.4) ? 'command line' : random.pick(VICTIMS)!
  const children = childrenOf(pid)
  const supervisor = children.filter(({ command }) => command.startsWith('sh -c trap'))
  const victim = exists(wanted, children, supervisor, project) ? wanted : 'command line'
  switch (victim) {
    case 'command line':
      send(pid, 'SIGKILL')
      break
    case 'its group':
      send(-pid, 'SIGKILL')
      break
    case 'it and all its children':
      for (const each of [...children.map((one) => one.pid), pid]) send(each, 'SIGKILL')
      break
    case 'it and the supervisor':
      for (const each of [...supervisor.map((one) => one.pid), pid]) send(each, 'SIGKILL')
      break
    case 'a child':
      send(random.pick(children)!.pid, 'SIGKILL')
      break
    case 'a server':
      await random.pick(Object.values(project.servers))!()
      break
    case 'Ctrl-C':
      send(pid, 'SIGINT')
      break
    case 'Ctrl-C twice':
      send(pid, 'SIGINT')
      await setTimeout(random.below(200))
      send(pid, 'SIGINT')
      break
    case 'SIGTERM':
    case 'SIGHUP':
      send(pid, victim)
  }
  return victim
}

function exists(
  victim: Victim,
  children: readonly Seen[],
  supervisor: readonly Seen[],
  { servers }: KillProject,
): boolean {
  if (victim === 'a child') return children.length > 0
  if (victim === 'it and the supervisor') return supervisor.length > 0
  return victim !== 'a server' || Object.keys(servers).length > 0
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended.
  }
}
