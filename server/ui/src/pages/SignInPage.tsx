import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter, useSearch } from '@tanstack/react-router'
import { useState, type SyntheticEvent } from 'react'
import { ApiError } from '../api/request'
import { sessionQuery, signIn } from '../api/session'
import { Refusal } from '../parts/Failure'
import { NameField } from '../parts/NameField'
import { useTitle } from './title'

/** Asks who somebody is, and sends them where they were going. */
export function SignInPage() {
  useTitle('Sign in')
  const { then } = useSearch({ from: '/sign-in' })
  const client = useQueryClient()
  const router = useRouter()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const entry = useMutation({
    mutationFn: () => signIn(name, password),
    onSuccess: (session) => {
      client.setQueryData(sessionQuery.queryKey, session)
      router.history.replace(then ?? '/')
    },
  })
  const submit = (event: SyntheticEvent) => {
    event.preventDefault()
    entry.mutate()
  }
  return (
    <main className="door">
      <form onSubmit={submit}>
        <p className="brand">hooktree</p>
        <h1>Sign in</h1>
        <NameField name={name} set={setName} first />
        <label htmlFor="password">Password</label>
        <input
          id="password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        {entry.isError && <Refusal error={told(entry.error)} />}
        <button type="submit" data-tone="main" disabled={entry.isPending}>
          {entry.isPending ? 'Signing in…' : 'Sign in'}
        </button>
        <p className="quiet">
          Nobody has signed in here before? The server printed a setup link when it started, or was given the password
          of <code>admin</code> in <code>HOOKTREE_ADMIN_PASSWORD</code>.
        </p>
      </form>
    </main>
  )
}

/** The API says no more of a wrong name or password than that nobody is signed in. */
const told = (error: unknown) =>
  error instanceof ApiError && error.status === 401 ? new Error('The name or the password is wrong.') : error
