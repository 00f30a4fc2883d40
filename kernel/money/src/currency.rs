//! The currencies of ISO 4217 with their exponents: the active ones (list one, without funds and metals), and those that
//! are gone (list three), in which histories are kept and nothing new begins.

/// A currency by its three letters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

/// The text is not a currency code of ISO 4217.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a currency code of ISO 4217 such as USD")]
pub struct UnknownCurrency;

impl Currency {
    /// Reads three capital letters.
    ///
    /// # Errors
    /// The code is not on the list.
    pub fn parse(code: &str) -> Result<Self, UnknownCurrency> {
        let letters = <[u8; 3]>::try_from(code.as_bytes()).map_err(|_| UnknownCurrency)?;
        let currency = Self(letters);
        if currency.lookup().is_some() { Ok(currency) } else { Err(UnknownCurrency) }
    }

    /// Whether it is still in use.
    pub fn is_active(self) -> bool {
        exponent_in(EXPONENTS, self.code()).is_some()
    }

    /// The code, `USD`.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("codes are ASCII letters: parse is the only way in")
    }

    /// How many decimals the currency has: 2 for USD, 0 for JPY, 3 for KWD.
    pub fn exponent(self) -> u8 {
        self.lookup().expect("on the list: parse is the only way in")
    }

    fn lookup(self) -> Option<u8> {
        let code = std::str::from_utf8(&self.0).ok()?;
        exponent_in(EXPONENTS, code).or_else(|| exponent_in(HISTORIC_EXPONENTS, code))
    }
}

fn exponent_in(list: &[(u8, &str)], code: &str) -> Option<u8> {
    list.iter().find(|(_, codes)| codes.split(' ').any(|listed| listed == code)).map(|(exponent, _)| *exponent)
}

impl std::fmt::Display for Currency {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.code())
    }
}

impl std::fmt::Debug for Currency {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.code())
    }
}

/// The common case first: most lookups end at once.
const EXPONENTS: &[(u8, &str)] = &[
    (
        2,
        "USD EUR GBP CHF CZK PLN SEK NOK DKK CAD AUD NZD CNY INR BRL MXN ZAR SGD HKD TRY ILS THB MYR PHP IDR AED SAR \
         EGP NGN KES AFN ALL AMD AOA ARS AWG AZN BAM BBD BDT BMD BND BOB BSD BTN BWP BYN BZD CDF COP CRC CUP CVE DOP \
         DZD ERN ETB FJD FKP GEL GHS GIP GMD GTQ GYD HNL HTG HUF IRR JMD KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD \
         MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MZN NAD NIO NPR PAB PEN PGK PKR QAR RON RSD RUB SBD SCR SDG SHP SLE \
         SOS SRD SSP STN SVC SYP SZL TJS TMT TOP TTD TWD TZS UAH UYU UZS VED VES WST XCD XCG YER ZMW ZWG",
    ),
    (0, "JPY KRW VND CLP ISK PYG UGX XAF XOF XPF BIF DJF GNF KMF RWF VUV"),
    (3, "KWD BHD OMR JOD TND IQD LYD"),
    (4, "CLF UYW"),
];

/// List three gives no exponents: they are what the currencies had when they were in use, as the tables of JDK keep them.
const HISTORIC_EXPONENTS: &[(u8, &str)] = &[
    (
        2,
        "HRK BGN CSK DEM FRF ATS NLG IEP FIM EEK LVL LTL SIT SKK CYP MTL ANG SLL VEF ZWL CUC AFA ALK AOK AON AOR ARA ARP \
         ARY AYM AZM BAD BEC BEL BGJ BGK BGL BOP BRB BRC BRE BRN BRR BUK CHC CSD CSJ DDM ECS ESA ESB GEK GHC GHP GNE GNS \
         GQE GWE GWP HRD ILP ILR ISJ LAJ LSM LTT LUC LUL LVR MLF MRO MTP MVQ MXP MZE MZM NIC PEH PEI PES PLZ RHD ROK ROL \
         RUR SDD SDP SRG STD SUR TJR TMM UAK UGS UGW USS UYN UYP VEB VNC YDD YUD YUM YUN ZAL ZMK ZRN ZRZ ZWC ZWD ZWN ZWR",
    ),
    (0, "ADP BEF BYB BYR ESP GRD ITL LUF MGF PTE TPE TRL"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_well_formed() {
        let lists = EXPONENTS.iter().chain(HISTORIC_EXPONENTS);
        let mut codes: Vec<&str> = lists.flat_map(|(_, codes)| codes.split(' ')).collect();
        assert!(codes.iter().all(|code| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase())));
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count);
    }

    #[test]
    fn what_is_gone_is_read_and_known_to_be_gone() {
        for (code, exponent, is_active) in [
            ("HRK", 2, false),
            ("BGN", 2, false),
            ("CSK", 2, false),
            ("ITL", 0, false),
            ("CZK", 2, true),
            ("JPY", 0, true),
        ] {
            let currency = Currency::parse(code).unwrap();
            assert_eq!((currency.exponent(), currency.is_active()), (exponent, is_active), "{code}");
        }
    }

    #[test]
    fn unknown_codes_are_refused() {
        for code in ["usd", "US", "USDX", "", "XXX", "U D"] {
            assert_eq!(Currency::parse(code), Err(UnknownCurrency), "{code:?}");
        }
    }
}
