import type { Messages } from './en'

const rules = new Intl.PluralRules('ar')
/** Arabic has six forms; zero and other share theirs here. */
const count = (n: number, one: string, two: string, few: string, many: string) => {
  switch (rules.select(n)) {
    case 'one':
      return one
    case 'two':
      return two
    case 'few':
      return `${n} ${few}`
    default:
      return `${n} ${many}`
  }
}
const seconds = (n: number) => count(n, 'ثانية واحدة', 'ثانيتين', 'ثوانٍ', 'ثانية')

export const ar: Messages = {
  sandbox: 'بيئة تجريبية: أشخاص وأموال غير حقيقيين',
  word: {
    back: 'رجوع',
    cancel: 'إلغاء',
    close: 'إغلاق',
    change: 'تغيير',
    copy: 'نسخ',
    copied: 'تم النسخ',
    continue: 'متابعة',
    delete: 'إزالة',
    loading: 'جارٍ التحميل',
    more: 'عرض المزيد',
    optional: 'اختياري',
    retry: 'حاول مرة أخرى',
    save: 'حفظ',
    show: 'إظهار',
    hide: 'إخفاء',
    on: 'مفعّل',
    off: 'غير مفعّل',
    never: 'أبدًا',
    sendsAgain: 'جارٍ الإرسال…',
  },
  day: { today: 'اليوم', yesterday: 'أمس' },
  money: { in: 'وارد', out: 'صادر' },
  problem: {
    title: 'هناك مشكلة',
    network: 'تعذّر الوصول إلى البنك. تحقق من اتصالك وحاول مرة أخرى.',
    offline: 'أنت غير متصل. قد تكون البيانات قديمة، ولا يمكن إرسال شيء حتى يعود الاتصال.',
    unavailable: 'البنك مشغول جدًا الآن. حاول بعد قليل.',
    limited: (n) => `محاولات كثيرة. يمكنك المحاولة بعد ${seconds(n)}.`,
    forbidden: 'لا يمكنك القيام بذلك.',
    limit: 'هذا أكثر مما يحوّله البنك دفعة واحدة أو خلال هذه المدة.',
    declined: 'لا ينفّذ البنك هذه الدفعة.',
    checking: 'نحن نتحقق من هذه الدفعة.',
    notFound: 'لم نعثر على ذلك. ربما لا وجود له أو ليس لك.',
    internal: 'حدث خطأ لدينا. لم يتغير شيء.',
    other: 'لم ينجح ذلك.',
    mention: (id) => `عند التواصل معنا اذكر ${id}.`,
    page: 'تعذّر تحميل هذه الصفحة',
  },
  login: {
    title: 'تسجيل الدخول',
    username: 'اسم المستخدم',
    password: 'كلمة المرور',
    submit: 'تسجيل الدخول',
    passkey: 'الدخول بمفتاح مرور',
    new: 'جديد هنا؟',
    signUp: 'افتح حسابًا',
    wrong: 'اسم المستخدم وكلمة المرور غير متطابقين. تحقق منهما وحاول مرة أخرى.',
    disabled: 'هذا الدخول مغلق. تواصل مع البنك.',
    enterUsername: 'أدخل اسم المستخدم',
    enterPassword: 'أدخل كلمة المرور',
    passkeyFailed: 'لم يُستخدم مفتاح المرور. حاول مرة أخرى أو استخدم كلمة المرور.',
    passkeyUnavailable: 'لا يقبل البنك مفاتيح المرور على هذا العنوان.',
    ended: 'سُجّل خروجك لأن الصفحة أُعيد تحميلها أو انتهت جلستك. سجّل الدخول للمتابعة من حيث كنت.',
    or: 'أو',
    tagline: 'بنك تشغّله بنفسك.',
    demo: 'للتجربة: john_doe وكلمة المرور secure_password.',
  },
  factor: {
    title: 'أكّد هويتك',
    code: 'الرمز من تطبيق المصادقة',
    codeHint: '6 أرقام',
    recovery: 'رمز الاسترداد',
    useRecovery: 'استخدم رمز استرداد',
    useCode: 'استخدم تطبيق المصادقة',
    usePasskey: 'استخدم مفتاح مرور',
    submit: 'متابعة',
    wrong: 'الرمز غير صحيح أو سبق استخدامه. انتظر الرمز التالي وحاول مرة أخرى.',
    enter: 'أدخل الرمز',
    restart: 'ابدأ من جديد',
    over: 'استغرق ذلك وقتًا طويلًا. سجّل الدخول مرة أخرى.',
  },
  signUp: {
    title: 'افتح حسابًا',
    usernameHint: 'من 3 إلى 64 حرفًا أو رقمًا أو نقطة أو شرطة.',
    passwordHint: '8 أحرف على الأقل. بضع كلمات متتالية سهلة التذكر وصعبة التخمين.',
    email: 'البريد الإلكتروني',
    emailHint: 'اختياري. فقط لكلمات المرور المنسية والتنبيهات.',
    submit: 'إنشاء الدخول',
    taken: 'اسم المستخدم محجوز. اختر اسمًا آخر.',
    usernameWrong: 'اسم المستخدم من 3 إلى 64 حرفًا أو رقمًا أو نقطة أو شرطة',
    passwordShort: 'اختر كلمة مرور من 8 أحرف على الأقل',
    passwordCommon: 'هذه الكلمة من أول ما يُجرَّب. اختر غيرها.',
    have: 'لديك دخول بالفعل؟',
    emailWrong: 'أدخل عنوانًا مثل name@example.com أو اتركه فارغًا',
  },
  missing: { title: 'لا توجد صفحة كهذه', home: 'إلى الرئيسية' },
}
