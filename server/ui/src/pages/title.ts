import { useEffect } from 'react'

/** Names the page in the browser's tabs and history. */
export function useTitle(...parts: (string | undefined)[]): void {
  const title = [...parts.filter((part) => part !== undefined), 'hooktree'].join(' · ')
  useEffect(() => {
    document.title = title
  }, [title])
}
