import { queryOptions } from '@tanstack/react-query'
import { pageOf, type Page } from './page'
import { call, get } from './request'
import type { TreeName } from './run'
import type { Failure } from './task'

export type Action = 'retry' | 'skip' | 'continue' | 'cancel' | 'leave'

/** An entry of the error desk: a stopped place, and what may be done about it. */
export type DeskError = {
  id: number
  status: 'Open' | 'Handled'
  run?: number
  tree?: TreeName
  event?: string
  webhook?: string
  node?: string
  place?: string
  connector?: string
  kind: 'handler' | 'parameter' | 'connector' | 'routine' | 'limit' | 'verdict' | 'application' | 'loop'
  error: Failure
  actions: Action[]
  action?: Action
  note?: string
  by?: string
  createdAt: string
  updatedAt?: string
}

export type ErrorQuery = { status?: 'Open' | 'Handled'; run?: number }

export async function listErrors(query: ErrorQuery, cursor?: string, signal?: AbortSignal): Promise<Page<DeskError>> {
  const told = await get<{ errors: DeskError[]; next?: string }>('/errors', { ...query, cursor }, signal)
  return pageOf(told.errors, told.next)
}

/** All that went wrong in one run and what was done about it. */
export const runErrorsQuery = (run: number) =>
  queryOptions({
    queryKey: ['errors', 'run', run],
    queryFn: ({ signal }) => listErrors({ run }, undefined, signal),
  })

export type Resolution = { ids: number[]; action: Action; note: string; results?: unknown }
export type Resolved = { resolved: number[]; refused: { id: number; reason: string }[] }

export const resolveErrors = (resolution: Resolution) => call<Resolved>('POST', '/errors/resolve', resolution)
