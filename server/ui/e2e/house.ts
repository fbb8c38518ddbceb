import { test as base, type Page } from '@playwright/test'
import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Receiver } from './receiver'

const binary = resolve(process.env['HOOKTREE'] ?? '../../bin/hooktree')

/** How long a start may take. */
const patience = 15_000

/** The real binary over the space in e2e/space, with data of its own. */
export class House {
  readonly password: string = randomUUID()
  /** What the binary has printed. */
  printed = ''
  private process: ChildProcess | undefined
  /** Where it listens: any free port the first time, and the same from then on. */
  private address = '127.0.0.1:0'

  private constructor(
    private readonly dir: string,
    readonly receiver: Receiver,
  ) {}

  get url(): string {
    return `http://${this.address}`
  }

  static async build(): Promise<House> {
    const receiver = await Receiver.start()
    const dir = await mkdtemp(join(tmpdir(), 'hooktree-e2e-'))
    await cp('e2e/space', join(dir, 'space'), { recursive: true })
    for (const file of await readdir(join(dir, 'space'), { recursive: true })) {
      if (file.endsWith('.yaml')) {
        const path = join(dir, 'space', file)
        await writeFile(path, (await readFile(path, 'utf8')).replaceAll('RECEIVER', receiver.url))
      }
    }
    return new House(dir, receiver)
  }

  /** Starts the binary; without a password it prints the link of the first start. */
  async open(password: 'password' | 'setup link' = 'password'): Promise<void> {
    const { dir, address } = this
    const args = ['serve', '--space', join(dir, 'space'), '--data', join(dir, 'data'), '--listen', address]
    const env: NodeJS.ProcessEnv = { ...process.env, HOOKTREE_SECRET_ORDERS: 'a secret of the tests' }
    delete env['HOOKTREE_ADMIN_PASSWORD']
    if (password === 'password') {
      env['HOOKTREE_ADMIN_PASSWORD'] = this.password
    }
    const started = spawn(binary, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    this.process = started
    this.printed = ''
    for (const stream of [started.stdout, started.stderr]) {
      stream.on('data', (text: Buffer) => (this.printed += text.toString()))
    }
    await this.greeted(password === 'password' ? /^Sign in there/m : /^ {2}http\S+$/m)
    await this.ready()
  }

  /** Sends what happened, and gives the answer. */
  async fire(form: string, values: Record<string, unknown>): Promise<Receipt> {
    const event = { type: 'Submission', action: 'Submitted' }
    const body = { event, kapp: { slug: 'services' }, form: { slug: form }, submission: { id: randomUUID() }, values }
    const told = (await this.call('POST', '/events', body)) as { events: Receipt[] }
    const [receipt] = told.events
    if (!receipt) {
      throw new Error('an event was sent and no receipt came back')
    }
    return receipt
  }

  /** Calls the API as admin. */
  async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        'Content-Type': 'application/json',
        Authorization: `Basic ${Buffer.from(`admin:${this.password}`).toString('base64')}`,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) {
      throw new Error(`${method} ${path}: ${response.status} ${text}`)
    }
    return text === '' ? undefined : (JSON.parse(text) as unknown)
  }

  async signIn(page: Page, name = 'admin', password = this.password): Promise<void> {
    await page.goto(`${this.url}/`)
    await page.getByLabel('Name').fill(name)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }

  /** Ends the binary as a supervisor does. */
  async close(): Promise<void> {
    const running = this.process
    if (running?.exitCode === null && running.signalCode === null) {
      const ended = new Promise((done) => running.once('exit', done))
      running.kill('SIGTERM')
      await ended
    }
  }

  async tearDown(): Promise<void> {
    this.receiver.stop()
    await this.close()
    await rm(this.dir, { recursive: true, force: true })
  }

  /** Reads the address out of what the binary prints before it answers, the last of which the pattern knows. */
  private async greeted(last: RegExp): Promise<void> {
    const late = AbortSignal.timeout(patience)
    while (!late.aborted && this.process?.exitCode === null) {
      const [, address] = /^hooktree serves .* on http:\/\/(\S+)$/m.exec(this.printed) ?? []
      if (address !== undefined && last.test(this.printed)) {
        this.address = address
        return
      }
      await new Promise((next) => setTimeout(next, 20))
    }
    throw new Error(`${binary} did not say where it is; it printed:\n${this.printed}`)
  }

  private async ready(): Promise<void> {
    const late = AbortSignal.timeout(patience)
    while (!late.aborted && this.process?.exitCode === null) {
      const answer = await fetch(`${this.url}/readyz`).catch(() => undefined)
      if (answer?.ok) {
        const { warnings } = (await answer.json()) as { warnings?: string[] }
        if (warnings) {
          throw new Error(`the space in e2e/space is not good:\n${warnings.join('\n')}`)
        }
        return
      }
      await new Promise((next) => setTimeout(next, 20))
    }
    throw new Error(`${binary} did not get ready; it printed:\n${this.printed}`)
  }
}

/** What the sender of an event is told. */
export type Receipt = { id: string; path: string; jobs: { id: string; webhook: string; run?: number }[] }

/** A test in a house of its own, which fails when the browser complained: of a script, or of the page's policy. */
export const test = base.extend<{ house: House; complaints: string[] }>({
  // Playwright reads the names of what a fixture needs from its first argument.
  // eslint-disable-next-line no-empty-pattern
  house: async ({}, use) => {
    const house = await House.build()
    await use(house)
    await house.tearDown()
  },
  complaints: [
    async ({ page }, use) => {
      const complaints: string[] = []
      page.on('pageerror', (error) => complaints.push(error.message))
      page.on('console', (message) => {
        // A refused call stands in the console of every browser; the pages show it themselves.
        if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
          complaints.push(message.text())
        }
      })
      await use(complaints)
      if (complaints.length > 0) {
        throw new Error(`the browser complained:\n${complaints.join('\n')}`)
      }
    },
    { auto: true },
  ],
})

export { expect } from '@playwright/test'
