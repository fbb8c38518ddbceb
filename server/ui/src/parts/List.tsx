import type { ReactNode } from 'react'
import type { useFollowed } from '../list/useFollowed'
import { Failure } from './Failure'

type Props<Row> = {
  /** What the rows are, in the plural: webhook jobs. */
  what: string
  list: ReturnType<typeof useFollowed<Row>>
  columns: string[]
  row: (row: Row) => ReactNode
  empty: ReactNode
}

/** The rows of a list in a table, or why there are none. */
export function List<Row>({ what, list, columns, row, empty }: Props<Row>) {
  const { query, rows } = list
  if (query.isError && rows.length === 0) {
    return <Failure error={query.error} what={`The ${what}`} retry={() => query.refetch()} />
  }
  if (query.isSuccess && rows.length === 0) {
    return empty
  }
  return (
    <>
      <Unseen what={what} list={list} />
      <table className="list" data-what={what} aria-busy={query.isPending}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{query.isPending ? <Skeleton columns={columns.length} /> : rows.map(row)}</tbody>
      </table>
      <More list={list} />
    </>
  )
}

/** New rows wait here, so that the list does not move under the reader's hand. */
function Unseen<Row>({ what, list }: { what: string; list: ReturnType<typeof useFollowed<Row>> }) {
  const show = () => {
    list.showUnseen()
    scrollTo({ top: 0 })
  }
  return (
    <div className="unseen" role="status">
      {list.unseen !== '0' && (
        <button type="button" data-tone="main" onClick={show}>
          {list.unseen} new
          <span className="hidden"> {what}, show them</span>
        </button>
      )}
    </div>
  )
}

function More<Row>({ list: { query, rows } }: { list: ReturnType<typeof useFollowed<Row>> }) {
  if (query.isPending) {
    return null
  }
  return (
    <div className="more">
      {query.isFetchNextPageError && <p className="bad">The next rows could not be loaded: {query.error.message}</p>}
      {query.hasNextPage ? (
        <button type="button" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {query.isFetchingNextPage ? 'Loading…' : 'Load more'}
        </button>
      ) : (
        <p className="quiet">All {rows.length} shown.</p>
      )}
    </div>
  )
}

/** Rows of the right height before there is something to show. */
function Skeleton({ columns }: { columns: number }) {
  return Array.from({ length: 8 }, (_, row) => (
    <tr key={row} className="skeleton" aria-hidden="true">
      {Array.from({ length: columns }, (_, column) => (
        <td key={column}>
          <span />
        </td>
      ))}
    </tr>
  ))
}
