import type { House } from './house'

/** An application outside, which subscribes to events in a dialect of REST hooks. */
export class Application {
  private constructor(
    private readonly house: House,
    private readonly token: string,
  ) {}

  /** Gives an application its credential, as an admin would. */
  static async of(house: House, dialect: string, owner: string): Promise<Application> {
    const asked = { name: owner, role: 'operator', dialect, owner: { id: 7, name: owner } }
    const { secret } = (await house.call('POST', '/tokens', asked)) as { secret: string }
    return new Application(house, secret)
  }

  /** Calls the dialect, wherever it is mounted. */
  async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(this.house.url + path, {
      method,
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${this.token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) {
      throw new Error(`${method} ${path}: ${response.status} ${text}`)
    }
    return text === '' ? undefined : (JSON.parse(text) as unknown)
  }

  /** Subscribes by the standard dialect, to a path of the receiver, and gives the id. */
  async subscribe(path: string, more: Record<string, unknown> = {}): Promise<string> {
    const target = this.house.receiver.url + path
    const hook = { event: 'submission.submitted', target_url: target, ...more }
    const { id } = (await this.call('POST', '/api/v1/hooks', hook)) as { id: string }
    return id
  }
}
