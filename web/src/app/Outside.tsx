/** What stands around the pages of somebody who is not logged in. */
import type { ReactNode } from 'react'
import { useT } from '../i18n'
import { Coin } from '../ui/Coin'
import { useIsSandbox } from './config'

export function Outside({ children }: { children: ReactNode }) {
  const t = useT()
  const isSandbox = useIsSandbox()
  return (
    <div className="outside">
      {isSandbox && <aside className="band">{t.sandbox}</aside>}
      <header className="outside-side">
        <span className="brand">
          <Coin size={36} />
          Florin
        </span>
        <Coin size={260} />
        <p>{t.login.tagline}</p>
      </header>
      <main className="outside-main">
        <span className="brand">
          <Coin size={32} />
          Florin
        </span>
        {children}
      </main>
    </div>
  )
}
