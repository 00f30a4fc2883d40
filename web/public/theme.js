// Before anything is painted: appearance and language, all that is kept of a person in this browser.
;(() => {
  const root = document.documentElement
  const kept = (name) => {
    try {
      return localStorage.getItem(name)
    } catch {
      return null
    }
  }
  const theme = kept('florin.theme')
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme
  const asked = [kept('florin.language'), ...navigator.languages].map((tag) => (tag || '').slice(0, 2).toLowerCase())
  const language = asked.find((tag) => tag === 'en' || tag === 'de' || tag === 'ar') || 'en'
  root.lang = language
  root.dir = language === 'ar' ? 'rtl' : 'ltr'
})()
