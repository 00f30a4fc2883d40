//! The active currencies of ISO 4217 with their exponents (list one, without funds and metals).

/// A currency by its three letters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

/// The text is not an active currency code of ISO 4217.
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
        EXPONENTS.iter().find(|(_, codes)| codes.split(' ').any(|listed| listed == code)).map(|(exponent, _)| *exponent)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_well_formed() {
        let mut codes: Vec<&str> = EXPONENTS.iter().flat_map(|(_, codes)| codes.split(' ')).collect();
        assert!(codes.iter().all(|code| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase())));
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count);
    }

    #[test]
    fn unknown_codes_are_refused() {
        for code in ["usd", "US", "USDX", "", "XXX", "U D"] {
            assert_eq!(Currency::parse(code), Err(UnknownCurrency), "{code:?}");
        }
    }
}
