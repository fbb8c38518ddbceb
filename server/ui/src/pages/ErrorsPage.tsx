import { listErrors, type DeskError } from '../api/error'
import { useFollowed, type Source } from '../list/useFollowed'
import { DeskErrorView } from '../parts/DeskErrors'
import { Failure } from '../parts/Failure'
import { useTitle } from './title'

/** All that stopped and waits for a decision, the newest first. */
export function ErrorsPage() {
  useTitle('Open errors')
  const { query, rows, unseen, showUnseen } = useFollowed(open)
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
      <div className="unseen" role="status">
        {unseen !== '0' && (
          <button type="button" data-tone="main" onClick={showUnseen}>
            {unseen} new
          </button>
        )}
      </div>
      {rows.map((error) => (
        <DeskErrorView key={error.id} error={error} />
      ))}
      {query.hasNextPage && (
        <div className="more">
          <button type="button" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Load more
          </button>
        </div>
      )}
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
