/** The name of a user, where somebody signs in; the focus begins at the first field of a page. */
export function NameField({
  name,
  set,
  first = false,
}: {
  name: string
  set: (name: string) => void
  first?: boolean
}) {
  return (
    <>
      <label htmlFor="name">Name</label>
      <input
        id="name"
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        maxLength={100}
        // eslint-disable-next-line jsx-a11y/no-autofocus -- such a page has this one purpose
        autoFocus={first}
        value={name}
        onChange={(event) => set(event.target.value)}
      />
    </>
  )
}
