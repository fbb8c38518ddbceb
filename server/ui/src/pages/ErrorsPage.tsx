import { listErrors, type DeskError } from '../api/error'
import { useFollowed, type Source } from '../list/useFollowed'
import { DeskErrorView } from '../parts/DeskErrors'
import { Failure } from '../parts/Failure'
import { More } from '../parts/More'
import { Unseen } from '../parts/Unseen'
import { useTitle } from './title'

/** All that stopped and waits for a decision, the newest first. */
export function ErrorsPage() {
  useTitle('Open errors')
  const list = useFollowed(open)
  const { query, rows } = list
  return (
    <>
      <h1>Open errors</h1>
      {query.isError && rows.length === 0 && (
        <Failure error={query.error} what="The errors" retry={() => query.refetch()} />
      )}
      {query.isSuccess && rows.length === 0 && (
        <div className="empty">
          <h2>Nothing has stopped</h2>
          <p>When a node fails for good, or a condition can't be evaluated, it stands here until somebody decides.</p>
        </div>
      )}
      <Unseen what="errors" list={list} />
      {rows.map((error) => (
        <DeskErrorView key={error.id} error={error} />
      ))}
      <More query={query} />
    </>
  )
}

const open: Source<DeskError> = {
  key: ['errors', 'open'],
  id: (error) => String(error.id),
  list: (cursor, signal) => listErrors({ status: 'Open' }, cursor, signal),
  // A change names the node and not the error; those that were handled meanwhile refuse what is tried.
  one: () => Promise.reject(new Error('errors are not asked for one by one')),
  changed: ({ changes }) => [...changes.values()].flatMap((change) => (change.kind === 'error' ? [change.id] : [])),
}
