import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const binary = resolve(process.env.HOOKTREE ?? join(here, '../../../bin/hooktree'))
const require = createRequire(import.meta.url)

/** Starts the real binary over a copy of the space, on a free port, with data of its own. */
export async function open() {
  const dir = await mkdtemp(join(tmpdir(), 'hooktree-client-'))
  await cp(join(here, 'space'), join(dir, 'space'), { recursive: true })
  const password = randomUUID()
  const args = ['serve', '--space', join(dir, 'space'), '--data', join(dir, 'data'), '--listen', '127.0.0.1:0']
  const running = spawn(binary, args, {
    env: { ...process.env, HOOKTREE_ADMIN_PASSWORD: password },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  const address = new Promise((found, fail) => {
    const listen = (text) => {
      printed += text
      const said = /hooktree serves .* on (http:\S+)/.exec(printed)
      if (said) found(said[1])
    }
    running.stdout.on('data', listen)
    running.stderr.on('data', listen)
    running.once('error', fail)
    running.once('exit', (code) => fail(new Error(`hooktree ended with ${code}:\n${printed}`)))
  })
  const close = async () => {
    if (running.exitCode === null) {
      const ended = new Promise((done) => running.once('exit', done))
      running.kill('SIGTERM')
      await ended
    }
    await rm(dir, { recursive: true, force: true })
  }
  try {
    return { url: await address, password, close }
  } catch (error) {
    await close()
    throw error
  }
}

/**
 * The vendor's client, pointed at a server. What it calls is remembered, so that a test can tell what it left out.
 * The client reads the host when it is loaded, and signs in by what axios adds to each request.
 */
export function load({ url, password }) {
  process.env.REACT_APP_API_HOST = url
  require('axios').defaults.auth = { username: 'admin', password }
  const called = new Set()
  const module = (name) => {
    const api = require(`@kineticdata/react/lib/apis/${name}`)
    const watched = {}
    for (const [call, does] of Object.entries(api)) {
      watched[call] = (...options) => {
        called.add(call)
        return does(...options)
      }
    }
    return watched
  }
  const modules = ['task', 'core/webhooks', 'core/webhooksJobs', 'core/workflows', 'core/meta', 'core/version']
  const apis = Object.fromEntries(modules.map((name) => [name.replace('core/', ''), module(name)]))
  const uncalled = () => Object.values(apis).flatMap((api) => Object.keys(api).filter((call) => !called.has(call)))
  return { ...apis, uncalled }
}

/** Asks until the answer is as wanted, and gives it: the server works while it answers. */
export async function until(ask, wanted) {
  for (let tries = 0; ; tries++) {
    const answer = await ask()
    if (wanted(answer)) return answer
    if (tries === 200) throw new Error(`after ${tries} tries it is still ${JSON.stringify(answer)}`)
    await sleep(50)
  }
}
