type Props = { what: string; list: { unseen: string; showUnseen: () => void } }

/** New rows wait here, so that the list does not move under the reader's hand. */
export function Unseen({ what, list }: Props) {
  const show = () => {
    list.showUnseen()
    scrollTo({ top: 0 })
  }
  return (
    <div className="unseen" role="status">
      {list.unseen !== '0' && (
        <button type="button" data-tone="main" onClick={show}>
          {list.unseen} new
          <span className="hidden"> {what}, show them</span>
        </button>
      )}
    </div>
  )
}
