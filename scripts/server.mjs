// The real binary, for tests in JavaScript that run someone's own client against it.
import { execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'

const binary = resolve(process.env.HOOKTREE ?? fileURLToPath(new URL('../bin/hooktree', import.meta.url)))

/** Starts the binary over a copy of a space, on a free port, with data of its own. `env` is added to its environment. */
export async function serve(space, env = {}) {
  await command('check', space) // with a fault it would start all the same, and do nothing that was asked
  const dir = await mkdtemp(join(tmpdir(), 'hooktree-client-'))
  await cp(space, join(dir, 'space'), { recursive: true })
  const password = randomUUID()
  const data = join(dir, 'data')
  const args = ['serve', '--space', join(dir, 'space'), '--data', data, '--listen', '127.0.0.1:0']
  const running = spawn(binary, args, {
    env: { ...process.env, HOOKTREE_ADMIN_PASSWORD: password, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  process.once('exit', () => running.kill()) // when the tests end before they close it
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
    return { url: await address, password, data, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Runs another command of the binary, and gives what it prints. */
export async function command(...args) {
  try {
    return (await promisify(execFile)(binary, args)).stdout
  } catch (error) {
    throw new Error(`hooktree ${args.join(' ')}:\n${error.stdout}${error.stderr}`, { cause: error })
  }
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
