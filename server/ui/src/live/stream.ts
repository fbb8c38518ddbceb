import { api } from '../api/request'
import { emptyBatch, everything, gather, type Batch, type Change } from './batch'

/** Whether what is on the screen follows what happens. */
export type Liveness = 'connecting' | 'live' | 'lost'

const kinds: Change['kind'][] = ['event', 'job', 'run', 'error', 'subscription']

/** Followers hear at most once in this time: pages that change faster can't be read. */
const pause = 1000
/** The first change after a quiet time is told at once, with those that come with it. */
const breath = 60
/** How long to wait before a stream that the browser gave up is opened again. */
const rest = 3000

/**
 * Follows what the server commits, for all pages together: a browser opens few connections to one server.
 * The browser itself connects again after a broken line and names the last change that it saw.
 */
export class Stream {
  private source: EventSource | undefined
  private batch: Batch = emptyBatch
  private told = 0
  private timer: ReturnType<typeof setTimeout> | undefined
  private again: ReturnType<typeof setTimeout> | undefined
  private readonly followers = new Set<(batch: Batch) => void>()
  private readonly watchers = new Set<() => void>()
  liveness: Liveness = 'connecting'

  open(): void {
    const source = new EventSource(`${api}/stream`)
    this.source = source
    source.onopen = () => {
      this.become('live')
      this.note(everything) // a page that was loaded before has not heard of what came in between
    }
    source.addEventListener('reset', () => this.note(everything))
    for (const kind of kinds) {
      source.addEventListener(kind, (event) => this.hear(kind, event))
    }
  }

  close(): void {
    this.source?.close()
    clearTimeout(this.timer)
    clearTimeout(this.again)
    this.timer = undefined
    this.batch = emptyBatch
    this.become('connecting')
  }

  /** Calls back with what has changed, until the returned function is called. */
  follow(follower: (batch: Batch) => void): () => void {
    this.followers.add(follower)
    return () => this.followers.delete(follower)
  }

  /** Calls back when the liveness changes. */
  watch(watcher: () => void): () => void {
    this.watchers.add(watcher)
    return () => this.watchers.delete(watcher)
  }

  /** A broken line is an event called error as well, but one without a message. */
  private hear(kind: Change['kind'], event: Event): void {
    if (event instanceof MessageEvent) {
      this.note(gather(this.batch, { ...(JSON.parse(event.data as string) as Change), kind }))
    } else {
      this.broken()
    }
  }

  private note(batch: Batch): void {
    this.batch = batch
    this.timer ??= setTimeout(() => this.tell(), Math.max(breath, this.told + pause - Date.now()))
  }

  private tell(): void {
    const batch = this.batch
    this.batch = emptyBatch
    this.timer = undefined
    this.told = Date.now()
    for (const follower of this.followers) {
      follower(batch)
    }
  }

  private broken(): void {
    this.become('lost')
    if (this.source?.readyState !== EventSource.CLOSED) {
      return
    }
    clearTimeout(this.again)
    this.again = setTimeout(() => this.open(), rest)
  }

  private become(liveness: Liveness): void {
    if (liveness === this.liveness) {
      return
    }
    this.liveness = liveness
    for (const watcher of this.watchers) {
      watcher()
    }
  }
}
