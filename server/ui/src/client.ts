import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { ApiError } from './api/request'
import { sessionQuery } from './api/session'

/** What passes by itself is asked for twice more before anybody is told. */
const tries = 2

/** Keeps what the API answered, and notices when the session has ended. */
export function newClient(signedOut: () => void): QueryClient {
  const notice = (error: Error) => {
    if (error instanceof ApiError && error.status === 401 && client.getQueryData(sessionQuery.queryKey)) {
      client.setQueryData(sessionQuery.queryKey, null)
      signedOut()
    }
  }
  const client = new QueryClient({
    queryCache: new QueryCache({ onError: notice }),
    mutationCache: new MutationCache({ onError: notice }),
    defaultOptions: {
      queries: { retry: (failures, error) => failures < tries && error instanceof ApiError && error.passing },
    },
  })
  return client
}
