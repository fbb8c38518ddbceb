import { queryOptions } from '@tanstack/react-query'
import { pageOf, type Page } from './page'
import { call, get } from './request'

export const jobStatuses = ['Queued', 'In Progress', 'Complete', 'Failed', 'Held', 'Cancelled'] as const
export type JobStatus = (typeof jobStatuses)[number]

/** Where a webhook goes: a tree by its title, or a URL. */
export type Target = { tree?: string; url?: string }

/** A stored body: its text, or base64 of it where it is no text. */
export type Body = { text: string; encoding?: 'base64'; cut?: boolean }

export type Headers = Record<string, string[]>

/** What was sent, secrets masked by the server; sha256 is of the true bytes. */
export type Sent = { method: string; url: string; headers?: Headers; body?: Body; sha256?: string }

export type Answer = { status: number; headers?: Headers; body?: Body }

export type JobAttempt = {
  number: number
  at: string
  tookMs: number
  status?: number
  error?: string
  run?: number
  response?: Answer
}

/** One firing of one webhook. Lists leave out request, response and attempts. */
export type Job = {
  id: string
  event: string
  type: string
  action: string
  path: string
  kapp?: string
  form?: string
  submission?: string
  webhook: string
  webhookHash?: string
  target: Target
  status: JobStatus
  summary?: string
  /** What its host does that it may have to wait for, in a sentence. */
  waitingFor?: string
  url?: string
  /** The id of the subscription that it is a delivery to. */
  subscription?: string
  /** The job whose delivery took this one along; that one has the request and the answer. */
  batch?: string
  request?: Sent
  response?: Answer
  attempts?: JobAttempt[]
  retryCount: number
  run?: number
  scheduledAt?: string
  createdAt: string
  updatedAt?: string
  endedAt?: string
}

/** What the list is narrowed to; several statuses by comma. */
export type JobQuery = {
  status?: string
  subscription?: string
  webhook?: string
  kapp?: string
  form?: string
  q?: string
  from?: string
  to?: string
}

export async function listJobs(
  query: JobQuery & { limit?: number },
  cursor?: string,
  signal?: AbortSignal,
): Promise<Page<Job>> {
  const told = await get<{ jobs: Job[]; next?: string }>('/jobs', { ...query, cursor }, signal)
  return pageOf(told.jobs, told.next)
}

export const jobQuery = (id: string) =>
  queryOptions({
    queryKey: ['job', id],
    queryFn: ({ signal }) => get<Job>(`/jobs/${encodeURIComponent(id)}`, {}, signal),
  })

export const retryJob = (id: string, note: string) =>
  call<Job>('POST', `/jobs/${encodeURIComponent(id)}/retry`, { note })
export const cancelJob = (id: string, note: string) =>
  call<Job>('POST', `/jobs/${encodeURIComponent(id)}/cancel`, { note })

/** A job that rests moves no more, unless an operator retries it. */
export const rests = (status: JobStatus) => status !== 'Queued' && status !== 'In Progress'
