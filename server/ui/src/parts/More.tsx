type Props = {
  query: {
    isPending: boolean
    isFetchNextPageError: boolean
    error: Error | null
    hasNextPage: boolean
    isFetchingNextPage: boolean
    fetchNextPage: () => Promise<unknown>
  }
  /** What is said at the end of a list. */
  end?: string
}

/** The way to the next page of a list. */
export function More({ query, end = '' }: Props) {
  if (query.isPending || (!query.hasNextPage && end === '')) {
    return null
  }
  return (
    <div className="more">
      {query.isFetchNextPageError && <p className="bad">The next rows could not be loaded: {query.error?.message}</p>}
      {query.hasNextPage ? (
        <button type="button" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {query.isFetchingNextPage ? 'Loading…' : 'Load more'}
        </button>
      ) : (
        <p className="quiet">{end}</p>
      )}
    </div>
  )
}
