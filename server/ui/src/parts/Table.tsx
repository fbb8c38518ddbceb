import type { ReactNode } from 'react'

type Props = {
  /** What the rows are, in the plural: webhook jobs. */
  what: string
  columns: string[]
  /** Whether the heads of the columns are for those alone who do not see them. */
  bare?: boolean
  busy?: boolean
  children: ReactNode
}

/** Rows under their columns; on a narrow screen each row is a block of lines. */
export function Table({ what, columns, bare = false, busy = false, children }: Props) {
  return (
    <table className="list" data-what={what} aria-busy={busy}>
      <thead className={bare ? 'hidden' : undefined}>
        <tr>
          {columns.map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  )
}
