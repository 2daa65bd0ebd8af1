import { spawn } from 'node:child_process'

/** Opens an address in the person's browser. Without one, nothing happens: the address is printed anyway. */
export function openBrowser(address: string): void {
  const [program, ...words] = commandFor(process.platform)
  const child = spawn(program, [...words, address], { stdio: 'ignore', detached: true })
  child.on('error', () => {})
  child.unref()
}

function commandFor(platform: NodeJS.Platform): readonly [string, ...string[]] {
  switch (platform) {
    case 'darwin':
      return ['open']
    case 'win32':
      // The first text in quotes is the title of the window.
      return ['cmd', '/c', 'start', '""']
    default:
      return ['xdg-open']
  }
}
