import type { ReactNode } from 'react'
import type { useFollowed } from '../list/useFollowed'
import { Failure } from './Failure'
import { More } from './More'
import { Table } from './Table'
import { Unseen } from './Unseen'

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
      <Table what={what} columns={columns} busy={query.isPending}>
        {query.isPending ? <Skeleton columns={columns.length} /> : rows.map(row)}
      </Table>
      <More query={query} end={`All ${rows.length} shown.`} />
    </>
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
