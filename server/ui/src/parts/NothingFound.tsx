/** A list that is narrowed to nothing. */
export function NothingFound({ what, clear }: { what: string; clear: () => void }) {
  return (
    <div className="empty">
      <h2>No {what} is like that</h2>
      <p>New ones appear here as they come. The search may be a few seconds behind.</p>
      <button type="button" onClick={clear}>
        Clear filters
      </button>
    </div>
  )
}
