/** Recovery codes, shown once. */
import { useT } from '../../i18n/inside'
import { Dialog } from '../../ui/form'
import { Button, Copy } from '../../ui/parts'

export default function RecoveryCodes({ codes, onClose }: { codes: string[]; onClose: () => void }) {
  const t = useT()
  const save = () => {
    const url = URL.createObjectURL(new Blob([`${codes.join('\n')}\n`], { type: 'text/plain' }))
    const link = document.createElement('a')
    link.href = url
    link.download = 'florin-recovery-codes.txt'
    link.click()
    URL.revokeObjectURL(url)
  }
  return (
    <Dialog title={t.security.recoveryTitle}>
      <div className="stack">
        <p>{t.security.recoveryText}</p>
        <ul className="codes" dir="ltr">
          {codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ul>
        <div className="actions">
          <Copy text={codes.join('\n')} what={t.security.recoveryTitle} />
          <Button kind="secondary" small onClick={save}>
            {t.security.download}
          </Button>
        </div>
        <Button onClick={onClose}>{t.security.saved}</Button>
      </div>
    </Dialog>
  )
}
