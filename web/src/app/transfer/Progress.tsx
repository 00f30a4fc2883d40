/** How far one is. */
import { useT } from '../../i18n/inside'

export function Progress({ step }: { step: 1 | 2 }) {
  const t = useT()
  return (
    <>
      <div className="steps" aria-hidden="true">
        <span className="steps-done" />
        <span className={step === 2 ? 'steps-done' : undefined} />
      </div>
      <div>
        <p className="muted">{t.transfer.step(step)}</p>
      </div>
    </>
  )
}
