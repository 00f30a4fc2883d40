/** Back to the page that its children hang on. */
import { Link } from '@tanstack/react-router'
import { useT } from '../../i18n/inside'
import { Icon } from '../../ui/Icon'
import { buttonClass } from '../../ui/parts'

export function ToSecurity() {
  const t = useT()
  return (
    <div>
      <Link to="/app/security" className={buttonClass('quiet', true)}>
        <Icon name="back" />
        <span>{t.security.title}</span>
      </Link>
    </div>
  )
}
