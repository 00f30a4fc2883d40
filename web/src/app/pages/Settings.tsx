import { lazy, Suspense, useState } from 'react'
import { useUser } from '../../api/session'
import { type Language, languages, speak } from '../../i18n'
import { useSpoken } from '../../i18n/inside'
import { Choice } from '../../ui/form'
import { Card, Heading, Skeleton } from '../../ui/parts'

const Preferences = lazy(() => import('../Preferences'))

type Theme = 'system' | 'light' | 'dark'

const keep = (name: string, value: string | undefined) => {
  // A browser that keeps nothing is asked again the next time.
  try {
    if (value) localStorage.setItem(name, value)
    else localStorage.removeItem(name)
  } catch {}
}

const themeNow = (): Theme => {
  const theme = document.documentElement.dataset.theme
  return theme === 'light' || theme === 'dark' ? theme : 'system'
}

export function Settings() {
  const { t, language } = useSpoken()
  const user = useUser()
  const [theme, setTheme] = useState(themeNow)

  const show = (theme: Theme) => {
    const chosen = theme === 'system' ? undefined : theme
    if (chosen) document.documentElement.dataset.theme = chosen
    else delete document.documentElement.dataset.theme
    keep('florin.theme', chosen)
    setTheme(theme)
  }
  const talk = (language: Language) => {
    keep('florin.language', language)
    void speak(language)
  }

  return (
    <div className="stack narrow">
      <Heading>{t.settings.title}</Heading>
      <Card>
        <div className="stack">
          <Choice
            name="language"
            label={t.settings.language}
            value={language}
            options={languages.map(({ code, name }) => ({ value: code, label: name, lang: code }))}
            onChange={talk}
          />
          <Choice
            name="theme"
            label={t.settings.theme}
            value={theme}
            options={(['system', 'light', 'dark'] as const).map((value) => ({ value, label: t.settings[value] }))}
            onChange={show}
          />
          <p className="muted">{t.settings.kept}</p>
        </div>
      </Card>
      <Suspense fallback={<Skeleton rows={3} height={76} />}>
        <Preferences />
      </Suspense>
      <Card title={t.settings.you}>
        <div className="line">
          <div>
            <p className="muted">{t.settings.username}</p>
            <p className="line-title">{user?.username}</p>
          </div>
        </div>
        <div className="line">
          <div>
            <p className="muted">{t.settings.email}</p>
            <p className="line-title">{user?.email ?? t.settings.noEmail}</p>
          </div>
        </div>
      </Card>
    </div>
  )
}
