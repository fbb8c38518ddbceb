/** One fault of a request, with its place: `body/event/type`. */
export type Detail = { location: string; message: string; hint?: string }

/** What the API answers instead of what was asked for (RFC 9457). */
type Problem = { status: number; code: string; detail: string; errors?: Detail[] }

/** A call that did not succeed. Status 0 says that no answer came at all. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly errors: Detail[]

  constructor(problem: Problem) {
    super(problem.detail)
    this.name = 'ApiError'
    this.status = problem.status
    this.code = problem.code
    this.errors = problem.errors ?? []
  }

  /** Whether asking again may help, without anybody changing anything. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500
  }
}

export const api = '/api/v1'

type Query = Record<string, string | number | undefined>

/** Asks the native API. A query's empty members are left out. */
export async function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return (await send(path + search(query), { signal: signal ?? null })) as T
}

/** Tells the native API to do something; a body of nothing is left out. */
export async function call<T>(method: 'POST' | 'DELETE', path: string, body?: unknown): Promise<T> {
  const init: RequestInit =
    body === undefined
      ? { method }
      : { method, body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }
  return (await send(path, init)) as T
}

async function send(path: string, init: RequestInit): Promise<unknown> {
  const response = await reach(path, init)
  if (!response.ok) {
    throw new ApiError(await problemOf(response))
  }
  return response.status === 204 ? undefined : parse(await response.text())
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(api + path, { ...init, credentials: 'same-origin' })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') {
      throw error
    }
    throw new ApiError({
      status: 0,
      code: 'unreachable',
      detail: 'The server does not answer. It may be restarting, or the connection to it is down.',
    })
  }
}

type Reviver = (key: string, value: unknown, context?: { source?: string }) => unknown
const raw = (JSON as { rawJSON?: (text: string) => unknown }).rawJSON

/**
 * Payloads hold numbers that JavaScript can't: ids of twenty digits. They are kept as they were written, where the
 * browser can, because a page that shows other digits than were sent misleads.
 */
export function parse(text: string): unknown {
  const keep: Reviver = (_, value, context) =>
    raw && typeof value === 'number' && !Number.isSafeInteger(value) && context?.source !== undefined
      ? raw(context.source)
      : value
  return JSON.parse(text, keep) as unknown
}

/** A proxy in between may answer with something that is no problem. */
async function problemOf(response: Response): Promise<Problem> {
  if (response.headers.get('Content-Type')?.startsWith('application/problem+json')) {
    return (await response.json()) as Problem
  }
  const detail = `The answer was ${response.status} ${response.statusText}, and not by hooktree itself.`
  return { status: response.status, code: 'foreign', detail }
}

function search(query: Query): string {
  const given = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') {
      given.set(name, String(value))
    }
  }
  const text = given.toString()
  return text === '' ? '' : `?${text}`
}
