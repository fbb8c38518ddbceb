import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState, type SyntheticEvent } from 'react'
import { sessionQuery, setUp } from '../api/session'
import { Refusal } from '../parts/Failure'
import { NameField } from '../parts/NameField'
import { useTitle } from './title'

/** As short as the server takes it. */
const shortest = 8

/** Makes the first admin, once, by the link that the server printed. */
export function SetUpPage() {
  useTitle('Set up')
  const { token } = useSearch({ from: '/setup' })
  return (
    <main className="door">
      {token ? (
        <FirstAdmin token={token} />
      ) : (
        <div className="panel">
          <p className="brand">hooktree</p>
          <h1>This setup link is not whole</h1>
          <p>
            The link that the server printed ends with <code>?token=</code> and a secret. Copy all of it.
          </p>
          <p>
            Somebody has set the server up already? <Link to="/sign-in">Sign in</Link>
          </p>
        </div>
      )}
    </main>
  )
}

function FirstAdmin({ token }: { token: string }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [name, setName] = useState('admin')
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const differs = again !== '' && again !== password
  const making = useMutation({
    mutationFn: () => setUp(token, name, password),
    onSuccess: async (session) => {
      client.setQueryData(sessionQuery.queryKey, session)
      await navigate({ to: '/', replace: true })
    },
  })
  const submit = (event: SyntheticEvent) => {
    event.preventDefault()
    if (again === password) {
      making.mutate()
    }
  }
  return (
    <form onSubmit={submit}>
      <p className="brand">hooktree</p>
      <h1>Make the first admin</h1>
      <p className="quiet">The link works once. Further users are made by this admin.</p>
      <NameField name={name} set={setName} />
      <label htmlFor="password">Password</label>
      <input
        id="password"
        type="password"
        autoComplete="new-password"
        required
        minLength={shortest}
        maxLength={256}
        aria-describedby="password-hint"
        // eslint-disable-next-line jsx-a11y/no-autofocus -- the name is filled in already
        autoFocus
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      <p id="password-hint" className="quiet hint">
        At least {shortest} characters. A sentence is better than a puzzle.
      </p>
      <label htmlFor="again">Password again</label>
      <input
        id="again"
        type="password"
        autoComplete="new-password"
        required
        aria-invalid={differs}
        aria-describedby="again-hint"
        value={again}
        onChange={(event) => setAgain(event.target.value)}
      />
      <p id="again-hint" className="bad hint" role="status">
        {differs ? 'The two are not the same.' : ''}
      </p>
      {making.isError && <Refusal error={making.error} />}
      <button type="submit" data-tone="main" disabled={making.isPending || differs}>
        {making.isPending ? 'Working…' : 'Make admin and sign in'}
      </button>
    </form>
  )
}
