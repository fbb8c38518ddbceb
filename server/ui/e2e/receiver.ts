import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The world outside: it answers what trees and webhooks send, when and as the test says. */
export class Receiver {
  private readonly server: Server
  private readonly answers = new Map<string, { status: number; body: unknown }>()
  private readonly held = new Map<string, ServerResponse[]>()
  private readonly confirming = new Set<string>()

  private constructor() {
    this.server = createServer((request, response) => {
      request.resume()
      request.on('end', () => {
        const path = request.url ?? ''
        const secret = request.headers['x-hook-secret']
        if (secret !== undefined && this.confirming.has(path)) {
          response.setHeader('X-Hook-Secret', secret)
        }
        const waiting = this.held.get(path)
        if (waiting) {
          waiting.push(response)
        } else {
          this.answer(path, response)
        }
      })
    })
  }

  static async start(): Promise<Receiver> {
    const receiver = new Receiver()
    await new Promise<void>((resolve) => receiver.server.listen(0, '127.0.0.1', resolve))
    return receiver
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  /** Says what a path answers from now on; without that it is 200 and `{"ok":true}`. */
  set(path: string, status: number, body: unknown): void {
    this.answers.set(path, { status, body })
  }

  /** Confirms subscriptions to a path, as Keap asks of endpoints. */
  confirm(path: string): void {
    this.confirming.add(path)
  }

  /** Lets requests to a path wait until they are released. */
  hold(path: string): void {
    this.held.set(path, [])
  }

  release(path: string): void {
    const waiting = this.held.get(path) ?? []
    this.held.delete(path)
    for (const response of waiting) {
      this.answer(path, response)
    }
  }

  stop(): void {
    this.server.close()
    this.server.closeAllConnections()
  }

  private answer(path: string, response: ServerResponse): void {
    const { status, body } = this.answers.get(path) ?? { status: 200, body: { ok: true } }
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
  }
}
