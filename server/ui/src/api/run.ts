import { queryOptions } from '@tanstack/react-query'
import { pageOf, type Page } from './page'
import { call, get } from './request'
import type { TaskStatus } from './task'

export const runStatuses = ['Queued', 'Running', 'Waiting', 'Error', 'Complete', 'Cancelled'] as const
export type RunStatus = (typeof runStatuses)[number]

export type TreeName = { source: string; group: string; name: string; title: string }

/** One thing that a run waits for. */
export type Pending = {
  node: string
  place?: string
  status: TaskStatus
  attempt?: number
  max?: number
  dueAt?: string
  reason?: string
}

/** One execution of a tree version. Lists leave out pending, inputs and outputs. */
export type Run = {
  number: number
  id: string
  tree: TreeName
  version: string
  job?: string
  event?: string
  parent?: string
  status: RunStatus
  waitingFor?: string
  pending?: Pending[]
  reason?: string
  inputs?: Record<string, unknown>
  outputs?: unknown
  dedupe?: string
  lane?: string
  createdAt: string
  startedAt?: string
  endedAt?: string
}

/** What the list is narrowed to; several statuses by comma. */
export type RunQuery = { status?: string; group?: string; name?: string; q?: string; from?: string; to?: string }

export async function listRuns(query: RunQuery, cursor?: string, signal?: AbortSignal): Promise<Page<Run>> {
  const told = await get<{ runs: Run[]; next?: string }>('/runs', { ...query, cursor }, signal)
  return pageOf(told.runs, told.next)
}

export const runQuery = (number: number) =>
  queryOptions({
    queryKey: ['run', number],
    queryFn: ({ signal }) => get<Run>(`/runs/${number}`, {}, signal),
  })

export const cancelRun = (number: number, note: string) => call<Run>('POST', `/runs/${number}/cancel`, { note })

/** A run that is over never moves again. */
export const over = (status: RunStatus) => status === 'Complete' || status === 'Cancelled'
