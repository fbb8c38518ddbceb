import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Failure } from './Failure'

type Props<T> = { query: UseQueryResult<T>; what: string; children: (data: T) => ReactNode }

/** A page of one thing: the thing, or that it is on its way, or why it is not here. */
export function Page<T>({ query, what, children }: Props<T>) {
  if (query.data !== undefined) {
    return children(query.data)
  }
  if (query.isError) {
    return <Failure error={query.error} what={what} retry={() => query.refetch()} />
  }
  return (
    <div className="loading" role="status">
      <span className="hidden">Loading</span>
      <span />
      <span />
      <span />
    </div>
  )
}

/** A part of a page under its own heading. */
export function Section({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section>
      <div className="section-head">
        <h2>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  )
}
